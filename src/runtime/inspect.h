#pragma once

#include "engine/module_cache.h"

#include <caisson/runtime.h>

#include <string_view>

namespace caisson::runtime {

/// What the bytes of a WebAssembly file are and need.
[[nodiscard]] Result<ModuleReport> inspect(std::string_view bytes, engine::ModuleCache& modules);

}  // namespace caisson::runtime
