#pragma once

#include "base/environment.h"
#include "engine/cache_file.h"
#include "engine/compiler.h"
#include "engine/engine.h"
#include "engine/optimiser.h"
#include "observe/observer.h"

#include <caisson/result.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::engine {

/// Compiled modules, kept in memory and in files, so that each is compiled once on a machine.
///
/// A file is named by SHA-256 over everything its content depends on: the module's bytes, the profile, Wasmtime's
/// version, the CPU's features, and whether it was compiled with little effort. It holds machine code, so it carries a
/// seal under a key that belongs to this installation (a file of the same folder, readable by its owner only) and is
/// checked before it is used. A file that does not fit is deleted, told to the observer, and compiled anew. Without a
/// usable folder the cache works in memory alone. That a module could not be compiled within the caps is remembered as
/// well, in a plain file of its own: it is not tried again until a cap is larger. A large module is compiled with
/// little effort first, and where it stays in use, once more behind the calls (optimiser.h): then that code takes the
/// place of the quick one, in memory and in the file.
///
/// Events: engine.cache_hit {tier}, engine.cache_miss, engine.cache_rejected {why}, engine.cache_unavailable {why};
/// engine.module_compiled {digest}, engine.module_optimised {digest}.
/// Threads: safe to call concurrently; one module is compiled at a time.
class ModuleCache {
 public:
  struct Options {
    std::shared_ptr<Engine> engine;            ///< required
    base::Environment* environment = nullptr;  ///< required
    observe::Observer* observer = nullptr;
    std::filesystem::path directory{};                ///< empty: in memory only
    std::uint64_t max_module_bytes = 16ULL << 20;     ///< of a WebAssembly file
    std::uint64_t max_memory_bytes = 256ULL << 20;    ///< of machine code kept in memory
    std::uint64_t max_disk_bytes = 1ULL << 30;        ///< of files
    std::optional<CompileProgram> compile_program{};  ///< nothing: compiles in this process, without caps
    CompileCaps compile_caps{};
    Metrics structure = structural_limits();  ///< what a module may be made of
    /// What was compiled with little effort is optimised so long after its first use, if this lives on; with
    /// `compile_program`. Nothing: never.
    std::optional<std::chrono::milliseconds> optimise_after = std::chrono::seconds(10);
  };

  explicit ModuleCache(Options options);
  ModuleCache(const ModuleCache&) = delete;
  ModuleCache& operator=(const ModuleCache&) = delete;
  ~ModuleCache();

  /// The compiled module for these WebAssembly bytes.
  /// Errors: resource_exhausted / engine.module_too_large; those of Compiler::compile.
  [[nodiscard]] Result<std::shared_ptr<const Module>> get(std::string_view wasm);

  /// The same for a module whose digest and size are known; `fetch` gives its bytes if they are needed, and they are
  /// valid until `get` returns.
  /// Errors: also those of `fetch`; data_loss / engine.wrong_bytes when they are others.
  [[nodiscard]] Result<std::shared_ptr<const Module>> get(const base::Digest& digest, std::size_t bytes,
                                                          const std::function<Result<std::string_view>()>& fetch);

  [[nodiscard]] Engine& engine() const noexcept { return *options_.engine; }
  [[nodiscard]] std::uint64_t max_module_bytes() const noexcept { return options_.max_module_bytes; }
  [[nodiscard]] const Metrics& structure() const noexcept { return options_.structure; }  ///< limits

  /// Waits until nothing is compiled behind the calls.
  void wait_for_optimiser() { optimiser_.wait(); }

  /// Bytes of machine code held in memory now.
  [[nodiscard]] std::uint64_t memory_bytes() const;

 private:
  [[nodiscard]] base::Digest key_of(const base::Digest& digest, Effort effort) const;
  /// To be called where quick code is given; `full` is the key of the other.
  void optimise_later(const base::Digest& full, const base::Digest& digest, std::size_t bytes,
                      const std::function<Result<std::string_view>()>& fetch);
  void adopt_optimised(const Optimiser::Job& job, Result<Compiled> compiled);
  struct Memory;  // the least recently used list and its index
  [[nodiscard]] std::shared_ptr<const Module> find_in_memory(const base::Digest& key);
  [[nodiscard]] std::shared_ptr<const Module> find_on_disk(const base::Digest& key, const base::Digest& digest,
                                                           std::size_t wasm_bytes);
  void keep_in_memory(const base::Digest& key, std::shared_ptr<const Module> module);
  void keep_on_disk(const base::Digest& key, const CachedCode& cached);
  [[nodiscard]] std::filesystem::path refusal_path(const base::Digest& key) const;
  [[nodiscard]] std::optional<Error> find_refusal(const base::Digest& key) const;
  void keep_refusal(const base::Digest& key, const Error& error);
  /// Of the files with this extension, those that were not used for longest.
  void remove_oldest(std::string_view extension, std::size_t most_files, std::uint64_t most_bytes);
  void tell(std::string_view name, std::string_view attribute, std::string_view value) const;

  Options options_;
  Compiler compiler_;
  std::string fingerprint_;
  std::string key_;  // of the seals; empty: no files
  std::unique_ptr<Memory> memory_;
  Optimiser optimiser_;  // last: it uses all of the above
};

}  // namespace caisson::engine
