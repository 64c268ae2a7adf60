#pragma once

#include "engine/internal/handles.h"

#include <string>

namespace caisson::engine {

/// The type of a function of a component as WIT writes it: `func(size: u64) -> list<u8>`; a handle of any resource is a
/// `resource`. Shortened where it is deep or long, which the types of our worlds are not.
[[nodiscard]] std::string wit_of(const wasmtime_component_func_type_t& function);

}  // namespace caisson::engine
