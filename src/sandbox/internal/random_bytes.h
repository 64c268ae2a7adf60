#pragma once

#include "sandbox/internal/call_state.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace caisson::sandbox {

/// The two halves of give_random, for who has to know that so many are allowed before there is a place for them.
[[nodiscard]] bool charge_random(CallState& call, std::uint64_t size);
[[nodiscard]] bool fill_random(CallState& call, std::span<std::byte> out);

/// Fills `out` for a guest whose random grant was checked, counted against its limit. False: the call ends.
[[nodiscard]] bool give_random(CallState& call, std::span<std::byte> out);

}  // namespace caisson::sandbox
