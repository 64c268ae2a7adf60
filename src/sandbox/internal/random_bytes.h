#pragma once

#include "sandbox/internal/call_state.h"

#include <cstddef>
#include <span>

namespace caisson::sandbox {

/// Fills `out` for a guest whose random grant was checked, counted against its limit. False: the call ends.
[[nodiscard]] bool give_random(CallState& call, std::span<std::byte> out);

}  // namespace caisson::sandbox
