#pragma once

#include "workflow/internal/problems.h"
#include "workflow/plan.h"

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// The dependencies of all nodes as indices, one list after another. Ids that are unknown, and repetitions, are left
/// out.
struct Edges {
  std::vector<NodeIndex> dependencies;
  std::vector<std::size_t> begin{0};  ///< for each node, where its dependencies begin; one more entry at the end

  [[nodiscard]] std::span<const NodeIndex> of(NodeIndex node) const noexcept {
    return std::span(dependencies).subspan(begin[node], begin[node + 1] - begin[node]);
  }
};

/// Finds every dependency's node; adds bad and duplicate ids, unknown dependencies and dependencies on oneself to
/// `problems`, and warns of repetitions.
[[nodiscard]] Edges resolve_references(std::span<const PlanNode> nodes, Problems& problems);

/// Nodes in an order in which dependencies come first. Shorter than the number of nodes when there are cycles, which
/// are then added to `problems`.
std::vector<NodeIndex> sort_topologically(std::span<const PlanNode> nodes, const Edges& edges, Problems& problems);

/// Warns of nodes that join paths which fork at one other node. `sorted` is the result of sort_topologically.
void warn_of_diamonds(std::span<const PlanNode> nodes, const Edges& edges, std::span<const NodeIndex> sorted,
                      Problems& problems);

/// Both checks, for a reader that wants all problems of a text at once; adds no warnings.
void check_graph(std::span<const PlanNode> nodes, Problems& problems);

}  // namespace caisson::workflow
