#include "engine/internal/linker.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace caisson::engine {

namespace {

using FunctionTypeHandle = std::unique_ptr<wasm_functype_t, Deleter<wasm_functype_delete>>;

std::optional<wasm_valkind_t> kind_of(char letter) noexcept {
  switch (letter) {
    case 'i':
      return WASM_I32;
    case 'I':
      return WASM_I64;
    case 'f':
      return WASM_F32;
    case 'F':
      return WASM_F64;
    default:
      return std::nullopt;
  }
}

/// Fills `out`, which wasm_functype_new takes over.
bool fill(std::string_view letters, wasm_valtype_vec_t& out) {
  if (!std::ranges::all_of(letters, [](char letter) { return kind_of(letter).has_value(); })) {
    return false;
  }
  std::vector<wasm_valtype_t*> types;
  types.reserve(letters.size());
  for (const char letter : letters) {
    types.push_back(wasm_valtype_new(*kind_of(letter)));
  }
  wasm_valtype_vec_new(&out, types.size(), types.data());
  return true;
}

FunctionTypeHandle type_of(const HostFunction& function) {
  wasm_valtype_vec_t parameters{};
  wasm_valtype_vec_t results{};
  if (!fill(function.parameters, parameters) || !fill(function.results, results)) {
    return nullptr;
  }
  return FunctionTypeHandle(wasm_functype_new(&parameters, &results));
}

}  // namespace

Result<LinkerHandle> make_linker(wasm_engine_t& engine, std::span<const HostFunction> functions) {
  LinkerHandle linker(wasmtime_linker_new(&engine));
  for (const HostFunction& function : functions) {
    const auto refuse = [&](std::string_view why) {
      return Error{Category::kInternal, "engine.link",
                   fmt::format("host function {}.{}: {}", function.module, function.name, why)};
    };
    const FunctionTypeHandle type = type_of(function);
    if (type == nullptr) {
      return refuse("its signature has an unknown letter");
    }
    const ErrorHandle error(wasmtime_linker_define_func_unchecked(
        linker.get(), function.module.data(), function.module.size(), function.name.data(), function.name.size(),
        type.get(), &HostTrampoline::run, const_cast<HostFunction*>(&function), nullptr));
    if (error != nullptr) {
      return refuse(message_of(*error));
    }
  }
  return linker;
}

}  // namespace caisson::engine
