#pragma once

#include <csignal>

namespace caisson::base {

/// While it lives, a write of this thread to a pipe or connection that nobody reads is an error and no signal: SIGPIPE
/// is kept away, and one that came meanwhile is taken away again.
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

}  // namespace caisson::base
