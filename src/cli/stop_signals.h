#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

namespace caisson::cli {

/// While it lives, the first SIGINT or SIGTERM asks to stop, and a second one ends the process at once with exit code
/// 130. A signal that was ignored when the program started, as by nohup or in a background job, stays ignored.
///
/// Lifetime: made before any other thread, because threads take the mask of blocked signals from the one that starts
/// them.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  [[nodiscard]] std::stop_token token() const noexcept { return stop_.get_token(); }

 private:
  void wait();

  sigset_t signals_{};
  sigset_t before_{};
  std::stop_source stop_;
  std::stop_source end_;
  std::thread waiter_;
};

}  // namespace caisson::cli
