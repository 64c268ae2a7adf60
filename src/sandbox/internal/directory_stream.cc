#include "sandbox/internal/directory_stream.h"

#include "base/unicode.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace caisson::sandbox {

namespace {

/// A record of getdents64: the fixed part, then the name with a NUL, padded.
struct Record {
  std::uint64_t inode;
  std::int64_t next;
  std::uint16_t size;
  unsigned char type;
};
constexpr std::size_t kNameAt = offsetof(dirent64, d_name);

}  // namespace

wasi::Errno DirectoryStream::seek(std::uint64_t cookie) {
  // A listing that goes on where it stopped stays where the kernel is; the beginning is always looked at anew.
  if (cookie == cookie_ && cookie != 0) {
    return wasi::Errno::kSuccess;
  }
  if (cookie > INT64_MAX) {
    return wasi::Errno::kInval;
  }
  if (::lseek(listing_.get(), static_cast<off_t>(cookie), SEEK_SET) < 0) {
    return wasi::errno_from_host(errno);
  }
  size_ = 0;
  at_ = 0;
  cookie_ = cookie;
  return wasi::Errno::kSuccess;
}

wasi::Errno DirectoryStream::refill() {
  const long got = ::syscall(SYS_getdents64, listing_.get(), entries_.data(), entries_.size());
  if (got < 0) {
    // A directory that was removed meanwhile has no entries.
    return errno == ENOENT ? wasi::Errno::kNoent : wasi::errno_from_host(errno);
  }
  size_ = static_cast<std::size_t>(got);
  at_ = 0;
  return got == 0 ? wasi::Errno::kNoent : wasi::Errno::kSuccess;
}

wasi::OrErrno<std::size_t> DirectoryStream::read(std::span<std::byte> out, std::uint64_t cookie,
                                                 const FileIdentity& identity) {
  if (const wasi::Errno error = seek(cookie); error != wasi::Errno::kSuccess) {
    return error;
  }
  struct stat self{};
  if (::fstat(listing_.get(), &self) != 0) {
    return wasi::errno_from_host(errno);
  }
  std::size_t used = 0;
  while (used < out.size()) {
    if (at_ >= size_) {
      const wasi::Errno error = refill();
      if (error == wasi::Errno::kNoent) {
        break;
      }
      if (error != wasi::Errno::kSuccess) {
        return error;
      }
    }
    Record record{};
    const char* const entry = entries_.data() + at_;
    std::memcpy(&record.inode, entry, sizeof record.inode);
    std::memcpy(&record.next, entry + offsetof(dirent64, d_off), sizeof record.next);
    std::memcpy(&record.size, entry + offsetof(dirent64, d_reclen), sizeof record.size);
    std::memcpy(&record.type, entry + offsetof(dirent64, d_type), sizeof record.type);
    const std::string_view name(entry + kNameAt, ::strnlen(entry + kNameAt, record.size - kNameAt));

    if (base::is_utf8(name)) {
      const bool above = name == "..";
      wasi::Filetype type = filetype_from_entry(record.type);
      if (record.type == DT_UNKNOWN) {
        // One name, not followed; NUL-terminated where it stands.
        struct stat status{};
        type = ::fstatat(listing_.get(), entry + kNameAt, &status, AT_SYMLINK_NOFOLLOW) == 0
                   ? filetype_from_mode(status.st_mode)
                   : wasi::Filetype::kUnknown;
      }
      wasi::EncodedDirent head;
      wasi::encode(wasi::Dirent{.next = static_cast<std::uint64_t>(record.next),
                                .ino = identity.inode(above ? self.st_ino : record.inode),
                                .name_size = static_cast<std::uint32_t>(name.size()),
                                .type = type},
                   head);
      const std::size_t head_part = std::min(head.size(), out.size() - used);
      std::copy_n(head.begin(), head_part, out.begin() + static_cast<std::ptrdiff_t>(used));
      used += head_part;
      const std::size_t name_part = std::min(name.size(), out.size() - used);
      std::memcpy(out.data() + used, name.data(), name_part);
      used += name_part;
      if (head_part < head.size() || name_part < name.size()) {
        return used;  // the guest asks for this entry again, with more room or by the cookie it knows
      }
    }
    at_ += record.size;
    cookie_ = static_cast<std::uint64_t>(record.next);
  }
  return used;
}

}  // namespace caisson::sandbox
