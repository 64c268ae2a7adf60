#pragma once

#include "workflow/node_runner.h"

#include <memory>

namespace caisson::workflow {

/// A node that cannot run, because what it names could not be used: it fails with that error when its turn comes, as
/// any failing node does.
[[nodiscard]] std::unique_ptr<NodeRunner> make_failing_runner(Error error);

}  // namespace caisson::workflow
