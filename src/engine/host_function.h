#pragma once

#include "engine/fault.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace caisson::engine {

class HostCall;
struct Running;

/// What a host function answers: the guest goes on, or the call into it ends here.
enum class [[nodiscard]] HostVerdict : std::uint8_t { kReturn, kStop };

/// A function that guests may import. Every module of an engine is linked to all of the engine's host functions that it
/// imports; whether it may is decided before a call, by whoever makes the instance.
///
/// Lifetime: the texts are static. Threads: `run` is called concurrently.
///
/// For components `module` is an interface with its version (`wasi:io/poll@0.2.0`), `name` is without `[method]`, and
/// the signature is that of the interface; NAME.drop is called at the end of a resource.
struct HostFunction {
  std::string_view module;
  std::string_view name;
  std::string_view parameters;  ///< one letter each: i (i32), I (i64), f (f32), F (f64)
  std::string_view results;     ///< the same; at most one
  HostVerdict (*run)(HostCall& call) noexcept = nullptr;
  bool of_components = false;
};

/// Arguments and results of a host function of components; what they are depends on the function.
struct ComponentCall {
  std::array<std::uint64_t, 2> numbers{};  ///< arguments, then results
  std::string_view bytes{};                ///< an argument, in the guest's memory
  std::string_view name{};                 ///< an argument
  std::string result{};
};

/// One call of a host function, on the guest's thread. Valid until the function returns.
class HostCall {
 public:
  HostCall(const HostCall&) = delete;
  HostCall& operator=(const HostCall&) = delete;
  ~HostCall() = default;

  /// The place of the function in the span that the engine was given.
  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  /// What was given to Instance as `context`.
  [[nodiscard]] void* context() const noexcept;

  /// The parameter at `position`; T is std::int32_t, std::uint32_t, std::int64_t, std::uint64_t, float or double, as
  /// the signature says.
  template <typename T>
  [[nodiscard]] T argument(std::size_t position) const noexcept {
    T out;
    std::memcpy(&out, static_cast<const std::byte*>(values_) + position * kStride, sizeof out);
    return out;
  }
  template <typename T>
  void set_result(T value) noexcept {
    std::memcpy(values_, &value, sizeof value);
  }

  /// What a component gave and gets. Only in functions of components, which use it instead of all that is above.
  [[nodiscard]] ComponentCall& component() noexcept { return *static_cast<ComponentCall*>(values_); }

  /// The memory that the guest exports as `memory`, as it is now; empty when there is none, and
  /// for components. Host functions do not call the guest, so it stays where it is until the function returns.
  [[nodiscard]] std::span<std::byte> memory() noexcept;

  /// Takes fuel for work of the host. False when there is not enough: all of it is gone then, and the function stops
  /// with FaultKind::kFuel.
  [[nodiscard]] bool charge(std::uint64_t fuel) noexcept;

  /// Ends the guest with this fault: `return call.stop(...)`.
  HostVerdict stop(FaultKind kind) noexcept;

 private:
  friend struct HostTrampoline;
  friend struct ComponentTrampoline;
  static constexpr std::size_t kStride = 16;  // of a raw value of the C API
  HostCall(Running& running, void* store, void* values, std::size_t index, void* caller = nullptr,
           void* state = nullptr) noexcept
      : running_(running), store_(store), values_(values), index_(index), caller_(caller), state_(state) {}

  Running& running_;
  void* store_;   // Wasmtime's
  void* values_;  // of a component: its ComponentCall
  std::size_t index_;
  void* caller_;  // the last two only of a module
  void* state_;
};

}  // namespace caisson::engine
