#pragma once

#include <utility>

#include <unistd.h>

namespace caisson::sandbox {

/// An open descriptor of this process, closed at the end.
class HostFd {
 public:
  HostFd() = default;
  explicit HostFd(int fd) noexcept : fd_(fd) {}
  HostFd(HostFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  HostFd& operator=(HostFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  HostFd(const HostFd&) = delete;
  HostFd& operator=(const HostFd&) = delete;
  ~HostFd() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_ = -1;
};

}  // namespace caisson::sandbox
