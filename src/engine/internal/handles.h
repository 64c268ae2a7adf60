#pragma once

#include <caisson_native.h>
#include <wasmtime.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace caisson::engine {

template <auto Function>
struct Deleter {
  template <typename T>
  void operator()(T* object) const noexcept {
    Function(object);
  }
};

/// Owners of the C API's objects. Each object gets one on the line that creates it.
using EngineHandle = std::unique_ptr<wasm_engine_t, Deleter<wasm_engine_delete>>;
using ModuleHandle = std::unique_ptr<wasmtime_module_t, Deleter<wasmtime_module_delete>>;
using LinkerHandle = std::unique_ptr<wasmtime_linker_t, Deleter<wasmtime_linker_delete>>;
using InstancePreHandle = std::unique_ptr<wasmtime_instance_pre_t, Deleter<wasmtime_instance_pre_delete>>;
using ComponentHandle = std::unique_ptr<wasmtime_component_t, Deleter<wasmtime_component_delete>>;
using LinkedHandle = std::unique_ptr<cn_linked, Deleter<cn_linked_delete>>;
using StoreHandle = std::unique_ptr<wasmtime_store_t, Deleter<wasmtime_store_delete>>;
using ErrorHandle = std::unique_ptr<wasmtime_error_t, Deleter<wasmtime_error_delete>>;
using TrapHandle = std::unique_ptr<wasm_trap_t, Deleter<wasm_trap_delete>>;

/// A vector of the C API.
template <typename T, auto Delete>
class Vec {
 public:
  Vec() noexcept : vec_{0, nullptr} {}
  Vec(const Vec&) = delete;
  Vec& operator=(const Vec&) = delete;
  ~Vec() { Delete(&vec_); }

  [[nodiscard]] T* out() noexcept { return &vec_; }
  [[nodiscard]] auto items() const noexcept { return std::span(vec_.data, vec_.size); }

 private:
  T vec_;
};

class ByteVec : public Vec<wasm_byte_vec_t, wasm_byte_vec_delete> {
 public:
  [[nodiscard]] std::string_view view() const noexcept { return {items().data(), items().size()}; }
};

/// Bytes lent to the native library.
[[nodiscard]] inline cn_bytes lent(std::string_view bytes) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}
/// Bytes lent by it.
[[nodiscard]] inline std::string_view view_of(cn_bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.at), bytes.size};
}

/// The text of an error or a trap, without the trailing zero the C API may add.
[[nodiscard]] std::string message_of(const wasmtime_error_t& error);
[[nodiscard]] std::string message_of(const wasm_trap_t& trap);
/// The innermost of the causes in Wasmtime's text, which lists them one to a line; it is the one that says something.
[[nodiscard]] std::string innermost_cause(std::string text);

}  // namespace caisson::engine
