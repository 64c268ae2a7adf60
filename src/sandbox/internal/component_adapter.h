#pragma once

#include "sandbox/internal/call_state.h"
#include "sandbox/internal/host_adapter.h"

#include <cstdint>
#include <exception>
#include <string_view>

namespace caisson::sandbox {

inline constexpr std::uint32_t kComponentCallFuel = 100;

/// What HostAdapter is for functions of components: counted, charged, nothing thrown. The function is
/// `void f(CallState&, engine::ComponentCall&)`, and which arguments and results it has is said where WIT has its types
/// (third_party/native/src/host.rs).
template <void (*Function)(CallState&, engine::ComponentCall&)>
engine::HostVerdict run_component_function(engine::HostCall& call) noexcept {
  auto& state = *static_cast<CallState*>(call.context());
  if (state.enter(call)) {
    try {
      if (state.recorder() == nullptr) [[likely]] {
        Function(state, call.component());
      } else {
        run_recorded(state, call.component(), call.index(), Function);
      }
    } catch (const std::exception& error) {
      state.fail_host(error.what());
    }
  }
  return state.leave(call);
}

template <void (*Function)(CallState&, engine::ComponentCall&)>
constexpr HostRow component_row(std::string_view interface, std::string_view name, Family family,
                                decltype(Recording::again) again = nullptr) {
  return {{interface, name, {}, {}, &run_component_function<Function>, true}, family, kComponentCallFuel, {{}, again}};
}

/// What becomes of guest calls whose answer says nothing: they are counted.
inline void answer_nothing(CallState& /*call*/, engine::ComponentCall& /*values*/) {}

}  // namespace caisson::sandbox
