#include "engine/internal/handles.h"

namespace caisson::engine {

namespace {

std::string text(const ByteVec& bytes) {
  std::string_view view = bytes.view();
  while (view.ends_with('\0')) {
    view.remove_suffix(1);
  }
  return std::string(view);
}

}  // namespace

std::string message_of(const wasmtime_error_t& error) {
  ByteVec bytes;
  wasmtime_error_message(&error, bytes.out());
  return text(bytes);
}

std::string message_of(const wasm_trap_t& trap) {
  ByteVec bytes;
  wasm_trap_message(&trap, bytes.out());
  return text(bytes);
}

}  // namespace caisson::engine
