#pragma once

#include "engine/host_function.h"

#include <span>

namespace caisson::sandbox {

/// Every function that a guest may import: WASI preview 1 and caisson_v1. For Engine::Options; static. Being linked is
/// no grant: whether a module may have what it imports is decided for each call, by its policy.
[[nodiscard]] std::span<const engine::HostFunction> host_functions() noexcept;

}  // namespace caisson::sandbox
