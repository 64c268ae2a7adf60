#pragma once

#include "base/timer.h"

#include <caisson/error.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <stop_token>

namespace caisson::workflow {

/// Stops work when its time is over, or when somebody else stops it.
class TimeLimit {
 public:
  /// The time begins now. `timer` outlives it.
  TimeLimit(base::Timer& timer, std::chrono::nanoseconds time, std::stop_token outer)
      : timer_(timer), outer_(std::move(outer)), forward_(outer_, [this] { stop_.request_stop(); }) {
    id_ = timer_.after(time, [this] {
      over_ = true;
      stop_.request_stop();
    });
  }
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;
  ~TimeLimit() { timer_.cancel(id_); }

  /// What the work has to obey.
  [[nodiscard]] std::stop_token token() const noexcept { return stop_.get_token(); }

  /// Whether that is how work ended that was stopped because its time was over, and for no other reason.
  [[nodiscard]] bool caused(const Error& error) const noexcept {
    return over_ && error.category == Category::kCancelled && !outer_.stop_requested();
  }

 private:
  base::Timer& timer_;
  const std::stop_token outer_;
  std::stop_source stop_;
  std::atomic<bool> over_ = false;
  std::stop_callback<std::function<void()>> forward_;
  base::Timer::Id id_ = base::Timer::kNone;
};

}  // namespace caisson::workflow
