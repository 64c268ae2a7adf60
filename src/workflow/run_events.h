#pragma once

#include "base/boxed.h"
#include "document/value.h"
#include "sandbox/outcome.h"
#include "sandbox/usage.h"
#include "workflow/plan.h"
#include "workflow/strategy.h"

#include <caisson/payload.h>
#include <caisson/result.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace caisson::workflow {

/// Since the run started; from a clock that never goes back.
using RunTime = std::chrono::nanoseconds;

struct RunStarted {
  Strategy strategy = Strategy::kWorkQueue;
  FailureStrategy failure_strategy = FailureStrategy::kFailFast;
  std::size_t max_concurrency = 1;
  Payload input{};
  document::Value context{};  ///< metadata of the run itself: a map, or null
  RunTime at{};               ///< of a nested run: since the outermost one started

  friend bool operator==(const RunStarted&, const RunStarted&) = default;
};

/// Of a strategy that goes by rank: all nodes of the ranks before are done, those of this one begin.
struct LevelStarted {
  RunTime at{};
  std::size_t rank = 0;

  friend bool operator==(const LevelStarted&, const LevelStarted&) = default;
};

/// A node is ready, and waits until its groups have room for it.
struct NodeWaiting {
  NodeIndex node = 0;
  RunTime at{};
  std::string group{};  ///< the first that has none

  friend bool operator==(const NodeWaiting&, const NodeWaiting&) = default;
};

/// A node begins, or begins again.
struct NodeStarted {
  NodeIndex node = 0;
  RunTime at{};
  std::uint32_t attempt = 1;

  friend bool operator==(const NodeStarted&, const NodeStarted&) = default;
};

/// The guest of a running node wrote a line to its log.
struct NodeLogged {
  NodeIndex node = 0;
  RunTime at{};
  sandbox::LogLine line{};

  friend bool operator==(const NodeLogged&, const NodeLogged&) = default;
};

/// The guest of a running node added a record to the events of the run.
struct NodeEmitted {
  NodeIndex node = 0;
  RunTime at{};
  sandbox::EmittedRecord record{};

  friend bool operator==(const NodeEmitted&, const NodeEmitted&) = default;
};

struct NodeSucceeded {
  NodeIndex node = 0;
  RunTime at{};
  std::optional<Payload> payload{};
  document::Value metadata{};
  base::Boxed<sandbox::Usage> usage{};  ///< of this attempt, here and in the other events
  base::Boxed<SandboxDetails> details{};
  std::uint32_t attempt = 1;

  friend bool operator==(const NodeSucceeded&, const NodeSucceeded&) = default;
};

struct NodeFailed {
  NodeIndex node = 0;
  RunTime at{};
  Error error{};
  bool counts = true;  ///< false: its rules say that what depends on it runs all the same
  document::Value metadata{};
  base::Boxed<sandbox::Usage> usage{};
  base::Boxed<SandboxDetails> details{};
  std::uint32_t attempt = 1;

  friend bool operator==(const NodeFailed&, const NodeFailed&) = default;
};

/// An attempt failed, and there will be another one.
struct NodeRetrying {
  NodeIndex node = 0;
  RunTime at{};
  std::uint32_t attempt = 1;  ///< that failed
  RunTime delay{};            ///< until the next
  Error error{};
  base::Boxed<sandbox::Usage> usage{};
  base::Boxed<SandboxDetails> details{};

  friend bool operator==(const NodeRetrying&, const NodeRetrying&) = default;
};

/// Why a node never started.
enum class SkipCause : std::uint8_t {
  kFailure,     ///< a node that it depends on, directly or not, failed
  kBranch,      ///< a node that chooses did not choose it
  kCondition,   ///< its own condition does not hold
  kDependency,  ///< nothing that it depends on was taken
};

/// `failure`, `branch`, `condition`, `dependency`.
[[nodiscard]] std::string_view to_string(SkipCause cause) noexcept;

/// The node never started. One that was not taken (any cause but a failure) keeps nothing from running that also
/// depends on a node which was.
struct NodeSkipped {
  NodeIndex node = 0;
  RunTime at{};
  /// The node that failed; of several the first in the plan's order. The node that did not choose it. Itself. The first
  /// of its dependencies.
  NodeIndex because = 0;
  SkipCause cause = SkipCause::kFailure;

  friend bool operator==(const NodeSkipped&, const NodeSkipped&) = default;
};

/// The run was told to stop before the node started, or while it ran and it obeyed.
struct NodeCancelled {
  NodeIndex node = 0;
  RunTime at{};
  base::Boxed<sandbox::Usage> usage{};
  base::Boxed<SandboxDetails> details{};
  std::uint32_t attempt = 0;  ///< that was stopped; 0: none was running

  friend bool operator==(const NodeCancelled&, const NodeCancelled&) = default;
};

/// A strategy that has several ways of choosing the next node changed from one to another.
struct StrategySwitched {
  RunTime at{};
  std::string_view to;      ///< `critical_path`, `first_come`
  std::string_view reason;  ///< for people

  friend bool operator==(const StrategySwitched&, const StrategySwitched&) = default;
};

/// The last event. Every node has ended in one of the four ways before it.
struct RunFinished {
  RunTime at{};
  std::optional<Error> stopped_by{};  ///< what ended the run before its time, when that was no node and not its caller

  friend bool operator==(const RunFinished&, const RunFinished&) = default;
};

/// What can happen in a run. RunStarted comes first, RunFinished last; NodeStarted before the end of that node, and
/// after the end of all it depends on. Events of different nodes may come in any order, and their times need not rise.
using RunEvent =
    std::variant<RunStarted, LevelStarted, StrategySwitched, NodeWaiting, NodeStarted, NodeLogged, NodeEmitted,
                 NodeRetrying, NodeSucceeded, NodeFailed, NodeSkipped, NodeCancelled, RunFinished>;

struct RunRecord;

/// Whose events these are.
struct RunScope {
  const Plan& plan;         ///< that node numbers are of; lives as long as the call
  std::string_view path{};  ///< empty: the run itself; otherwise the node that runs these, and which time: `each[3]`,
                            ///< and what that is in: `outer[0]/each[3]`
  const RunRecord* record = nullptr;  ///< of RunFinished alone: what became of the run
};

/// Is told the events of a run while they happen: a journal, a progress display.
///
/// Threads: one call at a time, from any thread of the run. It must return quickly.
class RunSink {
 public:
  RunSink() = default;
  RunSink(const RunSink&) = delete;
  RunSink& operator=(const RunSink&) = delete;
  virtual ~RunSink() = default;

  virtual void on_event(const RunEvent& event, const RunScope& scope) noexcept = 0;
};

}  // namespace caisson::workflow
