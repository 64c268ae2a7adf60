#include "sandbox/internal/file_table.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

// The functions that move bytes, or decide how many a file has.

namespace caisson::sandbox {

namespace {

/// Buffers that one operation uses; the rest waits for the next, as any short read or write does.
constexpr std::size_t kMostBuffers = 64;
constexpr std::uint64_t kLargestOffset = std::numeric_limits<off_t>::max();

struct Vectors {
  std::array<iovec, kMostBuffers> entries;
  int count = 0;
};

template <typename Buffers>
std::uint64_t total(Buffers buffers) noexcept {
  std::uint64_t bytes = 0;
  for (const auto& buffer : buffers.first(std::min(buffers.size(), kMostBuffers))) {
    bytes += buffer.size();
  }
  return bytes;
}

/// The first `limit` bytes of the buffers, for the kernel.
template <typename Buffers>
Vectors vectors(Buffers buffers, std::uint64_t limit) noexcept {
  Vectors result;
  for (const auto& buffer : buffers.first(std::min(buffers.size(), kMostBuffers))) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), limit));
    if (size > 0) {
      // The kernel only reads from those of a write.
      result.entries[static_cast<std::size_t>(result.count++)] = {
          .iov_base = const_cast<std::byte*>(static_cast<const std::byte*>(buffer.data())), .iov_len = size};
      limit -= size;
    }
  }
  return result;
}

}  // namespace

wasi::OrErrno<std::size_t> FileTable::read(std::string_view operation, const Descriptor& from, ReadBuffers buffers,
                                           std::optional<std::uint64_t> offset) {
  if (offset.value_or(0) > kLargestOffset) {
    return Errno::kInval;
  }
  const std::uint64_t wanted = total(buffers);
  const std::uint64_t allowed = budget_.read.allowed(wanted);
  if (allowed == 0 && wanted > 0) {
    return refuse(operation, from, {}, FileRefusalReason::kReadBytes, Errno::kDquot, budget_.read.total());
  }
  const Vectors into = vectors(buffers, allowed);
  const ssize_t got = offset ? ::preadv(from.fd.get(), into.entries.data(), into.count, static_cast<off_t>(*offset))
                             : ::readv(from.fd.get(), into.entries.data(), into.count);
  if (got < 0) {
    return wasi::errno_from_host(errno);
  }
  budget_.read.spend(static_cast<std::uint64_t>(got), options_.environment->now());
  return static_cast<std::size_t>(got);
}

