#pragma once

#include "engine/internal/handles.h"
#include "engine/module.h"

#include <caisson/result.h>

namespace caisson::engine {

/// The imports and exports of a compiled module or component; digest and size are left to the caller.
///
/// Errors: internal / engine.link, when a component cannot be listed.
[[nodiscard]] Result<ModuleInfo> describe(const wasmtime_module_t& module);

[[nodiscard]] Result<ModuleInfo> describe(const wasmtime_component_t& component);

}  // namespace caisson::engine
