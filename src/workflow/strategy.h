#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace caisson::workflow {

/// How ready nodes are found.
enum class Strategy : std::uint8_t {
  kWorkQueue,  ///< a node starts as soon as everything it depends on has succeeded
  kLevel,      ///< all nodes of one rank, then all of the next
};

/// What a failed node means for the others and for the run; docs/reference/failure-strategies.md.
enum class FailureStrategy : std::uint8_t {
  kFailFast,         ///< the first failure ends the run
  kContinueOnError,  ///< what does not depend on the failed node goes on; the run ends as failed
  kBestEffort,       ///< the same, and the run ends as succeeded when any node succeeded
};

/// `work_queue`, `level`: as definitions write it.
[[nodiscard]] std::string_view to_string(Strategy strategy) noexcept;
/// `fail_fast`, `continue_on_error`, `best_effort`: as definitions write it.
[[nodiscard]] std::string_view to_string(FailureStrategy strategy) noexcept;

/// `WorkQueue`, `LevelByLevel`: as the report shows it.
[[nodiscard]] std::string_view display_name(Strategy strategy) noexcept;
/// `FailFast`, `ContinueOnError`, `BestEffort`: as the report shows it.
[[nodiscard]] std::string_view display_name(FailureStrategy strategy) noexcept;

/// The inverse of to_string.
[[nodiscard]] std::optional<Strategy> strategy_from(std::string_view name) noexcept;
[[nodiscard]] std::optional<FailureStrategy> failure_strategy_from(std::string_view name) noexcept;

}  // namespace caisson::workflow
