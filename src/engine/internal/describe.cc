#include "engine/internal/describe.h"

#include "engine/internal/wit.h"

#include <array>
#include <span>
#include <string_view>

namespace caisson::engine {

namespace {

std::string_view text(const wasm_name_t& name) noexcept { return {name.data, name.size}; }

/// Known by comparing: what says the kind of a type (`wasm_valtype_kind`) ends the process at a v128 or an odd
/// reference, which a guest decides.
class ValueTypes {
 public:
  ValueTypes() {
    constexpr std::array kKinds = {WASM_I32, WASM_I64, WASM_F32, WASM_F64};
    for (const auto kind : kKinds) {
      known_.emplace_back(wasm_valtype_new(kind));
    }
    known_.emplace_back(wasmtime_wasm_valtype_v128());
    known_.emplace_back(wasm_valtype_new(WASM_FUNCREF));
    known_.emplace_back(wasm_valtype_new(WASM_EXTERNREF));
  }

  [[nodiscard]] std::vector<ValueType> of(const wasm_valtype_vec_t& types) const {
    std::vector<ValueType> out;
    for (const wasm_valtype_t* type : std::span(types.data, types.size)) {
      std::size_t i = 0;
      while (i < known_.size() && !wasmtime_wasm_valtype_equal(type, known_[i].get())) {
        ++i;
      }
      out.push_back(static_cast<ValueType>(i));
    }
    return out;
  }

 private:
  using Handle = std::unique_ptr<wasm_valtype_t, Deleter<wasm_valtype_delete>>;
  std::vector<Handle> known_;  // in the order of the enumeration
};

static_assert(static_cast<int>(ValueType::kOther) == 7);

template <typename T>
void describe_type(const ValueTypes& values, const wasm_externtype_t& type, T& out) {
  switch (wasm_externtype_kind(&type)) {
    case WASM_EXTERN_FUNC: {
      const wasm_functype_t* function = wasm_externtype_as_functype_const(&type);
      out.type = ExternType::kFunction;
      out.signature = {values.of(*wasm_functype_params(function)), values.of(*wasm_functype_results(function))};
      break;
    }
    case WASM_EXTERN_MEMORY:
      out.type = ExternType::kMemory;
      if constexpr (requires { out.minimum_pages; }) {
        out.minimum_pages = wasmtime_memorytype_minimum(wasm_externtype_as_memorytype_const(&type));
      }
      break;
    case WASM_EXTERN_TABLE:
      out.type = ExternType::kTable;
      break;
    case WASM_EXTERN_GLOBAL:
      out.type = ExternType::kGlobal;
      break;
    default:
      out.type = ExternType::kOther;
      break;
  }
}

/// One thing that a component imports or exports. Of an interface only the functions count.
void add_item(void* info, bool imported, cn_bytes interface, cn_bytes name,
              const wasmtime_component_func_type_t* function) noexcept {
  auto& out = *static_cast<ModuleInfo*>(info);
  if (function == nullptr && interface.size > 0) {
    return;
  }
  const ExternType type = function != nullptr ? ExternType::kFunction : ExternType::kOther;
  std::string wit = function != nullptr ? wit_of(*function) : std::string();
  const std::string of(view_of(interface));
  const std::string called(view_of(name));
  if (imported) {
    out.imports.push_back({.module = of, .name = called, .type = type, .signature = {}, .wit = std::move(wit)});
  } else {
    out.exports.push_back(
        {.name = of.empty() ? called : of + "#" + called, .type = type, .signature = {}, .wit = std::move(wit)});
  }
}

}  // namespace

Result<ModuleInfo> describe(const wasmtime_module_t& module) {
  const ValueTypes values;
  ModuleInfo info;
  Vec<wasm_importtype_vec_t, wasm_importtype_vec_delete> imports;
  wasmtime_module_imports(&module, imports.out());
  for (const wasm_importtype_t* import : imports.items()) {
    Import& out = info.imports.emplace_back();
    out.module = text(*wasm_importtype_module(import));
    out.name = text(*wasm_importtype_name(import));
    describe_type(values, *wasm_importtype_type(import), out);
  }
  Vec<wasm_exporttype_vec_t, wasm_exporttype_vec_delete> exports;
  wasmtime_module_exports(&module, exports.out());
  for (const wasm_exporttype_t* export_type : exports.items()) {
    Export& out = info.exports.emplace_back();
    out.name = text(*wasm_exporttype_name(export_type));
    describe_type(values, *wasm_exporttype_type(export_type), out);
  }
  return info;
}

Result<ModuleInfo> describe(const wasmtime_component_t& component) {
  ModuleInfo info;
  info.kind = BinaryKind::kComponent;
  if (const ErrorHandle error(cn_component_items(&component, &info, &add_item)); error != nullptr) {
    return Error{Category::kInternal, "engine.link", message_of(*error)};
  }
  return info;
}

}  // namespace caisson::engine
