#pragma once

#include "base/environment.h"
#include "engine/fault.h"
#include "engine/module.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>

namespace caisson::engine {

/// What an instance may use before it is ended. The wall time counts from Instance::create.
struct InstanceLimits {
  std::uint64_t memory_bytes = 64ULL << 20;         ///< over all linear memories
  std::optional<std::uint64_t> fuel = 100'000'000;  ///< nothing: not limited
  std::chrono::steady_clock::time_point deadline;   ///< checked every few milliseconds while code runs
  std::uint64_t table_elements = 50'000;            ///< over all tables
  std::uint32_t instances = 1;                      ///< of core modules
  std::uint64_t transfer_bytes = 16ULL << 20;       ///< of components: what one transfer to the host may have
  std::uint32_t handles = 10'000;                   ///< of components: handles of resources at once
  bool growth_traps = true;  ///< a refused growth of a memory ends a module; otherwise it gets -1, as it expects
};

/// What a running guest's owner is told at each tick of the engine's epoch at which guest code runs.
struct Tick {
  std::chrono::steady_clock::time_point now;
  std::uint64_t memory_bytes = 0;
};

/// Whoever an instance runs for: host functions get `context`, and `on_tick` may end the guest by giving a fault.
/// `on_tick` runs on the guest's thread, between two of its instructions; it may wait.
struct InstanceOwner {
  void* context = nullptr;
  std::optional<FaultKind> (*on_tick)(void* context, const Tick& tick) noexcept = nullptr;
};

struct InstanceUsage {
  /// The clocks at the first tick of the engine's epoch at which code of the instance ran. Reading the CPU clock costs
  /// a system call, an eighth of a short call: it is only read in calls that are long enough to see a tick.
  struct Clocks {
    std::chrono::steady_clock::time_point at;
    std::chrono::nanoseconds thread_cpu;
  };

  std::uint64_t fuel = 0;
  std::uint64_t memory_bytes = 0;  ///< peak
  std::optional<Clocks> first_tick{};
  std::uint64_t baseline_bytes = 0;  ///< of components: what they started with
};

/// A number passed to or returned by a guest function; the signature says which member counts.
union Number {
  std::int32_t i32;
  std::int64_t i64;
  float f32;
  double f64;
};

/// One fresh instance of a module in a store of its own, with its limits set before any of its code runs. Everything is
/// gone when the object is. It may be kept between calls: `rest` ends one, `resume` begins the next.
///
/// Lifetime: the module and the environment outlive it, the stop token and the owner the call they were given for.
/// Threads: one at a time, on a thread whose stack holds the profile's guest stack (see has_stack_for).
class Instance {
 public:
  /// The module must be linked. `stop` ends the guest when it is requested; `environment` gives the time that the
  /// deadline is compared with.
  Instance(const Module& module, const InstanceLimits& limits, const std::stop_token& stop,
           const base::Environment& environment, const InstanceOwner& owner = {});
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance();

  /// Instantiates, which runs the module's start function if it has one. Once, before anything below.
  [[nodiscard]] std::optional<Fault> start();

  /// An exported function, found once and called often.
  class Function {
    friend class Instance;
    alignas(8) unsigned char storage_[16] = {};
  };
  /// The name must be that of an exported function in Module::info.
  [[nodiscard]] Function function(std::string_view name) noexcept;

  /// Calls it. `values` holds the parameters, and afterwards the results: as many as the larger of the two, which the
  /// caller has checked against the signature.
  [[nodiscard]] std::optional<Fault> call(const Function& function, std::span<Number> values);

  /// The exported memory `memory` as it is now. Any call may grow it: ask again afterwards. Empty when there is none.
  [[nodiscard]] std::span<std::byte> memory() noexcept;

  /// Ends a call: until `resume` nothing of it runs, no tick comes, and nothing of what it was called with is used.
  void rest() noexcept;
  /// Begins another call with a deadline, fuel, stop token and owner of its own. What limits memory and tables stays as
  /// it was at the beginning. Only after `rest`.
  void resume(const InstanceLimits& limits, const std::stop_token& stop, const InstanceOwner& owner);

  /// Makes the exported memory `bytes` large, a multiple of 64 KiB. False: it is larger already, there is none, or its
  /// limit is lower; then it is as it was.
  [[nodiscard]] bool grow_memory(std::uint64_t bytes) noexcept;

  /// What was used so far, since `resume` if there was one; only between calls, and in host functions.
  [[nodiscard]] InstanceUsage usage() const noexcept;

 private:
  friend class HostCall;
  friend struct HostTrampoline;
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether this thread has enough stack left for guest code of a profile with that much guest stack.
[[nodiscard]] bool has_stack_for(std::size_t guest_stack_bytes) noexcept;

/// The stack a thread needs for it.
[[nodiscard]] std::size_t thread_stack_for(std::size_t guest_stack_bytes) noexcept;

}  // namespace caisson::engine
