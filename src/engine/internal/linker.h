#pragma once

#include "engine/host_function.h"
#include "engine/internal/handles.h"

#include <caisson/result.h>

#include <cstddef>
#include <span>

namespace caisson::engine {

/// What Wasmtime calls for every host function: finds the instance's state in its store and runs the function.
struct HostTrampoline {
  static wasm_trap_t* run(void* function, wasmtime_caller_t* caller, wasmtime_val_raw_t* values,
                          std::size_t count) noexcept;
};

/// The same for functions of components.
struct ComponentTrampoline {
  struct Call;
  static bool run(void* self, std::size_t place, cn_host_call* raw) noexcept;
};

/// A linker with these functions. It keeps their addresses: the span is static.
/// Errors: internal / engine.link when two have one name or a signature has an unknown letter.
[[nodiscard]] Result<LinkerHandle> make_linker(wasm_engine_t& engine, std::span<const HostFunction> functions);

}  // namespace caisson::engine
