#pragma once

#include "sandbox/internal/call_state.h"
#include "sandbox/internal/host_registry.h"

#include <cstdint>
#include <exception>
#include <string_view>

namespace caisson::sandbox {

/// What HostAdapter is for functions of components: counted, charged, nothing thrown. The function is
/// `void f(CallState&, engine::ComponentCall&)`, and which arguments and results it has is said where WIT has its types
/// (third_party/native/src/host.rs).
template <void (*Function)(CallState&, engine::ComponentCall&)>
engine::HostVerdict run_component_function(engine::HostCall& call) noexcept {
  auto& state = *static_cast<CallState*>(call.context());
  if (state.enter(call)) {
    try {
      Function(state, call.component());
    } catch (const std::exception& error) {
      state.fail_host(error.what());
    }
  }
  return state.leave(call);
}

template <void (*Function)(CallState&, engine::ComponentCall&)>
constexpr HostRow component_row(std::string_view interface, std::string_view name, Family family,
                                std::uint32_t fuel = 100) {
  return {{interface, name, {}, {}, &run_component_function<Function>, true}, family, fuel};
}

/// What becomes of guest calls whose answer says nothing: they are counted.
inline void answer_nothing(CallState& /*call*/, engine::ComponentCall& /*values*/) {}

}  // namespace caisson::sandbox