wasi::OrErrno<std::size_t> FileTable::write(std::string_view operation, const Descriptor& to, WriteBuffers buffers,
                                            std::optional<std::uint64_t> offset) {
  if (offset.value_or(0) > kLargestOffset) {
    return Errno::kInval;
  }
  const std::uint64_t wanted = total(buffers);
  if (wanted == 0) {
    return std::size_t{0};
  }
  std::uint64_t allowed = budget_.write.allowed(wanted);
  if (allowed == 0) {
    return refuse(operation, to, {}, FileRefusalReason::kWriteBytes, Errno::kDquot, budget_.write.total());
  }
  const bool append = !offset && (to.flags & wasi::kFdFlagAppend) != 0;
  struct stat status{};
  if (::fstat(to.fd.get(), &status) != 0) {
    return wasi::errno_from_host(errno);
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  std::uint64_t at = append ? size : offset.value_or(0);
  if (!append && !offset) {
    const off_t position = ::lseek(to.fd.get(), 0, SEEK_CUR);
    if (position < 0) {
      return wasi::errno_from_host(errno);
    }
    at = static_cast<std::uint64_t>(position);
  }
  // A file that is larger already may be written where it is, and not grow.
  const std::uint64_t largest = std::max(size, budget_.file_size_bytes);
  if (at >= largest) {
    return refuse(operation, to, {}, FileRefusalReason::kFileSize, Errno::kFbig, budget_.file_size_bytes);
  }
  allowed = std::min(allowed, largest - at);
  const Vectors from = vectors(buffers, allowed);
  // RWF_APPEND writes at the end whatever the offset; -1 moves the descriptor's own.
  const ssize_t put = offset ? ::pwritev(to.fd.get(), from.entries.data(), from.count, static_cast<off_t>(*offset))
                             : ::pwritev2(to.fd.get(), from.entries.data(), from.count, -1, append ? RWF_APPEND : 0);
  if (put < 0) {
    return wasi::errno_from_host(errno);
  }
  budget_.write.spend(static_cast<std::uint64_t>(put), options_.environment->now());
  return static_cast<std::size_t>(put);
}

wasi::OrErrno<std::size_t> FileTable::fd_read(Fd fd, ReadBuffers buffers) {
  const auto from = file("fd_read", fd, wasi::kFdRead);
  return from ? read("fd_read", **from, buffers, std::nullopt) : from.error();
}

wasi::OrErrno<std::size_t> FileTable::fd_pread(Fd fd, ReadBuffers buffers, std::uint64_t offset) {
  const auto from = file("fd_pread", fd, wasi::kFdRead | wasi::kFdSeek);
  return from ? read("fd_pread", **from, buffers, offset) : from.error();
}

wasi::OrErrno<std::size_t> FileTable::fd_write(Fd fd, WriteBuffers buffers) {
  const auto to = file("fd_write", fd, wasi::kFdWrite);
  return to ? write("fd_write", **to, buffers, std::nullopt) : to.error();
}

wasi::OrErrno<std::size_t> FileTable::fd_pwrite(Fd fd, WriteBuffers buffers, std::uint64_t offset) {
  const auto to = file("fd_pwrite", fd, wasi::kFdWrite | wasi::kFdSeek);
  return to ? write("fd_pwrite", **to, buffers, offset) : to.error();
}

wasi::OrErrno<std::uint64_t> FileTable::fd_seek(Fd fd, std::int64_t offset, wasi::Whence whence) {
  const bool only_tells = whence == wasi::Whence::kCur && offset == 0;
  if (only_tells) {
    return fd_tell(fd);
  }
  const auto descriptor = file("fd_seek", fd, wasi::kFdSeek);
  if (!descriptor) {
    return descriptor.error();
  }
  int from = SEEK_SET;
  switch (whence) {
    case wasi::Whence::kSet:
      from = SEEK_SET;
      break;
    case wasi::Whence::kCur:
      from = SEEK_CUR;
      break;
    case wasi::Whence::kEnd:
      from = SEEK_END;
      break;
    default:
      return Errno::kInval;
  }
  const off_t position = ::lseek((*descriptor)->fd.get(), offset, from);
  if (position < 0) {
    return wasi::errno_from_host(errno);
  }
  return static_cast<std::uint64_t>(position);
}

wasi::OrErrno<std::uint64_t> FileTable::fd_tell(Fd fd) {
  auto descriptor = file("fd_tell", fd, 0);
  if (!descriptor) {
    return descriptor.error();
  }
  // The right to seek includes that to tell.
  if (((*descriptor)->base & (wasi::kFdTell | wasi::kFdSeek)) == 0) {
    return Errno::kNotcapable;
  }
  const off_t position = ::lseek((*descriptor)->fd.get(), 0, SEEK_CUR);
  if (position < 0) {
    return wasi::errno_from_host(errno);
  }
  return static_cast<std::uint64_t>(position);
}

wasi::Errno FileTable::fd_advise(Fd fd, std::uint64_t offset, std::uint64_t size, wasi::Advice advice) {
  const auto descriptor = file("fd_advise", fd, wasi::kFdAdvise);
  if (!descriptor) {
    return descriptor.error();
  }
  const bool known = advice <= wasi::Advice::kNoreuse;
  return known && offset <= kLargestOffset && size <= kLargestOffset - offset ? Errno::kSuccess : Errno::kInval;
}

wasi::Errno FileTable::fd_allocate(Fd fd, std::uint64_t offset, std::uint64_t size) {
  constexpr std::string_view kName = "fd_allocate";
  const auto descriptor = file(kName, fd, wasi::kFdAllocate);
  if (!descriptor) {
    return descriptor.error();
  }
  if (size == 0) {
    return Errno::kInval;
  }
  const Descriptor& to = **descriptor;
  struct stat status{};
  if (::fstat(to.fd.get(), &status) != 0) {
    return wasi::errno_from_host(errno);
  }
  const std::uint64_t largest =
      std::min(kLargestOffset, std::max(static_cast<std::uint64_t>(status.st_size), budget_.file_size_bytes));
  if (offset > largest || size > largest - offset) {
    return refuse(kName, to, {}, FileRefusalReason::kFileSize, Errno::kFbig, budget_.file_size_bytes);
  }
  // Space that is taken counts as written, all of it, whatever was there before.
  if (size > budget_.write.total() - budget_.write.used()) {
    return refuse(kName, to, {}, FileRefusalReason::kWriteBytes, Errno::kDquot, budget_.write.total());
  }
  if (::fallocate(to.fd.get(), 0, static_cast<off_t>(offset), static_cast<off_t>(size)) != 0) {
    return wasi::errno_from_host(errno);
  }
  budget_.write.spend(size, options_.environment->now());
  return Errno::kSuccess;
}

wasi::Errno FileTable::fd_filestat_set_size(Fd fd, std::uint64_t size) {
  constexpr std::string_view kName = "fd_filestat_set_size";
  const auto descriptor = file(kName, fd, wasi::kFdFilestatSetSize);
  if (!descriptor) {
    return descriptor.error();
  }
  const Descriptor& to = **descriptor;
  struct stat status{};
  if (::fstat(to.fd.get(), &status) != 0) {
    return wasi::errno_from_host(errno);
  }
  if (size > std::max(static_cast<std::uint64_t>(status.st_size), budget_.file_size_bytes)) {
    return refuse(kName, to, {}, FileRefusalReason::kFileSize, Errno::kFbig, budget_.file_size_bytes);
  }
  return ::ftruncate(to.fd.get(), static_cast<off_t>(size)) == 0 ? Errno::kSuccess : wasi::errno_from_host(errno);
}

}  // namespace caisson::sandbox
