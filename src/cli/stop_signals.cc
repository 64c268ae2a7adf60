#include "cli/stop_signals.h"

#include <caisson/error.h>

#include <pthread.h>
#include <unistd.h>

#include <utility>

namespace caisson::cli {

namespace {

/// Only wakes the waiting thread: nobody else sends it, and its own effect is none.
constexpr int kWake = SIGURG;

}  // namespace

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, kWake);
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT}) {
    struct sigaction action{};
    if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN) {
      sigaddset(&signals_, signal);
    }
  }
  ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  waiter_ = std::thread([this] { wait(); });
}

StopSignals::~StopSignals() {
  end_.request_stop();
  ::pthread_kill(waiter_.native_handle(), kWake);
  waiter_.join();
  // A listing that was asked for too late: unblocked, it would end the process. A stop still counts.
  sigset_t quit;
  sigemptyset(&quit);
  if (sigismember(&signals_, SIGQUIT) == 1) {
    sigaddset(&quit, SIGQUIT);
    const timespec now{};
    while (::sigtimedwait(&quit, nullptr, &now) > 0) {
    }
  }
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

std::stop_token StopSignals::token() const {
  const std::scoped_lock lock(mutex_);
  return stop_.get_token();
}

std::stop_token StopSignals::arm() {
  const std::scoped_lock lock(mutex_);
  stop_ = std::stop_source();
  interrupts_pass_ = false;
  return stop_.get_token();
}

void StopSignals::disarm(bool typed) {
  const std::scoped_lock lock(mutex_);
  interrupts_pass_ = typed;
  stop_ = std::stop_source();
  stop_.request_stop();
}

void StopSignals::on_quit(std::function<void()> action) {
  const std::scoped_lock lock(mutex_);
  on_quit_ = std::move(action);
}

void StopSignals::wait() {
  while (true) {
    int signal = 0;
    if (::sigwait(&signals_, &signal) != 0 || signal == kWake) {
      if (end_.stop_requested()) {
        return;
      }
      continue;
    }
    if (signal == SIGQUIT) {
      const std::scoped_lock lock(mutex_);
      if (on_quit_) {
        on_quit_();
      }
      continue;
    }
    const auto locked = [this](const auto& of) {
      const std::scoped_lock lock(mutex_);
      return of();
    };
    if (signal == SIGINT && locked([this] { return interrupts_pass_; })) {
      continue;
    }
    std::stop_source stop = locked([this] { return stop_; });
    if (!stop.request_stop()) {
      ::_exit(exit_code(Category::kCancelled));
    }
  }
}

}  // namespace caisson::cli
