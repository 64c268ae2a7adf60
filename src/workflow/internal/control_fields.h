#pragma once

#include "workflow/expression.h"
#include "workflow/internal/node_reading.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// What every body knows: how often it ran before.
inline constexpr std::string_view kIndexName = "index";
/// What a body that repeats knows: the result before, or null.
inline constexpr std::string_view kLastName = "last";

/// An expression that stands under `name`; `more`: names that it may use besides `input`, the dependencies of the node
/// and what its scope has. A template of one expression, `{{node.field}}`, is read as that expression. Reason of
/// problems: workflow.bad_expression.
[[nodiscard]] std::optional<Expression> read_expression(NodeReading& reading, std::string_view name,
                                                        std::span<const std::string_view> more = {});

/// Ids of nodes beside this one.
[[nodiscard]] std::vector<Dependency> read_ids(NodeReading& reading, std::string_view name);

/// A name that expressions may have, under `name`; `standard` when nobody says otherwise.
[[nodiscard]] std::string read_variable(NodeReading& reading, std::string_view name, std::string_view standard);

/// A graph of nodes: `list` is one, and every node of it may use `names` besides what the node itself sees.
[[nodiscard]] std::vector<NodeDefinition> read_body(NodeReading& reading, const document::Value& list,
                                                    std::vector<std::string> names);

/// The same of `body`, which has to be there.
[[nodiscard]] std::vector<NodeDefinition> read_required_body(NodeReading& reading, std::vector<std::string> names);

}  // namespace caisson::workflow
