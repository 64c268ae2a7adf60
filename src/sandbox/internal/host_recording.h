#pragma once

#include "engine/host_function.h"
#include "sandbox/internal/call_state.h"

namespace caisson::sandbox {

/// Makes a host call whose CallState has a recorder: asks it for an answer, tells it the result. `apply` runs the
/// function.
void run_recorded(CallState& state, engine::HostCall& call, void (*apply)(CallState& state, engine::HostCall& call));

}  // namespace caisson::sandbox
