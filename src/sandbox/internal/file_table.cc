#include "sandbox/internal/file_table.h"

#include "base/control.h"
#include "sandbox/internal/file_rights.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

// The table itself, and the functions that take a descriptor and move no bytes.

namespace caisson::sandbox {

namespace {

constexpr wasi::Fd kFirst = 3;  ///< 0, 1 and 2 are the standard streams, which are somebody else's
constexpr wasi::FdFlags kSyncFlags = wasi::kFdFlagDsync | wasi::kFdFlagRsync | wasi::kFdFlagSync;

}  // namespace

FileTable::FileTable(Options options)
    : options_(std::move(options)), budget_(options_.limits), identity_(options_.identity_key) {}

Result<std::unique_ptr<FileTable>> FileTable::create(Options options) {
  std::unique_ptr<FileTable> table(new FileTable(std::move(options)));
  const auto directories = table->options_.directories;
  if (directories.size() > table->budget_.open_files) {
    return Error{Category::kResourceExhausted, "sandbox.file_limit",
                 fmt::format("{} directories are granted and {} files may be open; raise the limit `files`",
                             directories.size(), table->budget_.open_files)};
  }
  for (const DirectoryGrant& policy : directories) {
    CAISSON_TRY(Beneath beneath, Beneath::open_grant(policy, table->options_.openat2));
    const bool writes = policy.access == Access::kWrite || !base::holds(base::Control::kFileRights);
    const wasi::Rights withheld = writes ? 0 : kWritingRights;
    base::Descriptor root = beneath.take_root();
    const auto& grant = table->grants_.emplace_back(std::make_unique<Grant>(Grant{&policy, std::move(beneath)}));
    table->add({.fd = std::move(root),
                .grant = grant.get(),
                .preopened = true,
                .type = wasi::Filetype::kDirectory,
                .base = kDirectoryRights & ~withheld,
                .inheriting = (kDirectoryRights | kFileRights) & ~withheld});
  }
  return table;
}

FileTable::Descriptor* FileTable::find(Fd fd) noexcept {
  return fd >= kFirst && fd - kFirst < descriptors_.size() ? descriptors_[fd - kFirst].get() : nullptr;
}

wasi::Fd FileTable::lowest_free() const noexcept {
  const auto free = std::ranges::find_if(descriptors_, [](const auto& descriptor) { return descriptor == nullptr; });
  return kFirst + static_cast<Fd>(free - descriptors_.begin());
}

wasi::Fd FileTable::add(Descriptor descriptor) {
  const Fd fd = lowest_free();
  auto owned = std::make_unique<Descriptor>(std::move(descriptor));
  if (fd - kFirst == descriptors_.size()) {
    descriptors_.push_back(std::move(owned));
  } else {
    descriptors_[fd - kFirst] = std::move(owned);
  }
  ++budget_.open;
  return fd;
}

wasi::Errno FileTable::refuse(std::string_view operation, const Descriptor& where, std::string_view path,
                              FileRefusalReason reason, Errno error, std::uint64_t limit) {
  options_.on_refusal({.operation = operation,
                       .path = path,
                       .directory = where.grant->policy->guest,
                       .reason = reason,
                       .limit = limit});
  return error;
}

wasi::Errno FileTable::require(std::string_view operation, const Descriptor& descriptor, wasi::Rights held,
                               wasi::Rights wanted, std::string_view path) {
  const wasi::Rights missing = wanted & ~held;
  if (missing == 0) {
    return Errno::kSuccess;
  }
  // What a guest gave up, or never asked for, is between it and itself; what its grant withholds is the policy.
  if (descriptor.grant->policy->access != Access::kWrite && (missing & kWritingRights) != 0) {
    return refuse(operation, descriptor, path, FileRefusalReason::kReadOnly, Errno::kNotcapable);
  }
  return Errno::kNotcapable;
}

wasi::OrErrno<FileTable::Descriptor*> FileTable::any(std::string_view operation, Fd fd, wasi::Rights right) {
  Descriptor* const descriptor = find(fd);
  if (descriptor == nullptr) {
    return Errno::kBadf;
  }
  if (const Errno error = require(operation, *descriptor, descriptor->base, right); error != Errno::kSuccess) {
    return error;
  }
  return descriptor;
}

wasi::OrErrno<FileTable::Descriptor*> FileTable::file(std::string_view operation, Fd fd, wasi::Rights rights) {
  if (const Descriptor* const descriptor = find(fd);
      descriptor != nullptr && descriptor->type == wasi::Filetype::kDirectory) {
    return Errno::kIsdir;
  }
  return any(operation, fd, rights);
}

wasi::OrErrno<FileTable::Descriptor*> FileTable::directory(std::string_view operation, Fd fd, wasi::Rights right,
                                                           std::string_view path) {
  Descriptor* const descriptor = find(fd);
  if (descriptor == nullptr) {
    return Errno::kBadf;
  }
  if (descriptor->type != wasi::Filetype::kDirectory) {
    return Errno::kNotdir;
  }
  if (const Errno error = require(operation, *descriptor, descriptor->base, right, path); error != Errno::kSuccess) {
    return error;
  }
  return descriptor;
}

std::chrono::nanoseconds FileTable::wait_for_rate() const noexcept {
  const auto now = options_.environment->now();
  return std::max(budget_.read.wait(now), budget_.write.wait(now));
}

wasi::Errno FileTable::fd_close(Fd fd) {
  if (find(fd) == nullptr) {
    return Errno::kBadf;
  }
  descriptors_[fd - kFirst] = nullptr;
  --budget_.open;
  return Errno::kSuccess;
}

wasi::Errno FileTable::fd_renumber(Fd from, Fd to) {
  if (from < kFirst || to < kFirst) {
    return Errno::kNotsup;
  }
  if (find(from) == nullptr || find(to) == nullptr) {
    return Errno::kBadf;
  }
  if (from != to) {
    descriptors_[to - kFirst] = std::move(descriptors_[from - kFirst]);
    --budget_.open;
  }
  return Errno::kSuccess;
}

wasi::OrErrno<wasi::Prestat> FileTable::fd_prestat_get(Fd fd) {
  const Descriptor* const descriptor = find(fd);
  if (descriptor == nullptr || !descriptor->preopened) {
    return Errno::kBadf;
  }
  return wasi::Prestat{.name_size = static_cast<std::uint32_t>(descriptor->grant->policy->guest.size())};
}

wasi::Errno FileTable::fd_prestat_dir_name(Fd fd, std::span<std::byte> name) {
  const Descriptor* const descriptor = find(fd);
  if (descriptor == nullptr || !descriptor->preopened) {
    return Errno::kBadf;
  }
  const std::string& guest = descriptor->grant->policy->guest;
  if (name.size() < guest.size()) {
    return Errno::kNametoolong;
  }
  std::memcpy(name.data(), guest.data(), guest.size());
  return Errno::kSuccess;
}

wasi::OrErrno<wasi::Fdstat> FileTable::fd_fdstat_get(Fd fd) {
  const Descriptor* const descriptor = find(fd);
  if (descriptor == nullptr) {
    return Errno::kBadf;
  }
  return wasi::Fdstat{.filetype = descriptor->type,
                      .flags = descriptor->flags,
                      .rights_base = descriptor->base,
                      .rights_inheriting = descriptor->inheriting};
}

wasi::Errno FileTable::fd_fdstat_set_flags(Fd fd, wasi::FdFlags flags) {
  const auto descriptor = any("fd_fdstat_set_flags", fd, wasi::kFdFdstatSetFlags);
  if (!descriptor) {
    return descriptor.error();
  }
  Descriptor& d = **descriptor;
  if ((flags & ~wasi::kFdFlagsAll) != 0) {
    return Errno::kInval;
  }
  // The kernel cannot change how an open file is synchronized either.
  if (((flags ^ d.flags) & kSyncFlags) != 0) {
    return Errno::kNotsup;
  }
  d.flags = flags;
  return Errno::kSuccess;
}

wasi::Errno FileTable::fd_fdstat_set_rights(Fd fd, wasi::Rights base, wasi::Rights inheriting) {
  Descriptor* const descriptor = find(fd);
  if (descriptor == nullptr) {
    return Errno::kBadf;
  }
  if ((base & ~descriptor->base) != 0 || (inheriting & ~descriptor->inheriting) != 0) {
    return Errno::kNotcapable;
  }
  descriptor->base = base;
  descriptor->inheriting = inheriting;
  return Errno::kSuccess;
}

wasi::OrErrno<wasi::Filestat> FileTable::fd_filestat_get(Fd fd) {
  const auto descriptor = any("fd_filestat_get", fd, wasi::kFdFilestatGet);
  if (!descriptor) {
    return descriptor.error();
  }
  struct stat status{};
  if (::fstat((*descriptor)->fd.get(), &status) != 0) {
    return wasi::errno_from_host(errno);
  }
  return filestat_from(status, identity_, options_.times);
}

wasi::Errno FileTable::fd_filestat_set_times(Fd fd, std::uint64_t atim, std::uint64_t mtim, wasi::FstFlags flags) {
  const auto descriptor = any("fd_filestat_set_times", fd, wasi::kFdFilestatSetTimes);
  if (!descriptor) {
    return descriptor.error();
  }
  const auto times = times_from(atim, mtim, flags);
  if (!times) {
    return times.error();
  }
  return ::utimensat((*descriptor)->fd.get(), "", times->data(), AT_EMPTY_PATH) == 0 ? Errno::kSuccess
                                                                                     : wasi::errno_from_host(errno);
}

wasi::OrErrno<base::Descriptor> FileTable::reopen_directory(const Descriptor& descriptor) const {
  auto opened = descriptor.grant->beneath.open(descriptor.fd.get(), ".", O_RDONLY | O_DIRECTORY);
  if (!opened.fd) {
    return opened.error;
  }
  return std::move(opened.fd);
}

wasi::OrErrno<std::size_t> FileTable::fd_readdir(Fd fd, std::span<std::byte> out, std::uint64_t cookie) {
  const auto found = directory("fd_readdir", fd, wasi::kFdReaddir, {});
  if (!found) {
    return found.error();
  }
  Descriptor& descriptor = **found;
  if (descriptor.stream == nullptr) {
    auto listing = reopen_directory(descriptor);
    if (!listing) {
      return listing.error();
    }
    descriptor.stream = std::make_unique<DirectoryStream>(*std::move(listing));
  }
  return descriptor.stream->read(out, cookie, identity_);
}

wasi::Errno FileTable::sync(std::string_view operation, Fd fd, wasi::Rights right, int (*how)(int)) {
  const auto descriptor = any(operation, fd, right);
  if (!descriptor) {
    return descriptor.error();
  }
  base::Descriptor listing;
  int host = (*descriptor)->fd.get();
  if ((*descriptor)->type == wasi::Filetype::kDirectory) {
    auto opened = reopen_directory(**descriptor);
    if (!opened) {
      return opened.error();
    }
    listing = *std::move(opened);
    host = listing.get();
  }
  return how(host) == 0 ? Errno::kSuccess : wasi::errno_from_host(errno);
}

wasi::Errno FileTable::fd_sync(Fd fd) { return sync("fd_sync", fd, wasi::kFdSync, &::fsync); }

wasi::Errno FileTable::fd_datasync(Fd fd) { return sync("fd_datasync", fd, wasi::kFdDatasync, &::fdatasync); }

}  // namespace caisson::sandbox
