#include "workflow/run_record.h"

#include "base/unicode.h"
#include "workflow/internal/fold.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace caisson::workflow {

namespace {

constexpr std::size_t kShownFailures = 10;

template <typename... F>
struct Overloaded : F... {
  using F::operator()...;
};

std::string named(const Plan& plan, NodeIndex node) { return fmt::format("'{}'", base::printable(plan.id(node))); }

RunTotals count(const RunRecord& record) {
  RunTotals totals;
  for (const NodeRecord& node : record.nodes) {
    totals.started += node.started ? 1U : 0U;
    totals.attempts += node.attempts;
    totals.succeeded += node.state == NodeState::kSucceeded ? 1 : 0;
    totals.failed += node.state == NodeState::kFailed ? 1 : 0;
    totals.skipped += node.state == NodeState::kSkipped ? 1 : 0;
    totals.cancelled += node.state == NodeState::kCancelled ? 1 : 0;
    if (node.usage) {
      sandbox::add_usage(totals.usage, *node.usage);
    }
  }
  return totals;
}

/// The output of the best transform node that succeeded, otherwise the input.
Payload canonical_result(const Plan& plan, const RunRecord& record) {
  for (std::size_t rank = plan.rank_count(); rank > 0; --rank) {
    std::optional<NodeIndex> best;
    for (const NodeIndex node : plan.nodes_of_rank(rank - 1)) {
      const bool holds = plan.intent(node) == Intent::kTransform && record.nodes[node].state == NodeState::kSucceeded;
      if (holds && (!best || plan.outranks(node, *best))) {
        best = node;
      }
    }
    if (best) {
      return record.nodes[*best].payload.value_or(record.run.input);
    }
  }
  return record.run.input;
}

Error failure_of(const Plan& plan, const RunRecord& record) {
  const std::vector<NodeIndex> failed = failed_nodes(plan, record);
  const auto cause = [&](NodeIndex node) -> const Error& { return *record.nodes[node].error; };
  if (failed.size() == 1) {
    const Error& why = cause(failed.front());
    return {why.category, "workflow.node_failed",
            fmt::format("node {} failed: {}", named(plan, failed.front()), why.message)};
  }
  Error out{cause(failed.front()).category, "workflow.multiple_failed", fmt::format("{} nodes failed", failed.size())};
  for (std::size_t i = 0; i < std::min(failed.size(), kShownFailures); ++i) {
    out.message += fmt::format("{} {}: {}", i == 0 ? ":" : ";", named(plan, failed[i]), cause(failed[i]).message);
  }
  if (failed.size() > kShownFailures) {
    out.message += fmt::format("; and {} more", failed.size() - kShownFailures);
  }
  return out;
}

void count_usage(NodeRecord& node, base::Boxed<sandbox::Usage> usage) {
  if (node.usage && usage) {
    sandbox::add_usage(*node.usage, *usage);
  } else if (usage) {
    node.usage = std::move(usage);
  }
}

NodeRecord& end_node(RunRecord& record, NodeIndex index, NodeState state, RunTime at) {
  NodeRecord& node = record.nodes[index];
  node.state = state;
  node.finished = at;
  return node;
}

void finish(const Plan& plan, RunRecord& record, const RunFinished& event) {
  record.duration = event.at;
  record.totals = count(record);
  const RunTotals& totals = record.totals;
  const FailureStrategy strategy = record.run.failure_strategy;
  const bool forgiven = strategy == FailureStrategy::kBestEffort && totals.succeeded > 0;
  const bool failed = std::ranges::any_of(
      record.nodes, [](const NodeRecord& node) { return node.state == NodeState::kFailed && node.failure_counts; });
  if (event.stopped_by) {
    record.status = RunStatus::kFailed;
    record.error = event.stopped_by;
    record.was_stopped = true;
  } else if (failed && !forgiven) {
    record.status = RunStatus::kFailed;
    record.error = failure_of(plan, record);
  } else if (totals.cancelled > 0) {
    record.status = RunStatus::kCancelled;
    record.error = Error{
        Category::kCancelled, "workflow.cancelled",
        fmt::format("the run was stopped when {} of {} nodes had succeeded", totals.succeeded, record.nodes.size())};
  } else {
    record.status = RunStatus::kSucceeded;
    record.result = canonical_result(plan, record);
  }
}

}  // namespace

