#pragma once

#include "workflow/definition.h"
#include "workflow/plan.h"

#include <string>

namespace caisson::workflow {

/// The plan as a Mermaid flowchart or as a Graphviz digraph.
///
/// The type of a node decides its shape; nodes that analyze have dashed borders, and so have the edges from them,
/// because their output goes nowhere. A node that runs others stands in a frame with them. Edges to nodes that a node
/// chooses say when it does. Ids appear only as escaped labels: whatever they contain, they end no string and add no
/// node.
[[nodiscard]] std::string to_mermaid(const Definition& definition, const Plan& plan);
[[nodiscard]] std::string to_dot(const Definition& definition, const Plan& plan);

}  // namespace caisson::workflow
