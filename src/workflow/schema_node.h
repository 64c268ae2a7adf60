#pragma once

#include "document/schema.h"
#include "workflow/definition.h"
#include "workflow/node_runner.h"

#include <caisson/error.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace caisson::workflow {

/// `runner` with its input and its output checked against the schemas of `node`; `runner` itself when it has none.
///
/// What is checked is the JSON that is there: where the node's type takes values (code), of its input the object
/// `inputs` as the code sees it, of its output the value; elsewhere (wasm) the bytes, which must be JSON then. A node
/// whose input does not fit is not run. Errors: invalid_argument / workflow.input_schema; guest_fault /
/// workflow.output_schema; several problems are diagnostics.
[[nodiscard]] std::unique_ptr<NodeRunner> with_schemas(std::unique_ptr<NodeRunner> runner, const NodeDefinition& node);

enum class SchemaUse : std::uint8_t { kInput, kOutput };

/// What is wrong with a JSON text, as one of these errors; nothing when it fits.
[[nodiscard]] std::optional<Error> misfit(const document::Schema& schema, std::string_view json, SchemaUse use);

}  // namespace caisson::workflow
