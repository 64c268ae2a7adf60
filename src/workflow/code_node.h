#pragma once

#include "language/program.h"
#include "sandbox/executor.h"
#include "workflow/definition.h"
#include "workflow/node_runner.h"

#include <memory>

namespace caisson::workflow {

/// A node that runs code of a language, each time in a sandbox of its own. `guest`: the language's image, bound to
/// `program`.
///
/// The code gets the outputs of the node's dependencies as `inputs`, and the canonical payload. Its value is the node's
/// payload.
/// `executor` outlives the runner.
[[nodiscard]] std::unique_ptr<NodeRunner> make_code_runner(sandbox::Guest guest, language::Program program,
                                                           const sandbox::Policy& policy, const NodeDefinition& node,
                                                           const sandbox::Executor& executor);

}  // namespace caisson::workflow
