#pragma once

#include <csignal>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace caisson::cli {

/// While it lives, the first SIGINT or SIGTERM asks to stop, and a second one ends the process at once with exit code
/// 130. SIGQUIT does what `on_quit` was given, and nothing else. A signal that was ignored when the program started, as
/// by nohup or in a background job, stays ignored.
///
/// Lifetime: made before any other thread, because threads take the mask of blocked signals from the one that starts
/// them.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  [[nodiscard]] std::stop_token token() const;

  /// For a program that is asked to stop one thing after the other: from here on a signal asks for this stop and no
  /// earlier one, until `disarm`; after that the first one ends the process at once.
  [[nodiscard]] std::stop_token arm();
  /// `typed`: a SIGINT does nothing until `arm`, as when somebody presses Ctrl-C a moment too late.
  void disarm(bool typed = false);

  /// What SIGQUIT does from now on, on a thread of its own. Waits for one that is doing it.
  void on_quit(std::function<void()> action);

 private:
  void wait();

  mutable std::mutex mutex_;  // of what the signals do
  std::function<void()> on_quit_;
  sigset_t signals_{};
  sigset_t before_{};
  std::stop_source stop_;
  bool interrupts_pass_ = false;
  std::stop_source end_;
  std::thread waiter_;
};

}  // namespace caisson::cli
