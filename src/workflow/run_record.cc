#include "workflow/run_record.h"

#include "base/unicode.h"

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
    totals.succeeded += node.state == NodeState::kSucceeded ? 1 : 0;
    totals.failed += node.state == NodeState::kFailed ? 1 : 0;
    totals.skipped += node.state == NodeState::kSkipped ? 1 : 0;
    totals.cancelled += node.state == NodeState::kCancelled ? 1 : 0;
    if (node.usage) {
      totals.usage.wall += node.usage->wall;
      totals.usage.cpu += node.usage->cpu;
      totals.usage.fuel += node.usage->fuel;
      totals.usage.memory_bytes = std::max(totals.usage.memory_bytes, node.usage->memory_bytes);
      totals.usage.input_bytes += node.usage->input_bytes;
      totals.usage.output_bytes += node.usage->output_bytes;
      totals.usage.http_requests += node.usage->http_requests;
      totals.usage.http_sent_bytes += node.usage->http_sent_bytes;
      totals.usage.http_received_bytes += node.usage->http_received_bytes;
      totals.usage.host_calls += node.usage->host_calls;
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

void finish(const Plan& plan, RunRecord& record, const RunFinished& event) {
  record.duration = event.at;
  record.totals = count(record);
  const RunTotals& totals = record.totals;
  const FailureStrategy strategy = record.run.failure_strategy;
  const bool forgiven = strategy == FailureStrategy::kBestEffort && totals.succeeded > 0;
  if (totals.failed > 0 && !forgiven) {
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

std::string_view to_string(RunStatus status) noexcept {
  static constexpr std::array<std::string_view, 4> kNames{"running", "succeeded", "failed", "cancelled"};
  return kNames.at(static_cast<std::size_t>(status));
}

RunRecord empty_record(const Plan& plan) {
  RunRecord record;
  record.nodes.resize(plan.size());
  return record;
}

void apply(const Plan& plan, RunRecord& record, RunEvent event) {
  const auto end = [&](NodeIndex index, NodeState state, RunTime at) -> NodeRecord& {
    NodeRecord& node = record.nodes[index];
    node.state = state;
    node.finished = at;
    return node;
  };
  std::visit(Overloaded{
                 [&](RunStarted&& e) { record.run = std::move(e); },
                 [&](NodeStarted&& e) {
                   record.nodes[e.node].state = NodeState::kRunning;
                   record.nodes[e.node].started = e.at;
                 },
                 [&](NodeSucceeded&& e) {
                   NodeRecord& node = end(e.node, NodeState::kSucceeded, e.at);
                   node.payload = std::move(e.payload);
                   node.metadata = std::move(e.metadata);
                   node.usage = std::move(e.usage);
                   node.details = std::move(e.details);
                 },
                 [&](NodeFailed&& e) {
                   NodeRecord& node = end(e.node, NodeState::kFailed, e.at);
                   node.error = std::move(e.error);
                   node.metadata = std::move(e.metadata);
                   node.usage = std::move(e.usage);
                   node.details = std::move(e.details);
                 },
                 [&](NodeSkipped&& e) { end(e.node, NodeState::kSkipped, e.at).because = e.because; },
                 [&](NodeCancelled&& e) {
                   NodeRecord& node = end(e.node, NodeState::kCancelled, e.at);
                   node.usage = std::move(e.usage);
                   node.details = std::move(e.details);
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
  std::ranges::copy_if(plan.order(), std::back_inserter(out),
                       [&](NodeIndex node) { return record.nodes[node].state == NodeState::kFailed; });
  return out;
}

}  // namespace caisson::workflow
