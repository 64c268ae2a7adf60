#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace caisson::workflow {

/// How ready nodes are found.
enum class Strategy : std::uint8_t {
  kWorkQueue,  ///< a node starts as soon as all that it depends on is done; of several the one farthest from the end
  kLevel,      ///< all nodes of one rank, then all of the next
  kReactive,   ///< a node starts as soon as all that it depends on is done; of several the one that was ready first
  kHybrid,     ///< as reactive until the order matters, then as work_queue until it does not (strategy_hybrid.cc)
};

/// What steers `hybrid`.
struct StrategyHints {
  bool prefer_deterministic_ordering = false;
  bool optimize_for_memory = false;
  bool enable_critical_path_optimization = false;

  friend bool operator==(const StrategyHints&, const StrategyHints&) = default;
};

/// What a failed node means for the others and for the run; docs/reference/failure-strategies.md.
enum class FailureStrategy : std::uint8_t {
  kFailFast,         ///< the first failure ends the run
  kContinueOnError,  ///< what does not depend on the failed node goes on; the run ends as failed
  kBestEffort,       ///< the same, and the run ends as succeeded when any node succeeded
};

/// `work_queue`, `level`, `reactive`, `hybrid`: as definitions write it.
[[nodiscard]] std::string_view to_string(Strategy strategy) noexcept;
/// `fail_fast`, `continue_on_error`, `best_effort`: as definitions write it.
[[nodiscard]] std::string_view to_string(FailureStrategy strategy) noexcept;

/// `WorkQueue`, `LevelByLevel`, `Reactive`, `Hybrid`: as the report shows it.
[[nodiscard]] std::string_view display_name(Strategy strategy) noexcept;
/// `FailFast`, `ContinueOnError`, `BestEffort`: as the report shows it.
[[nodiscard]] std::string_view display_name(FailureStrategy strategy) noexcept;

/// All of them, as definitions write them.
[[nodiscard]] std::span<const std::string_view> strategy_names() noexcept;

/// The inverse of to_string.
[[nodiscard]] std::optional<Strategy> strategy_from(std::string_view name) noexcept;
[[nodiscard]] std::optional<FailureStrategy> failure_strategy_from(std::string_view name) noexcept;

}  // namespace caisson::workflow
