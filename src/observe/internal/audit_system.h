#pragma once

#include <cstddef>

#include <sys/types.h>

namespace caisson::observe {

/// The system calls an audit log may fail in, so that a test can make them fail. Each returns what the system call
/// returns, and sets errno.
class AuditSystem {
 public:
  AuditSystem() = default;
  AuditSystem(const AuditSystem&) = delete;
  AuditSystem& operator=(const AuditSystem&) = delete;
  virtual ~AuditSystem() = default;

  [[nodiscard]] virtual ssize_t write(int fd, const char* bytes, std::size_t count) noexcept;
  [[nodiscard]] virtual int sync(int fd) noexcept;
  [[nodiscard]] virtual int truncate(int fd, off_t size) noexcept;
  /// Takes `size` bytes of disk for a file.
  [[nodiscard]] virtual int allocate(int fd, off_t size) noexcept;
  [[nodiscard]] virtual int rename(int folder, const char* from, const char* to) noexcept;
};

}  // namespace caisson::observe
