#pragma once

#include "document/value.h"
#include "workflow/definition.h"
#include "workflow/internal/problems.h"

#include <span>
#include <string>
#include <vector>

namespace caisson::workflow {

/// How deep nodes may stand in the bodies of other nodes.
inline constexpr std::size_t kMaxBodyDepth = 16;

/// The nodes of a list with every `body` and `branches` made whole: where one names a node by its id, the node itself
/// is put there, and is no longer in the list. So whatever reads a body finds definitions only. Reasons of problems:
/// workflow.unknown_dependency, workflow.bad_value, workflow.cycle.
[[nodiscard]] document::List gather_bodies(const document::List& nodes, Problems& problems);

/// What nodes inside of a body know besides what they depend on.
struct BodyScope {
  std::vector<std::string> names{};  ///< of values in `inputs`, and so of expressions
  std::size_t depth = 0;             ///< of bodies around them
};

/// Reads nodes that belong to one graph, and lets those wait that follow one which chooses; the graph itself is not
/// checked. `nodes`: what gather_bodies gave. Nodes without a usable id are left out.
[[nodiscard]] std::vector<NodeDefinition> read_node_list(const document::List& nodes, const Definition& definition,
                                                         Problems& problems, const BodyScope& scope = {});

/// Adds a problem for every id that a node in a body has and another node, anywhere, has too.
void check_ids_in_bodies(std::span<const NodeDefinition> nodes, Problems& problems);

/// For make_plan and check_graph.
[[nodiscard]] std::vector<PlanNode> plan_nodes(std::span<const NodeDefinition> nodes);

}  // namespace caisson::workflow
