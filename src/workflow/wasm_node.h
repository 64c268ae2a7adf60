#pragma once

#include "sandbox/executor.h"
#include "workflow/definition.h"
#include "workflow/node_runner.h"

#include <memory>

namespace caisson::workflow {

/// A node that runs a WebAssembly module, each time in a sandbox of its own.
///
/// `executor` outlives the runner.
[[nodiscard]] std::unique_ptr<NodeRunner> make_wasm_runner(sandbox::Guest guest, const sandbox::Policy& policy,
                                                           const NodeDefinition& node,
                                                           const sandbox::Executor& executor);

/// A node that cannot run, because its module could not be used: it fails with that error when its turn comes, as any
/// failing node does.
[[nodiscard]] std::unique_ptr<NodeRunner> make_failing_runner(Error error);

}  // namespace caisson::workflow
