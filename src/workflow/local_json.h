#pragma once

#include "workflow/local_options.h"
#include "workflow/node_runner.h"

#include <memory>

namespace caisson::workflow {

/// json_path: what the JSON Pointer `pointer` (RFC 6901) finds in the input, which is one JSON text. A string is given
/// as its text, anything else as compact JSON.
///
/// The option `path` (JSONPath, RFC 9535) is refused: invalid_argument / workflow.json_path_unsupported.
/// Errors of the runner: invalid_argument / workflow.invalid_json, with the diagnostics of document::parse_json;
/// resource_exhausted / workflow.input_too_large; not_found / workflow.json_path_missing.
[[nodiscard]] std::unique_ptr<NodeRunner> make_json_path(OptionReader& options);

}  // namespace caisson::workflow
