#pragma once

#include "base/digest.h"
#include "engine/engine.h"
#include "engine/module.h"

#include <caisson/result.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::engine {

/// The program that compiles: it is started with these arguments and those that say how, reads WebAssembly and writes
/// machine code (compile_child.h).
struct CompileProgram {
  std::filesystem::path program;  ///< absolute
  std::vector<std::string> arguments{};
};

/// What compiling one module may take; the kernel holds the process to it.
struct CompileCaps {
  std::chrono::seconds cpu{30};
  std::chrono::milliseconds wall{60'000};
  std::uint64_t memory_bytes = 2ULL << 30;  ///< of address space; not held in builds with a sanitizer, which needs more
  std::uint64_t code_bytes = 512ULL << 20;  ///< of machine code
  /// Larger modules are compiled with little effort: in a fraction of the time, into slower code.
  std::uint64_t optimised_bytes = 4U << 20;

  [[nodiscard]] Effort effort_for(std::size_t module_bytes) const noexcept {
    return module_bytes > optimised_bytes ? Effort::kLow : Effort::kFull;
  }
};

/// A module, and its machine code to keep.
struct Compiled {
  std::shared_ptr<const Module> module;
  std::string code;  ///< for Engine::load
};

/// How one module is compiled.
struct Compilation {
  std::optional<Effort> effort{};  ///< nothing: as the caps say for its size
  int niceness = 0;                ///< of the process that compiles: 19 gives way to every other
  std::stop_token stop{};          ///< kills it
};

/// Turns WebAssembly that nobody vouches for into machine code. Its structure is looked at first, here; compiling it,
/// which has no bounds of its own, is done by another program under caps. What that gives back is machine code and is
/// trusted.
///
/// Threads: safe to call concurrently.
class Compiler {
 public:
  struct Options {
    std::shared_ptr<Engine> engine;         ///< required
    std::optional<CompileProgram> program;  ///< nothing: compiles in this process, without caps
    CompileCaps caps{};
    Metrics structure = structural_limits();  ///< what a module may be made of
  };
  explicit Compiler(Options options) : options_(std::move(options)) {}

  /// Errors: those of read_structure and of Engine::compile; resource_exhausted / engine.compile_limit: a cap was
  /// reached; internal / engine.compile_crashed: the program died; unavailable / engine.no_compiler: it cannot be
  /// started.
  [[nodiscard]] Result<Compiled> compile(std::string_view wasm, const base::Digest& digest,
                                         const Compilation& how = {}) const;

 private:
  [[nodiscard]] Result<std::string> compile_apart(std::string_view wasm, const CompileProgram& program,
                                                  const Compilation& how) const;

  Options options_;
};

}  // namespace caisson::engine
