#pragma once

#include "engine/internal/handles.h"
#include "engine/module.h"

namespace caisson::engine {

/// The imports and exports of a compiled module or component; digest and size are left to the caller.
[[nodiscard]] ModuleInfo describe(const wasmtime_module_t& module);

[[nodiscard]] ModuleInfo describe(const cn_component& component);

}  // namespace caisson::engine
