#pragma once

#include "observe/internal/audit_system.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>

namespace caisson::observe {

/// A disk that needs no waiting for, with so much room, in which the reserve takes its part; and system calls that
/// fail.
class SmallDisk final : public AuditSystem {
 public:
  std::atomic<std::int64_t> room{std::int64_t{1} << 40};
  std::atomic<std::int64_t> reserved{0};
  std::atomic<int> write_error{0};
  std::atomic<int> sync_error{0};

  ssize_t write(int fd, const char* bytes, std::size_t count) noexcept override {
    if (write_error != 0) {
      errno = write_error;
      return -1;
    }
    const std::int64_t fits = std::min<std::int64_t>(room, static_cast<std::int64_t>(count));
    if (fits == 0 && count > 0) {
      errno = ENOSPC;
      return -1;
    }
    room -= fits;
    return ::write(fd, bytes, static_cast<std::size_t>(fits));
  }
  int sync(int /*fd*/) noexcept override {
    errno = sync_error;
    return errno == 0 ? 0 : -1;
  }
  int truncate(int /*fd*/, off_t size) noexcept override {
    if (size == 0) {
      room += reserved.exchange(0);
    }
    return 0;
  }
  int allocate(int /*fd*/, off_t size) noexcept override {
    if (size > room) {
      errno = ENOSPC;
      return -1;
    }
    room -= size;
    reserved = size;
    return 0;
  }
};

}  // namespace caisson::observe
