#pragma once

#include "workflow/definition.h"
#include "workflow/internal/fields.h"
#include "workflow/internal/problems.h"

#include <span>
#include <string>

namespace caisson::workflow {

/// Reads `input_mappings` and `output_selection` of a node.
void read_mappings(Fields& fields, NodeDefinition& node, Problems& problems);

/// Of a node that cannot have them.
void refuse_mappings(const Fields& fields, const NodeType& type, Problems& problems);

/// Whether every template refers to a node that there is, and that its node depends on. `names`: what nodes may refer
/// to besides.
void check_mappings(std::span<const NodeDefinition> nodes, Problems& problems, std::span<const std::string> names = {});

}  // namespace caisson::workflow
