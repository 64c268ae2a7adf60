#pragma once

#include <csignal>

namespace caisson::net {

/// Keeps SIGPIPE from the calling thread while it lives: OpenSSL writes to connections that are closed. One that came
/// meanwhile is taken away again.
class NoBrokenPipe {
 public:
  NoBrokenPipe() noexcept;
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;
  ~NoBrokenPipe();

 private:
  sigset_t before_{};
  bool was_pending_ = false;
};

}  // namespace caisson::net
