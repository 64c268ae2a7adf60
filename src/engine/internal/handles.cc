#include "engine/internal/handles.h"

#include <cctype>
#include <cstddef>
#include <utility>

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

std::string innermost_cause(std::string text) {
  constexpr std::string_view kHeading = "Caused by:";
  if (const std::size_t heading = text.rfind(kHeading); heading != std::string::npos) {
    text.erase(0, heading + kHeading.size());
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.pop_back();
  }
  text.erase(0, text.rfind('\n') + 1);  // npos + 1 is 0
  const std::size_t begin = text.find_first_not_of(" 0123456789:");
  return begin == std::string::npos ? text : text.substr(begin);
}

}  // namespace caisson::engine
