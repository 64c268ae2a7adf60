#pragma once

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
  NodeIndex because = 0;             ///< of a skipped node: the node that failed
  std::optional<RunTime> started{};  ///< nothing: it never started
  RunTime finished{};
  std::optional<Payload> payload{};
  document::Value metadata{};  ///< its own: a map, or null
  std::optional<Error> error{};
  std::optional<sandbox::Usage> usage{};
  std::optional<SandboxDetails> details{};

  friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

/// How many nodes there are of each kind, and what all of them used together (memory: the highest).
struct RunTotals {
  std::size_t started = 0;
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
  std::vector<NodeRecord> nodes{};  ///< by index
  RunTime duration{};
  RunStatus status = RunStatus::kRunning;
  RunTotals totals{};               ///< filled when the run has ended, as the two below
  std::optional<Payload> result{};  ///< of a run that succeeded
  std::optional<Error> error{};     ///< of a run that did not

  friend bool operator==(const RunRecord&, const RunRecord&) = default;
};

/// A record to which nothing has happened.
[[nodiscard]] RunRecord empty_record(const Plan& plan);

/// One step of the fold.
///
/// Threads: events of different nodes may be applied concurrently; RunStarted and RunFinished alone.
void apply(const Plan& plan, RunRecord& record, RunEvent event);

/// The state of a run after these events.
[[nodiscard]] RunRecord fold(const Plan& plan, std::span<const RunEvent> events);

/// The nodes that failed, in the plan's order.
[[nodiscard]] std::vector<NodeIndex> failed_nodes(const Plan& plan, const RunRecord& record);

}  // namespace caisson::workflow
