#pragma once

#include "workflow/definition.h"
#include "workflow/internal/fields.h"
#include "workflow/internal/node_reading.h"
#include "workflow/internal/problems.h"
#include "workflow/written_rules.h"

#include <array>
#include <string_view>

namespace caisson::workflow {

/// What every node may have besides the fields of its type.
inline constexpr std::array<std::string_view, 6> kRuleNames{
    "when", "retry", "timeout", "continue_on_error", "priority", "concurrency_key"};

/// Reads these of a node whose type and dependencies are known.
[[nodiscard]] WrittenRules read_rules(NodeReading& reading, const NodeType& type);

/// Reads `executor_options`: what a definition says about its run as a whole.
void read_executor_options(const document::Value& value, Definition& definition, Problems& problems);

/// Reads `max_concurrency` of a type of node.
void read_type_limit(Fields& fields, const NodeType& type, Definition& definition, Problems& problems);

/// Whether every limit of a key is of a key that some node has. Only of a definition without errors.
void check_keys(const Definition& definition, document::Mark where, Problems& problems);

}  // namespace caisson::workflow
