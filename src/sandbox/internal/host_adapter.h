#pragma once

#include "sandbox/internal/call_state.h"
#include "sandbox/internal/host_recording.h"
#include "sandbox/internal/host_registry.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace caisson::sandbox {

/// Makes a row of the registry of a plain function: its first parameter is the state of the call, the others are 32 and
/// 64 bit integers, its result nothing, an integer or an enumeration. The signature that guests have to import is that
/// of the function.
///
///     Errno fd_close(CallState& call, std::uint32_t fd);
///     host_row<&fd_close>("wasi_snapshot_preview1", "fd_close", Family::kWasi, {"="})
///
/// What holds for every host function is here: it is counted, its fuel is taken, it is recorded, and nothing is thrown
/// through it.
template <auto Function>
class HostAdapter;

template <typename Result, typename... Arguments, Result (*Function)(CallState&, Arguments...)>
class HostAdapter<Function> {
  template <typename T>
  static constexpr char letter() {
    static_assert(std::is_enum_v<T> || std::is_integral_v<T>);
    return sizeof(T) == 8 ? 'I' : 'i';
  }
  static constexpr std::array<char, sizeof...(Arguments) + 1> kParameters = {letter<Arguments>()..., '\0'};
  static constexpr std::array<char, 2> kResults = [] {
    if constexpr (std::is_void_v<Result>) {
      return std::array<char, 2>{};
    } else {
      return std::array<char, 2>{letter<Result>(), '\0'};
    }
  }();

  static void apply(CallState& state, engine::HostCall& call) {
    apply(state, call, std::index_sequence_for<Arguments...>());
  }
  template <std::size_t... I>
  static void apply(CallState& state, engine::HostCall& call, std::index_sequence<I...> /*places*/) {
    if constexpr (std::is_void_v<Result>) {
      Function(state, call.argument<Arguments>(I)...);
    } else {
      const Result result = Function(state, call.argument<Arguments>(I)...);
      using Raw = std::conditional_t<sizeof(Result) == 8, std::uint64_t, std::uint32_t>;
      call.set_result(static_cast<Raw>(result));
    }
  }

 public:
  static constexpr std::string_view parameters() { return {kParameters.data(), sizeof...(Arguments)}; }
  static constexpr std::string_view results() { return {kResults.data(), std::is_void_v<Result> ? 0U : 1U}; }

  static engine::HostVerdict run(engine::HostCall& call) noexcept {
    auto& state = *static_cast<CallState*>(call.context());
    if (state.enter(call)) {
      try {
        if (state.recorder() == nullptr) [[likely]] {
          apply(state, call);
        } else {
          run_recorded(state, call, &apply);
        }
      } catch (const std::exception& error) {
        state.fail_host(error.what());
      }
    }
    return state.leave(call);
  }
};

template <auto Function>
consteval HostRow host_row(std::string_view module, std::string_view name, Family family, Recording recording,
                           std::uint32_t fuel = 100) {
  using Adapter = HostAdapter<Function>;
  static_assert(Adapter::parameters().size() <= kMaxHostParameters);
  if (recording.shape.size() != Adapter::parameters().size()) {
    throw "a letter for each parameter";  // does not compile
  }
  return {{module, name, Adapter::parameters(), Adapter::results(), &Adapter::run}, family, fuel, recording};
}

/// For Recording::again: what comes of the policy and the input alone, or is given away.
constexpr bool always(std::span<const std::uint64_t> /*arguments*/, const GuestMemory& /*memory*/) noexcept {
  return true;
}

inline constexpr std::string_view kWasiModule = "wasi_snapshot_preview1";
inline constexpr std::string_view kCaissonModule = "caisson_v1";

}  // namespace caisson::sandbox
