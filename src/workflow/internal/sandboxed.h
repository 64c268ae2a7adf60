#pragma once

#include "document/value.h"
#include "sandbox/grants.h"
#include "sandbox/outcome.h"
#include "workflow/node_runner.h"

namespace caisson::workflow {

/// What a call of a sandbox is for a node, without its metadata.
[[nodiscard]] NodeOutcome outcome_of(sandbox::Outcome outcome);

/// The names of what is granted, as a list.
[[nodiscard]] document::Value capabilities_of(const sandbox::Grants& grants);

}  // namespace caisson::workflow
