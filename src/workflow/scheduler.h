#pragma once

#include "base/environment.h"
#include "base/thread_pool.h"
#include "workflow/node_rules.h"
#include "workflow/node_runner.h"
#include "workflow/run_record.h"
#include "workflow/workers.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>

namespace caisson::workflow {

struct RunOptions {
  std::string id{};  ///< for listings and the audit
  Strategy strategy = Strategy::kWorkQueue;
  StrategyHints hints{};
  FailureStrategy failure_strategy = FailureStrategy::kFailFast;
  std::size_t max_concurrency = 1;  ///< nodes in flight at once; the pool's size is a limit of its own; 0 counts as 1
  std::span<const NodeGroup> groups{};           ///< as NodeRules::groups counts them
  std::span<const NodeRules> rules{};            ///< by index; empty: none
  std::chrono::nanoseconds timeout{0};           ///< of the whole run; 0: none
  std::uint64_t max_steps = 1'000'000;           ///< attempts in all, those of nested runs with them
  std::uint64_t max_payload_bytes = 64 << 20;    ///< of one output
  std::uint64_t max_output_bytes = 1ULL << 30;   ///< of all outputs together; those below 256 bytes do not count
  std::uint64_t max_sandbox_bytes = UINT64_MAX;  ///< of memory that sandboxes hold together (sandbox.run_memory)
  Payload input{};
  document::Value context{};  ///< metadata of the run itself: a map, or null
  std::stop_token stop{};     ///< requested: nothing more starts, running nodes are told
};

/// Runs every node of the plan that can run, and waits for the end.
///
/// A node starts after everything that it depends on is done, with the canonical payload at its place as its input.
/// Done is what succeeded, what was not taken, and what failed under a rule that says this does not count. A node fails
/// when its runner returns an error or throws, when it has none (workflow.no_runner), when it transforms and gives no
/// payload (workflow.invalid_response), when it takes too long (workflow.timeout), or when its output is too large
/// (workflow.payload_too_large, workflow.too_much_output).
///
/// A node is not taken, and neither are those that depend only on such nodes, when a node that chooses did not choose
/// it, or when its own condition does not hold. What depends on it and on others runs with what the others gave.
///
/// A node that failed, and that a rule says to try again, waits without a thread and without its places in its groups.
///
/// What a failure does:
/// - fail_fast: the nodes in flight are told to stop, nothing more starts. Every node that did not start, and every one
///   that obeyed, is cancelled. Failures of nodes that were in flight are all kept. The run has failed.
/// - continue_on_error: everything that does not depend on the failed node, directly or not, still runs; what does is
///   skipped and names the failed node. The run has failed, after all the rest is done, and lists every failure.
/// - best_effort: the same nodes run as under continue_on_error. The run has succeeded if any node did; its result is
///   the canonical payload of what succeeded (the input when no transform node did). It has failed if none did.
///
/// A run that is too long (workflow.run_timeout) or has too many steps (workflow.too_many_steps) is stopped and has
/// failed. A stop from outside cancels what has not ended. The run is then cancelled, or failed when nodes failed and
/// the rules above say so; a stop that comes too late to cancel a node changes nothing.
///
/// `runners` has the runner of each node by index; missing and null ones are failures of their nodes. `sink` may be
/// null. It is told of each node's start and end while they happen, and of skipped and cancelled nodes when nothing
/// runs any more, in the plan's order.
///
/// Threads: blocks; must not be called from a task of `workers`. The record does not depend on `max_concurrency`,
/// strategy and timing, apart from times and usage, as long as the runners' outcomes do not, and unless the run was
/// stopped: by fail_fast, by a limit or from outside.
/// Lifetime: nothing given is used after the return.
[[nodiscard]] RunRecord run(const Plan& plan, std::span<const NodeRunner* const> runners, const RunOptions& options,
                            Workers& workers, const base::Environment& environment, RunSink* sink = nullptr);

/// On the threads of a pool.
[[nodiscard]] RunRecord run(const Plan& plan, std::span<const NodeRunner* const> runners, const RunOptions& options,
                            base::ThreadPool& pool, const base::Environment& environment, RunSink* sink = nullptr);

}  // namespace caisson::workflow
