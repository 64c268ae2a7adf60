#include "engine/internal/describe.h"

#include <cstring>
#include <string_view>

namespace caisson::engine {

namespace {

/// Reads what cn_module_describe writes. The library wrote it, so a damaged text is a bug; reading stays in bounds all
/// the same, because the names in it are the guest's.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    const std::string_view raw = take(sizeof value);
    std::memcpy(&value, raw.data(), raw.size());
    return value;
  }
  std::uint8_t code() {
    const std::string_view raw = take(1);
    return raw.empty() ? std::uint8_t{0xff} : static_cast<std::uint8_t>(raw.front());
  }
  std::string_view text() { return take(number()); }
  [[nodiscard]] bool done() const noexcept { return bytes_.empty(); }

 private:
  std::string_view take(std::uint64_t size) {
    const std::string_view out = bytes_.substr(0, size);
    bytes_.remove_prefix(out.size());
    return out;
  }
  std::string_view bytes_;
};

std::vector<ValueType> value_types(Reader& in) {
  std::vector<ValueType> out;
  for (const char code : in.text()) {
    out.push_back(static_cast<std::uint8_t>(code) < static_cast<std::uint8_t>(ValueType::kOther)
                      ? static_cast<ValueType>(code)
                      : ValueType::kOther);
  }
  return out;
}

template <typename T>
void describe_type(Reader& in, T& out) {
  switch (in.code()) {
    case 0:
      out.type = ExternType::kFunction;
      out.signature.parameters = value_types(in);
      out.signature.results = value_types(in);
      break;
    case 1: {
      out.type = ExternType::kMemory;
      const std::uint64_t pages = in.number();
      if constexpr (requires { out.minimum_pages; }) {
        out.minimum_pages = pages;
      }
      break;
    }
    case 2:
      out.type = ExternType::kTable;
      break;
    case 3:
      out.type = ExternType::kGlobal;
      break;
    case 5:
      out.type = ExternType::kFunction;
      out.wit = in.text();
      break;
    default:
      out.type = ExternType::kOther;
      break;
  }
}

/// The import and exports that a description has; the kind is left to the caller.
ModuleInfo read(std::string_view description) {
  ModuleInfo info;
  Reader in(description);
  for (std::uint64_t left = in.number(); left > 0 && !in.done(); --left) {
    Import& out = info.imports.emplace_back();
    out.module = in.text();
    out.name = in.text();
    describe_type(in, out);
  }
  for (std::uint64_t left = in.number(); left > 0 && !in.done(); --left) {
    Export& out = info.exports.emplace_back();
    out.name = in.text();
    describe_type(in, out);
  }
  return info;
}

}  // namespace

ModuleInfo describe(const wasmtime_module_t& module) {
  NativeBuffer buffer;
  return cn_module_describe(&module, buffer.out()) == CN_OK ? read(buffer.view()) : ModuleInfo();
}

ModuleInfo describe(const cn_component& component) {
  NativeBuffer buffer;
  ModuleInfo info = cn_component_describe(&component, buffer.out()) == CN_OK ? read(buffer.view()) : ModuleInfo();
  info.kind = BinaryKind::kComponent;
  return info;
}

}  // namespace caisson::engine
