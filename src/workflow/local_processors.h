#pragma once

#include "workflow/node_runner.h"

#include <memory>
#include <span>
#include <string_view>

namespace caisson::workflow {

/// A local processor ready to run, and what its payload is for unless the definition says otherwise.
struct LocalProcessor {
  std::unique_ptr<NodeRunner> runner;
  Intent intent = Intent::kTransform;
};

/// The names that `make_local_processor` knows, sorted.
[[nodiscard]] std::span<const std::string_view> local_processor_names() noexcept;

/// The built-in text processor of that name. `options` is the node's `options` map, or null.
///
/// Every option is checked here, with its place in the text: unknown names (with a suggestion), wrong kinds, bad
/// patterns. `intent`, which belongs to the node, is passed over.
///
/// Errors: invalid_argument / workflow.unknown_processor; invalid_argument / workflow.bad_option, with one diagnostic
/// per problem whose location has the line and column of the option (the file is left empty for the caller to fill);
/// invalid_argument / workflow.json_path_unsupported.
/// A runner's own errors: invalid_argument / workflow.invalid_utf8 when the input is not UTF-8; cancelled /
/// workflow.cancelled; what local_edit.h and local_json.h say.
[[nodiscard]] Result<LocalProcessor> make_local_processor(std::string_view name, const document::Value& options);

}  // namespace caisson::workflow
