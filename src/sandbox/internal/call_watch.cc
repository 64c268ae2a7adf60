#include "sandbox/internal/call_watch.h"

#include "base/control.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace caisson::sandbox {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr auto kWindow = 100ms;  // over which the CPU share holds
constexpr auto kSlice = 20ms;    // a wait looks this often whether the call was killed

}  // namespace

std::optional<Ending> CallWatch::tick(const engine::Tick& tick) noexcept {
  if (!ticked_) {
    ticked_ = true;
    waited_before_tick_ = waited_;
  }
  if (options_.killed != nullptr && options_.killed->load(std::memory_order_relaxed)) {
    return Ending::kKilled;
  }
  const Limits& limits = *options_.limits;
  if (limits.memory_growth_bytes_per_second && tick.memory_bytes > options_.baseline_bytes) {
    // A second's worth at once, and then as much a second.
    const double seconds = 1.0 + std::chrono::duration<double>(tick.now - begin_).count();
    const double allowed = static_cast<double>(*limits.memory_growth_bytes_per_second) * seconds;
    if (static_cast<double>(tick.memory_bytes - options_.baseline_bytes) > allowed) {
      return Ending::kGrowth;
    }
  }
  const std::uint64_t held = tick.memory_bytes - std::min(tick.memory_bytes, options_.language_bytes);
  if (!share_.hold(held) && base::holds(base::Control::kRunMemory)) {
    return Ending::kRunMemory;
  }
  return limits.cpu || limits.cpu_percent ? check_cpu(tick) : std::nullopt;
}

std::optional<Ending> CallWatch::check_cpu(const engine::Tick& tick) noexcept {
  const Limits& limits = *options_.limits;
  const nanoseconds thread = options_.environment->thread_cpu_time();
  if (!cpu_) {
    cpu_ = CpuClock{thread, (tick.now - begin_) - waited_};
  }
  const nanoseconds used = cpu_->before_first_tick + (thread - cpu_->at_first_tick);
  if (limits.cpu && used >= *limits.cpu) {
    return Ending::kCpu;
  }
  if (!limits.cpu_percent || tick.now - begin_ < kWindow) {
    return std::nullopt;
  }
  if (!window_ || tick.now - window_->begin >= kWindow) {
    window_ = Window{tick.now, used};
    return std::nullopt;
  }
  const auto share = std::chrono::duration_cast<nanoseconds>(kWindow * (*limits.cpu_percent / 100));
  if (used - window_->cpu < share) {
    return std::nullopt;
  }
  const auto until = window_->begin + kWindow;
  const auto ending = sleep_until(until);
  throttled_ += std::max(nanoseconds(0), nanoseconds(now() - tick.now));
  window_ = Window{until, used};
  return ending;
}

std::optional<Ending> CallWatch::wait_until(std::chrono::steady_clock::time_point when) noexcept {
  if (!options_.limits->idle) {
    return sleep_until(when);
  }
  const auto most = now() + std::min<nanoseconds>(*options_.limits->idle, kLongest);
  if (when <= most) {
    return sleep_until(when);
  }
  const auto ending = sleep_until(most);
  return ending ? ending : Ending::kIdle;
}

std::optional<Ending> CallWatch::look(std::chrono::steady_clock::time_point at) const noexcept {
  if (options_.stop->stop_requested()) {
    return Ending::kCancelled;
  }
  if (options_.killed != nullptr && options_.killed->load(std::memory_order_relaxed)) {
    return Ending::kKilled;
  }
  return at >= deadline_ ? std::optional(Ending::kDeadline) : std::nullopt;
}

std::optional<Ending> CallWatch::look_since(std::chrono::steady_clock::time_point began) const noexcept {
  const auto at = now();
  if (const auto ending = look(at)) {
    return ending;
  }
  return options_.limits->idle && at - began > *options_.limits->idle ? std::optional(Ending::kIdle) : std::nullopt;
}

std::optional<Ending> CallWatch::sleep_until(std::chrono::steady_clock::time_point when) noexcept {
  std::mutex mutex;
  std::condition_variable_any condition;
  const auto began = now();
  std::optional<Ending> ending;
  for (auto at = began; at < when && !ending; at = now()) {
    ending = look(at);
    if (!ending) {
      std::unique_lock lock(mutex);
      const auto slice = std::min({nanoseconds(when - at), nanoseconds(deadline_ - at), nanoseconds(kSlice)});
      condition.wait_for(lock, *options_.stop, slice, [] { return false; });
    }
  }
  waited_ += now() - began;
  return ending;
}

}  // namespace caisson::sandbox
