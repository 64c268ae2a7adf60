#pragma once

#include "base/environment.h"
#include "engine/instance.h"
#include "sandbox/limits.h"
#include "sandbox/run_memory.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>

namespace caisson::sandbox {

/// Why a call that is watched has to end.
enum class Ending : std::uint8_t { kDeadline, kCancelled, kKilled, kCpu, kGrowth, kRunMemory, kIdle };

/// Time and growth of one running call: looked at where guest code ticks, and where the host waits on its behalf.
///
/// Threads: the guest's only; `stop` and `killed` are set by others.
class CallWatch {
 public:
  struct Options {
    const Limits* limits = nullptr;
    const base::Environment* environment = nullptr;
    const std::stop_token* stop = nullptr;
    const std::atomic<bool>* killed = nullptr;      ///< nullptr: nobody can
    std::chrono::steady_clock::time_point begin{};  ///< of the call
    std::uint64_t baseline_bytes = 0;               ///< memory the module starts with
    RunMemory* run_memory = nullptr;                ///< of the run; nullptr: not limited
    std::uint64_t language_bytes = 0;               ///< of the call's memory, that the run is not charged with
  };
  explicit CallWatch(const Options& options) noexcept
      : options_(options),
        begin_(options.begin),
        deadline_(begin_ + std::min<std::chrono::nanoseconds>(options.limits->timeout, kLongest)),
        share_(options.run_memory) {}

  [[nodiscard]] std::chrono::steady_clock::time_point begin() const noexcept { return begin_; }
  [[nodiscard]] std::chrono::steady_clock::time_point deadline() const noexcept { return deadline_; }
  [[nodiscard]] std::chrono::steady_clock::time_point now() const noexcept { return options_.environment->now(); }

  /// At a tick of the epoch: whether the guest has to end. Sleeps to keep the CPU share.
  [[nodiscard]] std::optional<Ending> tick(const engine::Tick& tick) noexcept;

  /// Whether the guest has to end at once; for host functions that work long.
  [[nodiscard]] std::optional<Ending> look() const noexcept { return look(now()); }

  /// The same while the host waits for something else than time, since `began`: it may be idle too long.
  [[nodiscard]] std::optional<Ending> look_since(std::chrono::steady_clock::time_point began) const noexcept;
  /// Such a wait is over.
  void count_wait(std::chrono::nanoseconds waited) noexcept { waited_ += waited; }

  /// Waits for the guest until `when`. Nothing: that time has come.
  [[nodiscard]] std::optional<Ending> wait_until(std::chrono::steady_clock::time_point when) noexcept;

  /// What the guest's thread waited in all, and until its first tick; neither is CPU time.
  [[nodiscard]] std::chrono::nanoseconds waited() const noexcept { return waited_; }
  [[nodiscard]] std::chrono::nanoseconds waited_before_first_tick() const noexcept { return waited_before_tick_; }
  [[nodiscard]] std::chrono::nanoseconds throttled() const noexcept { return throttled_; }

 private:
  /// Any longer limit is none, and must not overflow a time.
  static constexpr auto kLongest = std::chrono::hours(24 * 365 * 10);

  [[nodiscard]] std::optional<Ending> check_cpu(const engine::Tick& tick) noexcept;
  [[nodiscard]] std::optional<Ending> look(std::chrono::steady_clock::time_point at) const noexcept;
  [[nodiscard]] std::optional<Ending> sleep_until(std::chrono::steady_clock::time_point when) noexcept;

  struct CpuClock {
    std::chrono::nanoseconds at_first_tick;      // of the thread
    std::chrono::nanoseconds before_first_tick;  // of the call
  };
  struct Window {
    std::chrono::steady_clock::time_point begin;
    std::chrono::nanoseconds cpu;  // of the call, at its begin
  };

  Options options_;
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point deadline_;
  RunMemory::Share share_;
  std::optional<CpuClock> cpu_{};
  std::optional<Window> window_{};  // nothing: the first one, which is never throttled
  bool ticked_ = false;
  std::chrono::nanoseconds waited_{0};
  std::chrono::nanoseconds waited_before_tick_{0};
  std::chrono::nanoseconds throttled_{0};
};

}  // namespace caisson::sandbox
