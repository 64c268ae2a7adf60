#pragma once

#include "document/value.h"
#include "workflow/node_runner.h"

#include <caisson/result.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// The number of a node in its plan, counted from 0 in the order of the definition.
using NodeIndex = std::uint32_t;

/// The id of a node that another one waits for, and where that is written.
struct Dependency {
  std::string id;
  document::Mark mark{};

  friend bool operator==(const Dependency& a, const Dependency& b) { return a.id == b.id; }
};

/// What a plan needs to know of a node. Everything is borrowed for the call that builds the plan.
struct PlanNode {
  std::string_view id;
  std::span<const Dependency> depends_on{};
  Intent intent = Intent::kTransform;
  document::Mark mark{};
};

/// The name under which every node sees the metadata of the run itself; no node may have it.
inline constexpr std::string_view kRequestId = "request";

inline constexpr std::size_t kMaxPlanNodes = 1'000'000;

/// A validated workflow: a directed graph without cycles, whose nodes have ranks. Immutable.
///
/// Rank 0 has no dependencies; any other node is one above the highest of its dependencies. Nodes of one rank never
/// depend on each other. All lists are indices, in compact arrays: a plan takes about 44 bytes a node, 8 a dependency,
/// and the ids.
///
/// Threads: safe to read concurrently.
class Plan {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return intents_.size(); }
  [[nodiscard]] std::size_t edge_count() const noexcept { return dependencies_.size(); }
  /// Number of ranks; 0 for a plan without nodes.
  [[nodiscard]] std::size_t rank_count() const noexcept { return rank_begin_.size() - 1; }

  [[nodiscard]] std::string_view id(NodeIndex node) const noexcept {
    return std::string_view(ids_).substr(id_begin_[node], id_begin_[node + 1] - id_begin_[node]);
  }
  [[nodiscard]] Intent intent(NodeIndex node) const noexcept { return intents_[node]; }
  [[nodiscard]] std::uint32_t rank(NodeIndex node) const noexcept { return ranks_[node]; }

  /// How many nodes there are behind a node on the longest way to an end; 0: nothing waits for it.
  [[nodiscard]] std::uint32_t height(NodeIndex node) const noexcept { return heights_[node]; }

  /// What a node waits for, each once, in the order of the definition.
  [[nodiscard]] std::span<const NodeIndex> dependencies(NodeIndex node) const noexcept {
    return std::span(dependencies_)
        .subspan(dependency_begin_[node], dependency_begin_[node + 1] - dependency_begin_[node]);
  }
  /// What waits for a node, in the order of the definition.
  [[nodiscard]] std::span<const NodeIndex> dependents(NodeIndex node) const noexcept {
    return std::span(dependents_).subspan(dependent_begin_[node], dependent_begin_[node + 1] - dependent_begin_[node]);
  }

  /// All nodes by rank, and inside a rank in the order of the definition. Dependencies come before what depends on
  /// them.
  [[nodiscard]] std::span<const NodeIndex> order() const noexcept { return order_; }
  /// The part of `order` that has this rank.
  [[nodiscard]] std::span<const NodeIndex> nodes_of_rank(std::size_t rank) const noexcept {
    return std::span(order_).subspan(rank_begin_[rank], rank_begin_[rank + 1] - rank_begin_[rank]);
  }

  /// The transform node whose output is this node's payload; nothing means the input of the run
  /// (docs/adr/0005-canonical-payload.md).
  [[nodiscard]] std::optional<NodeIndex> source(NodeIndex node) const noexcept {
    return sources_[node] == kNoSource ? std::nullopt : std::optional(sources_[node]);
  }

  /// Whether the output of `a` goes before that of `b`: the higher rank, then the smaller id (bytes compared).
  [[nodiscard]] bool outranks(NodeIndex a, NodeIndex b) const noexcept {
    return ranks_[a] != ranks_[b] ? ranks_[a] > ranks_[b] : id(a) < id(b);
  }

  /// What is allowed and probably not meant: diamonds, a dependency that is written twice.
  [[nodiscard]] const std::vector<Diagnostic>& warnings() const noexcept { return warnings_; }

 private:
  friend class PlanBuilder;
  Plan() = default;

  static constexpr NodeIndex kNoSource = UINT32_MAX;

  // For each node, where its part of a list begins; one more entry at the end.
  std::string ids_;
  std::vector<std::size_t> id_begin_{0};
  std::vector<NodeIndex> dependencies_;
  std::vector<std::size_t> dependency_begin_{0};
  std::vector<NodeIndex> dependents_;
  std::vector<std::size_t> dependent_begin_{0};

  std::vector<Intent> intents_;
  std::vector<std::uint32_t> ranks_;
  std::vector<std::uint32_t> heights_;
  std::vector<NodeIndex> sources_;
  std::vector<NodeIndex> order_;
  std::vector<std::size_t> rank_begin_{0};  // for each rank, where it begins in order_
  std::vector<Diagnostic> warnings_;
};

/// Checks the nodes and their dependencies, and ranks them. `file` is only used in the diagnostics. Time and memory are
/// linear in nodes and dependencies; nothing recurses.
///
/// Errors: resource_exhausted / workflow.too_many_nodes (more than kMaxPlanNodes); otherwise invalid_argument with one
/// diagnostic per problem, all of them: workflow.bad_id, workflow.duplicate_id, workflow.unknown_dependency,
/// workflow.self_dependency; and, only when there is none of these, workflow.cycle. The error's own reason is that of
/// its diagnostics when they share one, otherwise workflow.invalid_definition.
[[nodiscard]] Result<Plan> make_plan(std::span<const PlanNode> nodes, std::string_view file = {});

}  // namespace caisson::workflow
