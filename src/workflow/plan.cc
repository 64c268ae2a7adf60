#include "workflow/plan.h"

#include "workflow/internal/plan_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace caisson::workflow {

/// Fills a Plan from nodes that were checked. The steps are called in the order of their declaration.
class PlanBuilder {
 public:
  PlanBuilder(std::span<const PlanNode> nodes, Edges edges) : nodes_(nodes) {
    plan_.dependencies_ = std::move(edges.dependencies);
    plan_.dependency_begin_ = std::move(edges.begin);
  }

  void add_nodes() {
    plan_.id_begin_.reserve(nodes_.size() + 1);
    plan_.intents_.reserve(nodes_.size());
    for (const PlanNode& node : nodes_) {
      plan_.ids_ += node.id;
      plan_.id_begin_.push_back(plan_.ids_.size());
      plan_.intents_.push_back(node.intent);
    }
  }

  void add_dependents() {
    auto& begin = plan_.dependent_begin_;
    begin.assign(nodes_.size() + 1, 0);
    for (const NodeIndex d : plan_.dependencies_) {
      ++begin[d + 1];
    }
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    plan_.dependents_.resize(plan_.dependencies_.size());
    std::vector<std::size_t> next = begin;
    for (NodeIndex i = 0; i < nodes_.size(); ++i) {
      for (const NodeIndex d : plan_.dependencies(i)) {
        plan_.dependents_[next[d]++] = i;
      }
    }
  }

  /// `sorted`: all nodes, dependencies first.
  void add_ranks(std::span<const NodeIndex> sorted) {
    plan_.ranks_.assign(nodes_.size(), 0);
    std::uint32_t highest = 0;
    for (const NodeIndex node : sorted) {
      for (const NodeIndex d : plan_.dependencies(node)) {
        plan_.ranks_[node] = std::max(plan_.ranks_[node], plan_.ranks_[d] + 1);
      }
      highest = std::max(highest, plan_.ranks_[node]);
    }
    auto& begin = plan_.rank_begin_;
    begin.assign(nodes_.empty() ? 1 : std::size_t{highest} + 2, 0);
    for (const std::uint32_t rank : plan_.ranks_) {
      ++begin[std::size_t{rank} + 1];
    }
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    plan_.order_.resize(nodes_.size());
    std::vector<std::size_t> next = begin;
    for (NodeIndex i = 0; i < nodes_.size(); ++i) {
      plan_.order_[next[plan_.ranks_[i]]++] = i;
    }
  }

  void add_heights() {
    plan_.heights_.assign(nodes_.size(), 0);
    for (auto node = plan_.order_.rbegin(); node != plan_.order_.rend(); ++node) {
      for (const NodeIndex d : plan_.dependencies(*node)) {
        plan_.heights_[d] = std::max(plan_.heights_[d], plan_.heights_[*node] + 1);
      }
    }
  }

  /// A transform node outranks everything before it, so a node's source is the best of what its direct dependencies
  /// stand for: themselves when they transform, otherwise their own source.
  void add_sources() {
    plan_.sources_.assign(nodes_.size(), Plan::kNoSource);
    for (const NodeIndex node : plan_.order_) {
      NodeIndex best = Plan::kNoSource;
      for (const NodeIndex d : plan_.dependencies(node)) {
        const NodeIndex offered = plan_.intents_[d] == Intent::kTransform ? d : plan_.sources_[d];
        if (offered != Plan::kNoSource && (best == Plan::kNoSource || plan_.outranks(offered, best))) {
          best = offered;
        }
      }
      plan_.sources_[node] = best;
    }
  }

  [[nodiscard]] Plan finish(std::vector<Diagnostic> warnings) && {
    plan_.warnings_ = std::move(warnings);
    return std::move(plan_);
  }

 private:
  std::span<const PlanNode> nodes_;
  Plan plan_;
};

Result<Plan> make_plan(std::span<const PlanNode> nodes, std::string_view file) {
  if (nodes.size() > kMaxPlanNodes) {
    return Error{Category::kResourceExhausted, "workflow.too_many_nodes",
                 fmt::format("the workflow has {} nodes; at most {} are allowed", nodes.size(), kMaxPlanNodes)};
  }
  Problems problems(file);
  Edges edges = resolve_references(nodes, problems);
  if (problems.has_errors()) {
    return problems.to_error();
  }
  const std::vector<NodeIndex> sorted = sort_topologically(nodes, edges, problems);
  if (problems.has_errors()) {
    return problems.to_error();
  }
  warn_of_diamonds(nodes, edges, sorted, problems);
  PlanBuilder builder(nodes, std::move(edges));
  builder.add_nodes();
  builder.add_dependents();
  builder.add_ranks(sorted);
  builder.add_heights();
  builder.add_sources();
  return std::move(builder).finish(problems.warnings());
}

}  // namespace caisson::workflow
