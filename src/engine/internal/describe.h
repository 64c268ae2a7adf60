#pragma once

#include "engine/internal/handles.h"
#include "engine/module.h"

namespace caisson::engine {

/// The imports and exports of a compiled module; digest and size are left to the caller.
[[nodiscard]] ModuleInfo describe(const wasmtime_module_t& module);

}  // namespace caisson::engine
