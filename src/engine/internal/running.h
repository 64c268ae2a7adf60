#pragma once

#include "engine/instance.h"
#include "engine/internal/handles.h"
#include "engine/internal/ticker.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>

namespace caisson::engine {

/// Counts a call for the engine's ticker as long as it lives.
class Ticking {
 public:
  explicit Ticking(Ticker& ticker) noexcept : ticker_(ticker) { ticker_.enter(); }
  Ticking(const Ticking&) = delete;
  Ticking& operator=(const Ticking&) = delete;
  ~Ticking() { ticker_.leave(); }

 private:
  Ticker& ticker_;
};

/// What is watched while guest code runs, of a module or of a component.
///
/// Threads: the guest's.
struct Running {
  Running(Ticker& ticker, const InstanceLimits& limits, const std::stop_token& s, const base::Environment& e,
          const InstanceOwner& o) noexcept
      : ticking(ticker),
        fuel(limits.fuel.value_or(UINT64_MAX)),
        fuel_limited(limits.fuel.has_value()),
        deadline(limits.deadline),
        stop(s),
        environment(e),
        owner(o) {}

  /// At a tick of the engine's epoch. False: the guest has to end, and `interruption` says why.
  [[nodiscard]] bool tick(std::uint64_t memory_bytes) noexcept {
    const auto now = environment.now();
    if (!first_tick) {
      first_tick = {now, environment.thread_cpu_time()};
    }
    if (stop.stop_requested()) {
      interruption = FaultKind::kCancelled;
    } else if (now >= deadline) {
      interruption = FaultKind::kDeadline;
    } else if (owner.on_tick != nullptr) {
      interruption = owner.on_tick(owner.context, {now, memory_bytes});
    }
    return !interruption;
  }

  /// What an epoch callback of the C API does.
  [[nodiscard]] wasmtime_error_t* on_epoch(std::uint64_t memory_bytes, std::uint64_t& ticks,
                                           wasmtime_update_deadline_kind_t& kind) noexcept {
    if (!tick(memory_bytes)) {
      return wasmtime_error_new("interrupted");
    }
    ticks = 1;
    kind = WASMTIME_UPDATE_DEADLINE_CONTINUE;
    return nullptr;
  }

  Ticking ticking;
  std::uint64_t fuel;
  bool fuel_limited;
  std::chrono::steady_clock::time_point deadline;
  const std::stop_token& stop;
  const base::Environment& environment;
  InstanceOwner owner;
  std::optional<FaultKind> interruption{};
  std::optional<InstanceUsage::Clocks> first_tick{};
};

}  // namespace caisson::engine
