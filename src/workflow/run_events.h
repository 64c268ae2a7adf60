#pragma once

#include "document/value.h"
#include "sandbox/usage.h"
#include "workflow/plan.h"
#include "workflow/strategy.h"

#include <caisson/payload.h>
#include <caisson/result.h>

#include <chrono>
#include <cstddef>
#include <optional>
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

  friend bool operator==(const RunStarted&, const RunStarted&) = default;
};

struct NodeStarted {
  NodeIndex node = 0;
  RunTime at{};

  friend bool operator==(const NodeStarted&, const NodeStarted&) = default;
};

struct NodeSucceeded {
  NodeIndex node = 0;
  RunTime at{};
  std::optional<Payload> payload{};
  document::Value metadata{};
  std::optional<sandbox::Usage> usage{};
  std::optional<SandboxDetails> details{};

  friend bool operator==(const NodeSucceeded&, const NodeSucceeded&) = default;
};

struct NodeFailed {
  NodeIndex node = 0;
  RunTime at{};
  Error error{};
  document::Value metadata{};
  std::optional<sandbox::Usage> usage{};
  std::optional<SandboxDetails> details{};

  friend bool operator==(const NodeFailed&, const NodeFailed&) = default;
};

/// The node never started, because a node that it depends on, directly or not, failed.
struct NodeSkipped {
  NodeIndex node = 0;
  RunTime at{};
  NodeIndex because = 0;  ///< that node; of several the first in the plan's order

  friend bool operator==(const NodeSkipped&, const NodeSkipped&) = default;
};

/// The run was told to stop before the node started, or while it ran and it obeyed.
struct NodeCancelled {
  NodeIndex node = 0;
  RunTime at{};
  std::optional<sandbox::Usage> usage{};
  std::optional<SandboxDetails> details{};

  friend bool operator==(const NodeCancelled&, const NodeCancelled&) = default;
};

/// The last event. Every node has ended in one of the four ways before it.
struct RunFinished {
  RunTime at{};

  friend bool operator==(const RunFinished&, const RunFinished&) = default;
};

/// What can happen in a run. RunStarted comes first, RunFinished last; NodeStarted before the end of that node, and
/// after the end of all it depends on. Events of different nodes may come in any order, and their times need not rise.
using RunEvent =
    std::variant<RunStarted, NodeStarted, NodeSucceeded, NodeFailed, NodeSkipped, NodeCancelled, RunFinished>;

/// Is told the events of a run while they happen: a journal, a progress display.
///
/// Threads: one call at a time, from any thread of the run. It must return quickly.
class RunSink {
 public:
  RunSink() = default;
  RunSink(const RunSink&) = delete;
  RunSink& operator=(const RunSink&) = delete;
  virtual ~RunSink() = default;

  virtual void on_event(const RunEvent& event) noexcept = 0;
};

}  // namespace caisson::workflow
