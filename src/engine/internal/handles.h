#pragma once

#include <caisson_native.h>
#include <wasmtime.h>

#include <memory>
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
using ComponentHandle = std::unique_ptr<cn_component, Deleter<cn_component_delete>>;
using ComponentPreHandle = std::unique_ptr<cn_component_pre, Deleter<cn_component_pre_delete>>;
using StoreHandle = std::unique_ptr<wasmtime_store_t, Deleter<wasmtime_store_delete>>;
using TallyHandle = std::unique_ptr<cn_tally, Deleter<cn_tally_delete>>;
using ErrorHandle = std::unique_ptr<wasmtime_error_t, Deleter<wasmtime_error_delete>>;
using TrapHandle = std::unique_ptr<wasm_trap_t, Deleter<wasm_trap_delete>>;

/// A byte vector of the C API.
class ByteVec {
 public:
  ByteVec() noexcept : vec_{0, nullptr} {}
  ByteVec(const ByteVec&) = delete;
  ByteVec& operator=(const ByteVec&) = delete;
  ~ByteVec() { wasm_byte_vec_delete(&vec_); }

  [[nodiscard]] wasm_byte_vec_t* out() noexcept { return &vec_; }
  [[nodiscard]] std::string_view view() const noexcept { return {vec_.data, vec_.size}; }

 private:
  wasm_byte_vec_t vec_;
};

/// Bytes that our own native functions give.
class NativeBuffer {
 public:
  NativeBuffer() noexcept : buffer_{nullptr, 0, 0} {}
  NativeBuffer(const NativeBuffer&) = delete;
  NativeBuffer& operator=(const NativeBuffer&) = delete;
  ~NativeBuffer() { cn_buf_free(&buffer_); }

  [[nodiscard]] cn_buf* out() noexcept { return &buffer_; }
  [[nodiscard]] std::string_view view() const noexcept {
    return {reinterpret_cast<const char*>(buffer_.ptr), buffer_.len};
  }

 private:
  cn_buf buffer_;
};

/// The text of an error or a trap, without the trailing zero the C API may add.
[[nodiscard]] std::string message_of(const wasmtime_error_t& error);
[[nodiscard]] std::string message_of(const wasm_trap_t& trap);

}  // namespace caisson::engine
