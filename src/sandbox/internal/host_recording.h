#pragma once

#include "engine/host_function.h"
#include "sandbox/internal/call_state.h"

namespace caisson::sandbox {

/// Makes a host call whose CallState has a recorder: asks it for an answer, tells it the result. `apply` runs the
/// function.
void run_recorded(CallState& state, engine::HostCall& call, void (*apply)(CallState& state, engine::HostCall& call));

/// The same for a function of components. All that it was given is the request; what it answers is the result: its
/// first number is the value, and one write has the second number, as 8 bytes, and the bytes.
void run_recorded(CallState& state, engine::ComponentCall& values, std::size_t index,
                  void (*apply)(CallState& state, engine::ComponentCall& values));

}  // namespace caisson::sandbox
