#pragma once

#include "base/digest.h"
#include "engine/binary.h"
#include "engine/structure.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::engine {

class Engine;

enum class ValueType : std::uint8_t { kI32, kI64, kF32, kF64, kV128, kFuncref, kExternref, kOther };
enum class ExternType : std::uint8_t { kFunction, kMemory, kTable, kGlobal, kOther };

[[nodiscard]] std::string_view to_string(ValueType type) noexcept;
[[nodiscard]] std::string_view to_string(ExternType type) noexcept;

struct Signature {
  std::vector<ValueType> parameters;
  std::vector<ValueType> results;

  friend bool operator==(const Signature&, const Signature&) = default;
};

/// `(i32, i32) -> i64`
[[nodiscard]] std::string to_string(const Signature& signature);

struct Import {
  std::string module;
  std::string name;
  ExternType type = ExternType::kOther;
  Signature signature;  ///< of functions
  std::string wit{};  ///< of functions of components instead: `func(size: u64) -> list<u8>`, shortened when it is long
};

struct Export {
  std::string name;
  ExternType type = ExternType::kOther;
  Signature signature;              ///< of functions
  std::uint64_t minimum_pages = 0;  ///< of memories
  std::string wit{};                ///< of functions of components instead of the signature
};

/// What is known of the WebAssembly that machine code was made from.
struct ModuleSource {
  base::Digest digest{};
  std::size_t bytes = 0;
  Proposals proposals{};
};

/// What the module says of itself. Names are the guest's: escape them before printing.
///
/// Of a component every function stands alone: an import has its interface as its module (`wasi:io/poll@0.2.0`), an
/// export of an interface is named `INTERFACE#NAME`.
struct ModuleInfo {
  BinaryKind kind = BinaryKind::kModule;  ///< or kComponent
  base::Digest digest;                    ///< of the WebAssembly bytes: the module's name
  std::size_t bytes = 0;
  Proposals proposals{};  ///< that it uses
  std::vector<Import> imports;
  std::vector<Export> exports;

  /// The export of that name, or nullptr.
  [[nodiscard]] const Export* find_export(std::string_view name) const noexcept;
};

/// A compiled core module or component, ready to be instantiated any number of times. Immutable.
///
/// Threads: safe to share. Lifetime: keeps its engine alive.
class Module {
 public:
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  ~Module();

  [[nodiscard]] const ModuleInfo& info() const noexcept { return info_; }
  /// Size of the machine code and its data.
  [[nodiscard]] std::size_t compiled_bytes() const noexcept;
  /// Whether everything it imports is a host function of its engine; of a component also, whether it exports what can
  /// be called.
  [[nodiscard]] bool linked() const noexcept;
  /// Why it is not linked, in Wasmtime's words.
  [[nodiscard]] std::string_view link_error() const noexcept;
  /// Native stack that its code may use: that of its profile.
  [[nodiscard]] std::size_t stack_bytes() const noexcept;

 private:
  friend class Engine;
  friend class Instance;
  friend struct HostTrampoline;
  friend struct ComponentTrampoline;
  struct State;  // Wasmtime's objects; for Engine and Instance
  Module(ModuleInfo info, std::unique_ptr<State> state);

  ModuleInfo info_;
  std::unique_ptr<State> state_;
};

}  // namespace caisson::engine
