#include "engine/internal/linker.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
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

/// Fills `out`, which wasm_functype_new takes over. False when a letter is unknown.
bool fill(std::string_view letters, wasm_valtype_vec_t& out) {
  std::vector<wasm_valkind_t> kinds;
  for (const char letter : letters) {
    if (const auto kind = kind_of(letter)) {
      kinds.push_back(*kind);
    }
  }
  wasm_valtype_vec_new_uninitialized(&out, kinds.size());
  std::ranges::transform(kinds, out.data, wasm_valtype_new);
  return kinds.size() == letters.size();
}

FunctionTypeHandle type_of(const HostFunction& function) {
  wasm_valtype_vec_t parameters{};
  wasm_valtype_vec_t results{};
  const bool known = fill(function.parameters, parameters);
  const bool all_known = fill(function.results, results) && known;
  FunctionTypeHandle type(wasm_functype_new(&parameters, &results));
  return all_known ? std::move(type) : nullptr;
}

}  // namespace

Result<LinkerHandle> make_linker(wasm_engine_t& engine, std::span<const HostFunction> functions) {
  LinkerHandle linker(wasmtime_linker_new(&engine));
  for (const HostFunction& function : functions) {
    if (function.of_components) {
      continue;
    }
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
