#include "engine/module.h"

#include "engine/internal/state.h"

#include <fmt/format.h>

#include <algorithm>

namespace caisson::engine {

std::string_view to_string(ValueType type) noexcept {
  switch (type) {
    case ValueType::kI32:
      return "i32";
    case ValueType::kI64:
      return "i64";
    case ValueType::kF32:
      return "f32";
    case ValueType::kF64:
      return "f64";
    case ValueType::kV128:
      return "v128";
    case ValueType::kFuncref:
      return "funcref";
    case ValueType::kExternref:
      return "externref";
    case ValueType::kOther:
      break;
  }
  return "other";
}

std::string_view to_string(ExternType type) noexcept {
  switch (type) {
    case ExternType::kFunction:
      return "function";
    case ExternType::kMemory:
      return "memory";
    case ExternType::kTable:
      return "table";
    case ExternType::kGlobal:
      return "global";
    case ExternType::kOther:
      break;
  }
  return "other";
}

std::string to_string(const Signature& signature) {
  const auto list = [](const std::vector<ValueType>& types) {
    std::string out;
    for (const ValueType type : types) {
      out += out.empty() ? "" : ", ";
      out += to_string(type);
    }
    return out;
  };
  const std::string results = list(signature.results);
  return fmt::format("({}) -> {}", list(signature.parameters),
                     signature.results.size() == 1 ? results : "(" + results + ")");
}

const Export* ModuleInfo::find_export(std::string_view name) const noexcept {
  const auto found = std::find_if(exports.begin(), exports.end(), [&](const Export& e) { return e.name == name; });
  return found == exports.end() ? nullptr : &*found;
}

Module::Module(ModuleInfo info, std::unique_ptr<State> state) : info_(std::move(info)), state_(std::move(state)) {}

Module::~Module() = default;

std::size_t Module::compiled_bytes() const noexcept {
  if (state_->component != nullptr) {
    return cn_component_code_bytes(state_->component.get());
  }
  void* begin = nullptr;
  void* end = nullptr;
  wasmtime_module_image_range(state_->module.get(), &begin, &end);
  return static_cast<std::size_t>(static_cast<char*>(end) - static_cast<char*>(begin));
}

bool Module::linked() const noexcept { return state_->pre != nullptr || state_->linked != nullptr; }

std::string_view Module::link_error() const noexcept { return state_->link_error; }

std::size_t Module::stack_bytes() const noexcept { return state_->engine->profile().stack_bytes; }

}  // namespace caisson::engine