std::string_view to_string(NodeState state) noexcept {
  static constexpr std::array<std::string_view, 6> kNames{"pending", "running", "succeeded",
                                                          "failed",  "skipped", "cancelled"};
  return kNames.at(static_cast<std::size_t>(state));
}

std::string_view to_string(SkipCause cause) noexcept {
  static constexpr std::array<std::string_view, 4> kNames{"failure", "branch", "condition", "dependency"};
  return kNames.at(static_cast<std::size_t>(cause));
}

std::string_view to_string(RunStatus status) noexcept {
  static constexpr std::array<std::string_view, 4> kNames{"running", "succeeded", "failed", "cancelled"};
  return kNames.at(static_cast<std::size_t>(status));
}

RunRecord empty_record(const Plan& plan) {
  RunRecord record;
  record.nodes.resize(plan.size());
  return record;
}

void apply_event(RunRecord& record, const NodeStarted& event) {
  NodeRecord& node = record.nodes[event.node];
  node.state = NodeState::kRunning;
  node.started = node.started.value_or(event.at);
  node.attempts = event.attempt;
}

void apply_event(RunRecord& record, NodeSucceeded event) {
  NodeRecord& node = end_node(record, event.node, NodeState::kSucceeded, event.at);
  node.payload = std::move(event.payload);
  node.metadata = std::move(event.metadata);
  count_usage(node, std::move(event.usage));
  node.details = std::move(event.details);
}

void apply(const Plan& plan, RunRecord& record, RunEvent event) {
  const auto end = [&](NodeIndex node, NodeState state, RunTime at) -> NodeRecord& {
    return end_node(record, node, state, at);
  };
  std::visit(Overloaded{
                 [&](RunStarted&& e) { record.run = std::move(e); },
                 [&](NodeStarted&& e) { apply_event(record, e); },
                 [&](NodeRetrying&& e) {
                   NodeRecord& node = record.nodes[e.node];
                   node.state = NodeState::kPending;
                   count_usage(node, std::move(e.usage));
                   node.details = std::move(e.details);
                 },
                 [&](NodeWaiting&&) {},
                 [&](NodeLogged&&) {},  // the end of the attempt has all of them
                 [&](NodeEmitted&&) {},
                 [&](LevelStarted&&) {},
                 [&](StrategySwitched&& e) {
                   if (record.switches.size() < kKeptSwitches) {
                     record.switches.push_back(e);
                   }
                 },
                 [&](NodeSucceeded&& e) { apply_event(record, std::move(e)); },
                 [&](NodeFailed&& e) {
                   NodeRecord& node = end(e.node, NodeState::kFailed, e.at);
                   node.error = std::move(e.error);
                   node.failure_counts = e.counts;
                   node.metadata = std::move(e.metadata);
                   count_usage(node, std::move(e.usage));
                   node.details = std::move(e.details);
                 },
                 [&](NodeSkipped&& e) {
                   NodeRecord& node = end(e.node, NodeState::kSkipped, e.at);
                   node.because = e.because;
                   node.cause = e.cause;
                 },
                 [&](NodeCancelled&& e) {
                   NodeRecord& node = end(e.node, NodeState::kCancelled, e.at);
                   count_usage(node, std::move(e.usage));
                   if (e.attempt > 0) {
                     node.details = std::move(e.details);
                   }
                 },
                 [&](RunFinished&& e) { finish(plan, record, e); },
             },
             std::move(event));
}

RunRecord fold(const Plan& plan, std::span<const RunEvent> events) {
  RunRecord record = empty_record(plan);
  for (const RunEvent& event : events) {
    apply(plan, record, event);
  }
  return record;
}

std::vector<NodeIndex> failed_nodes(const Plan& plan, const RunRecord& record) {
  std::vector<NodeIndex> out;
  std::ranges::copy_if(plan.order(), std::back_inserter(out), [&](NodeIndex node) {
    return record.nodes[node].state == NodeState::kFailed && record.nodes[node].failure_counts;
  });
  return out;
}

}  // namespace caisson::workflow
