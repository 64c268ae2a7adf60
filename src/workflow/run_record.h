#pragma once

#include "base/boxed.h"
#include "workflow/run_events.h"

#include <caisson/payload.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace caisson::workflow {

enum class NodeState : std::uint8_t { kPending, kRunning, kSucceeded, kFailed, kSkipped, kCancelled };
enum class RunStatus : std::uint8_t { kRunning, kSucceeded, kFailed, kCancelled };

/// `pending`, `running`, `succeeded`, `failed`, `skipped`, `cancelled`.
[[nodiscard]] std::string_view to_string(NodeState state) noexcept;
/// `running`, `succeeded`, `failed`, `cancelled`.
[[nodiscard]] std::string_view to_string(RunStatus status) noexcept;

/// What is known of one node of a run.
struct NodeRecord {
  NodeState state = NodeState::kPending;
  SkipCause cause = SkipCause::kFailure;  ///< of a skipped node
  NodeIndex because = 0;                  ///< of a skipped node: see NodeSkipped
  std::uint32_t attempts = 0;             ///< that began
  bool failure_counts = true;
  std::optional<RunTime> started{};  ///< nothing: it never started
  RunTime finished{};
  std::optional<Payload> payload{};
  document::Value metadata{};  ///< its own: a map, or null
  base::Boxed<Error> error{};
  base::Boxed<sandbox::Usage> usage{};    ///< of all attempts together
  base::Boxed<SandboxDetails> details{};  ///< of the last one

  friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

/// How many nodes there are of each kind, and what all of them used together (memory: the highest).
struct RunTotals {
  std::size_t started = 0;
  std::size_t attempts = 0;
  std::size_t succeeded = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  std::size_t cancelled = 0;
  sandbox::Usage usage{};

  friend bool operator==(const RunTotals&, const RunTotals&) = default;
};

/// The state of a run: nothing but the fold of its events. The report and the JSON output are views of it.
struct RunRecord {
  RunStarted run{};
  std::vector<NodeRecord> nodes{};           ///< by index
  std::vector<StrategySwitched> switches{};  ///< the first kKeptSwitches
  RunTime duration{};
  RunStatus status = RunStatus::kRunning;
  RunTotals totals{};               ///< filled when the run has ended, as the two below
  std::optional<Payload> result{};  ///< of a run that succeeded
  std::optional<Error> error{};     ///< of a run that did not
  bool was_stopped = false;         ///< the error ended the run before its time, and is of no node

  friend bool operator==(const RunRecord&, const RunRecord&) = default;
};

/// A strategy may change its mind with every node.
inline constexpr std::size_t kKeptSwitches = 100;

/// A record to which nothing has happened.
[[nodiscard]] RunRecord empty_record(const Plan& plan);

/// One step of the fold.
///
/// Threads: events of different nodes may be applied concurrently, and beside them one of the run; RunStarted and
/// RunFinished alone.
void apply(const Plan& plan, RunRecord& record, RunEvent event);

/// The state of a run after these events.
[[nodiscard]] RunRecord fold(const Plan& plan, std::span<const RunEvent> events);

/// The nodes whose failures count, in the plan's order.
[[nodiscard]] std::vector<NodeIndex> failed_nodes(const Plan& plan, const RunRecord& record);

}  // namespace caisson::workflow
