#pragma once

#include "base/environment.h"
#include "base/sealed_memory.h"
#include "engine/host_function.h"
#include "engine/module.h"
#include "engine/profile.h"
#include "observe/observer.h"

#include <caisson/result.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace caisson::engine {

/// `48.0.8`
[[nodiscard]] std::string_view wasmtime_version() noexcept;

/// How instances get their memory.
enum class PoolState : std::uint8_t {
  kPooled,    ///< slots reserved ahead
  kOnDemand,  ///< the address space was too short for the pool: calls are slower, limits hold the same
};

/// Wasmtime under one profile: compiles modules; instances of them are made by Instance.
///
/// One engine for each profile in a process; modules of two engines are never mixed. A thread of the engine advances
/// its epoch while calls run and sleeps otherwise.
///
/// Threads: safe to call concurrently. Lifetime: shared with its modules; the observer and environment must outlive it.
class Engine : public std::enable_shared_from_this<Engine> {
 public:
  struct Options {
    Profile profile = strict_profile();
    std::span<const HostFunction> host_functions{};  ///< what modules may import; static
    observe::Observer* observer = nullptr;           ///< told of engine.pool_unavailable
    base::Environment* environment = nullptr;        ///< required
    Effort effort = Effort::kFull;
  };

  /// Errors: invalid_argument / engine.bad_profile; resource_exhausted / engine.no_thread.
  [[nodiscard]] static Result<std::shared_ptr<Engine>> create(const Options& options);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  /// Compiles a module or a component, always anew; ModuleCache keeps what was compiled. Compiles on a thread of its
  /// own with a stack that Cranelift's recursion fits in, and waits for it.
  ///
  /// Errors: invalid_argument / engine.malformed_module, engine.unsupported_feature, engine.not_wasm,
  /// engine.legacy_component, engine.pool_too_small (needs more memory or tables than any call can have). What imports
  /// something that is no host function, or one of another signature, compiles and cannot be instantiated:
  /// Module::linked.
  [[nodiscard]] Result<std::shared_ptr<const Module>> compile(std::string_view wasm);

  /// The machine code of a module, for `load`.
  [[nodiscard]] Result<std::string> serialize(const Module& module) const;

  /// A module from what `serialize` gave, made from `source`. THE BYTES ARE MACHINE CODE AND ARE TRUSTED: they come
  /// from ModuleCache, after it has authenticated them, or from who compiled them. `memory`: nothing, or what `code` is
  /// the beginning of; then it is mapped, not copied. Errors: failed_precondition / engine.stale_code when they were
  /// made under other settings.
  [[nodiscard]] Result<std::shared_ptr<const Module>> load(std::string_view code, const ModuleSource& source,
                                                           const base::SealedMemory* memory = nullptr);

  [[nodiscard]] const Profile& profile() const noexcept { return profile_; }
  [[nodiscard]] PoolState pool_state() const noexcept { return pool_state_; }

 private:
  friend class Module;
  friend class Instance;
  friend struct HostTrampoline;
  friend struct ComponentTrampoline;
  struct State;
  struct Compiled;
  Engine(Profile profile, PoolState pool_state, std::unique_ptr<State> state);
  [[nodiscard]] Result<std::shared_ptr<const Module>> adopt(Compiled compiled, const ModuleSource& source);

  Profile profile_;
  PoolState pool_state_;
  std::unique_ptr<State> state_;
};

}  // namespace caisson::engine
