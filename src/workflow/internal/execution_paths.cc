// Which nodes of an execution run: those that nobody excluded, behind what ended as it has to.

#include "workflow/internal/execution.h"

#include <algorithm>
#include <vector>

namespace caisson::workflow {

/// Of several that did not choose a node it names the first in the plan's order, whoever was first.
void Execution::exclude(NodeIndex by, std::span<const std::string> ids) {
  const auto before = [this](NodeIndex a, NodeIndex b) {
    return b == kNobody || (plan_.rank(a) != plan_.rank(b) ? plan_.rank(a) < plan_.rank(b) : a < b);
  };
  for (const NodeIndex dependent : ids.empty() || !may_skip_ ? std::span<const NodeIndex>() : plan_.dependents(by)) {
    if (std::ranges::find(ids, plan_.id(dependent)) != ids.end()) {
      auto& excluded_by = excluded_by_[dependent];
      NodeIndex other = excluded_by.load(std::memory_order_relaxed);
      while (before(by, other) && !excluded_by.compare_exchange_weak(other, by, std::memory_order_relaxed)) {
      }
    }
  }
}

void Execution::skip(NodeIndex node, SkipCause cause, NodeIndex because) {
  sources_[node] = source_of(node).value_or(kNobody);
  emit(NodeSkipped{node, context_.elapsed(), because, cause});
}

bool Execution::skip_unless_taken(NodeIndex node) {
  if (const NodeIndex by = excluded_by_[node].load(std::memory_order_relaxed); by != kNobody) {
    skip(node, SkipCause::kBranch, by);
    return true;
  }
  const auto dependencies = plan_.dependencies(node);
  const bool any = dependencies.empty() || std::ranges::any_of(dependencies, [this](NodeIndex d) {
                     return record_.nodes[d].state != NodeState::kSkipped;
                   });
  if (!any) {
    skip(node, SkipCause::kDependency, dependencies.front());
  }
  return !any;
}

bool Execution::is_blocked(NodeIndex node) const noexcept {
  return std::ranges::any_of(plan_.dependencies(node), [this](NodeIndex d) { return !is_done(d); });
}

bool Execution::is_done(NodeIndex node) const noexcept {
  const NodeRecord& record = record_.nodes[node];
  switch (record.state) {
    case NodeState::kSucceeded:
      return true;
    case NodeState::kSkipped:
      return record.cause != SkipCause::kFailure;
    case NodeState::kFailed:
      return !record.failure_counts;
    default:
      return false;
  }
}

/// Says of every node that did not start why: in plan order, when nothing runs any more.
void Execution::end_the_rest() {
  if (!any_failed_ && !stop_.stop_requested()) {
    return;  // all of them did
  }
  const bool skips = any_failed_ && options_.failure_strategy != FailureStrategy::kFailFast;
  std::vector<NodeIndex> failed(skips ? plan_.size() : 0, kNobody);  // itself, or the first before it
  const auto before = [this](NodeIndex a, NodeIndex b) {
    return plan_.rank(a) != plan_.rank(b) ? plan_.rank(a) < plan_.rank(b) : a < b;
  };
  for (const NodeIndex node : plan_.order()) {
    const NodeRecord& record = record_.nodes[node];
    const NodeState state = record.state;
    if (skips) {
      failed[node] = state == NodeState::kFailed && record.failure_counts ? node : kNobody;
      for (const NodeIndex d : plan_.dependencies(node)) {
        const NodeIndex offered = failed[d];
        if (offered != kNobody && (failed[node] == kNobody || before(offered, failed[node]))) {
          failed[node] = offered;
        }
      }
    }
    if (state == NodeState::kPending) {
      if (skips && failed[node] != kNobody) {
        emit(NodeSkipped{node, context_.elapsed(), failed[node], SkipCause::kFailure});
      } else {
        emit(NodeCancelled{node, context_.elapsed()});
      }
    }
  }
}

}  // namespace caisson::workflow
