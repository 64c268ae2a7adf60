#pragma once

#include "base/testing/fake_environment.h"
#include "base/testing/temporary_folder.h"
#include "sandbox/internal/file_rights.h"
#include "sandbox/internal/file_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::sandbox::wasi {

inline void PrintTo(Errno code, std::ostream* out) { *out << to_string(code); }

}  // namespace caisson::sandbox::wasi

namespace caisson::sandbox {

/// Two directories on the real machine, one granted for writing (descriptor 3, `/data`) and one for reading
/// (descriptor 4, `/input`), and a secret beside them that no grant names.
class FileTableTest : public testing::Test {
 protected:
  using Errno = wasi::Errno;
  using Fd = wasi::Fd;
  static constexpr Fd kData = 3;
  static constexpr Fd kInput = 4;
  static constexpr std::string_view kSecret = "nobody granted this";
  static constexpr wasi::Rights kAll = ~wasi::Rights{0};

  FileTableTest() {
    for (const char* name : {"data", "input", "outside"}) {
      std::filesystem::create_directory(folder_ / name);
    }
    put("outside/secret", kSecret);
    put("input/file", "read me");
    put("data/file", "write me");
    grants_ = {{.host = host("data"), .guest = "/data", .access = Access::kWrite},
               {.host = host("input"), .guest = "/input", .access = Access::kRead}};
  }

  /// The call begins: with what grants_ and limits_ are by then.
  FileTable& table() {
    if (table_ == nullptr) {
      table_ = make().value();
    }
    return *table_;
  }
  Result<std::unique_ptr<FileTable>> make() {
    return FileTable::create({.directories = grants_,
                              .limits = limits_,
                              .environment = &environment_,
                              .on_refusal =
                                  [this](const FileRefusal& refusal) {
                                    reasons_.push_back(refusal.reason);
                                    last_refusal_ = describe(refusal);
                                  },
                              .identity_key = {42},
                              .times = times_,
                              .openat2 = openat2_});
  }
  void allow_links() {
    for (DirectoryGrant& grant : grants_) {
      grant.links = true;
    }
  }

  // What is on the host.
  std::string host(std::string_view name) const { return folder_.path().native() + "/" + std::string(name); }
  void put(std::string_view name, std::string_view bytes) const { std::ofstream(host(name)) << bytes; }
  std::string get(std::string_view name) const {
    std::ostringstream bytes;
    bytes << std::ifstream(host(name)).rdbuf();
    return bytes.str();
  }
  bool exists(std::string_view name) const {
    return std::filesystem::exists(std::filesystem::symlink_status(host(name)));
  }
  void link(std::string_view target, std::string_view name) const {
    std::filesystem::create_symlink(target, host(name));
  }

  // Short forms of what a guest does.
  wasi::OrErrno<Fd> open(Fd fd, std::string_view path, wasi::Rights rights = wasi::kFdRead | wasi::kFdSeek,
                         wasi::OFlags oflags = 0, wasi::FdFlags fdflags = 0,
                         wasi::LookupFlags lookup = wasi::kLookupSymlinkFollow) {
    return table().path_open(fd, lookup, path, oflags, rights, kAll, fdflags);
  }
  /// What opening it says, with nothing left open.
  Errno try_open(Fd fd, std::string_view path, wasi::Rights rights = wasi::kFdRead, wasi::OFlags oflags = 0,
                 wasi::LookupFlags lookup = wasi::kLookupSymlinkFollow) {
    const auto opened = open(fd, path, rights, oflags, 0, lookup);
    return opened ? table().fd_close(*opened) : opened.error();
  }
  wasi::OrErrno<std::size_t> write(Fd fd, std::string_view bytes) {
    const std::array<std::span<const std::byte>, 1> buffers = {std::as_bytes(std::span(bytes))};
    return table().fd_write(fd, buffers);
  }
  wasi::OrErrno<std::size_t> write_at(Fd fd, std::string_view bytes, std::uint64_t offset) {
    const std::array<std::span<const std::byte>, 1> buffers = {std::as_bytes(std::span(bytes))};
    return table().fd_pwrite(fd, buffers, offset);
  }
  wasi::OrErrno<std::string> read(Fd fd, std::size_t size = 4096) {
    std::string bytes(size, '\0');
    const std::array<std::span<std::byte>, 1> buffers = {std::as_writable_bytes(std::span(bytes))};
    return cut(table().fd_read(fd, buffers), bytes);
  }
  wasi::OrErrno<std::string> read_at(Fd fd, std::uint64_t offset, std::size_t size = 4096) {
    std::string bytes(size, '\0');
    const std::array<std::span<std::byte>, 1> buffers = {std::as_writable_bytes(std::span(bytes))};
    return cut(table().fd_pread(fd, buffers, offset), bytes);
  }

  struct Entry {
    std::string name;
    wasi::Filetype type;
    std::uint64_t ino;
    std::uint64_t next;
  };
  /// One fd_readdir: the entries that fit whole, and how many bytes were filled.
  std::pair<std::vector<Entry>, std::size_t> list_part(Fd fd, std::uint64_t cookie, std::size_t room) {
    std::vector<std::byte> buffer(room);
    const auto used = table().fd_readdir(fd, buffer, cookie);
    EXPECT_TRUE(used) << wasi::to_string(used.error());
    std::vector<Entry> entries;
    std::size_t at = 0;
    while (at + wasi::kDirentSize <= *used) {
      const auto number = [&](std::size_t offset, std::size_t size) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i) {
          value |= static_cast<std::uint64_t>(buffer[at + offset + i]) << (8 * i);
        }
        return value;
      };
      const auto size = static_cast<std::size_t>(number(16, 4));
      if (at + wasi::kDirentSize + size > *used) {
        break;
      }
      const auto* const name = reinterpret_cast<const char*>(buffer.data() + at + wasi::kDirentSize);
      entries.push_back(
          {std::string(name, size), static_cast<wasi::Filetype>(number(20, 1)), number(8, 8), number(0, 8)});
      at += wasi::kDirentSize + size;
    }
    return {entries, *used};
  }
  /// The whole listing, through a buffer of `room` bytes.
  std::vector<Entry> list(Fd fd, std::size_t room = 512) {
    std::vector<Entry> all;
    std::uint64_t cookie = 0;
    while (true) {
      auto [part, used] = list_part(fd, cookie, room);
      all.insert(all.end(), part.begin(), part.end());
      if (used < room || part.empty()) {
        return all;
      }
      cookie = part.back().next;
    }
  }
  std::vector<std::string> names(Fd fd, std::size_t room = 512) {
    std::vector<std::string> result;
    for (const Entry& entry : list(fd, room)) {
      result.push_back(entry.name);
    }
    std::ranges::sort(result);
    return result;
  }
  bool refused(FileRefusalReason reason) const { return std::ranges::count(reasons_, reason) > 0; }

  base::TemporaryFolder folder_;
  base::FakeEnvironment environment_;
  std::vector<DirectoryGrant> grants_;
  Limits limits_;
  FileTimes times_;
  Openat2 openat2_ = nullptr;
  std::vector<FileRefusalReason> reasons_;
  std::string last_refusal_;

 private:
  static wasi::OrErrno<std::string> cut(const wasi::OrErrno<std::size_t>& size, std::string& bytes) {
    if (!size) {
      return size.error();
    }
    bytes.resize(*size);
    return std::move(bytes);
  }
  std::unique_ptr<FileTable> table_;
};

}  // namespace caisson::sandbox
