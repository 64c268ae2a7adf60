#pragma once

#include "base/timer.h"
#include "workflow/node_rules.h"
#include "workflow/node_runner.h"
#include "workflow/plan.h"
#include "workflow/run_record.h"

#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace caisson::workflow {

struct NestedOptions {
  std::string scope{};                 ///< what the events of these nodes are listed under, inside the scope of the
                                       ///< node: `again[3]`; empty: the node's id
  Payload input{};                     ///< the canonical payload at the entry nodes
  std::vector<NamedPayload> inputs{};  ///< that every node sees besides those of its dependencies
  Strategy strategy = Strategy::kWorkQueue;
  FailureStrategy failure_strategy = FailureStrategy::kFailFast;
  std::size_t max_concurrency = 1;     ///< the whole run's is a limit of its own
  std::span<const NodeRules> rules{};  ///< by index; empty: none
  std::stop_token stop{};              ///< besides that of the node
};

/// Runs nodes inside a node: the body of a loop, the items of a map, the branches of a parallel node.
///
/// The calling thread runs nodes itself, and others join when the run has room for them; so nested runs nest as deep as
/// one likes, and none waits for a thread that another one holds.
class NestedRuns {
 public:
  NestedRuns() = default;
  NestedRuns(const NestedRuns&) = delete;
  NestedRuns& operator=(const NestedRuns&) = delete;
  virtual ~NestedRuns() = default;

  /// As workflow::run. Concurrently callable.
  [[nodiscard]] virtual RunRecord run(const Plan& plan, std::span<const NodeRunner* const> runners,
                                      const NestedOptions& options) = 0;

  /// That of the run, for what has to end in time. Outlives the run.
  [[nodiscard]] virtual base::Timer& timer() noexcept = 0;
};

/// Nodes that are run as a whole, any number of times: what a control node makes of its body.
struct Section {
  Plan plan;
  std::vector<std::unique_ptr<NodeRunner>> owned;
  std::vector<const NodeRunner*> runners;  ///< of `owned`, by index
  std::vector<NodeRules> rules;            ///< by index
};

}  // namespace caisson::workflow
