#include "engine/engine.h"

#include "base/control.h"
#include "base/digest.h"
#include "base/run_with_stack.h"
#include "base/unicode.h"
#include "engine/binary.h"
#include "engine/internal/config.h"
#include "engine/internal/describe.h"
#include "engine/internal/linker.h"
#include "engine/internal/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <system_error>

namespace caisson::engine {

namespace {

// What compiled code is, as its last byte: its begin is aligned.
constexpr char kModuleCode = 'M';
constexpr char kComponentCode = 'C';
constexpr std::size_t kCompilerStack = 32U << 20;  // Cranelift recurses with the nesting of the code

/// What Wasmtime says when a module needs a proposal that is off, or more than the pool has. The parser's errors have
/// no type; the words decide only which of three reasons is given.
Error compile_error(const std::string& whole) {
  const std::string cause = base::printable(base::shorten(innermost_cause(whole), 500));
  const auto says = [&](std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return cause.find(word) != std::string::npos; });
  };
  if (whole.find("pooling allocator") != std::string::npos) {
    return {Category::kInvalidArgument, "engine.pool_too_small",
            fmt::format("the module needs more than any call can have: {}", cause)};
  }
  if (says({"not enabled", "must be enabled", "support is required", "not supported", "disallowed", "is disabled",
            "multiple memories", "requires", "require the component model"})) {
    return {Category::kInvalidArgument, "engine.unsupported_feature",
            fmt::format("the module uses a WebAssembly proposal that its profile has switched off: {}", cause)};
  }
  return {Category::kInvalidArgument, "engine.malformed_module",
          fmt::format("the module is not valid WebAssembly: {}", cause)};
}

Error refused(const BinaryVerdict& verdict) {
  switch (verdict.kind) {
    case BinaryKind::kLegacyComponent:
      return {Category::kInvalidArgument, "engine.legacy_component",
              "the file is a core module with a component inside a custom section, as early tools made them; "
              "build it anew as a component or as a core module"};
    default:
      return {Category::kInvalidArgument, "engine.not_wasm",
              fmt::format("the file is not a WebAssembly module: {}", verdict.why)};
  }
}

}  // namespace

std::string_view wasmtime_version() noexcept { return WASMTIME_VERSION; }

Engine::Engine(Profile profile, PoolState pool_state, std::unique_ptr<State> state)
    : profile_(std::move(profile)), pool_state_(pool_state), state_(std::move(state)) {}

Engine::~Engine() = default;

Result<std::shared_ptr<Engine>> Engine::create(const Options& options) {
  const Profile& profile = options.profile;
  // Wasmtime aborts on these instead of reporting them.
  if (profile.stack_bytes == 0 || profile.stack_bytes >= profile.async_stack_bytes || profile.pool_slots == 0 ||
      profile.pool_memory_bytes == 0 || profile.pool_memory_bytes > (4ULL << 30) || profile.pool_table_elements == 0 ||
      profile.pool_table_elements > 10'000'000) {
    return Error{Category::kInvalidArgument, "engine.bad_profile",
                 fmt::format("the settings of profile '{}' contradict each other", profile.name)};
  }
  const std::uint64_t needed = pool_address_bytes(profile);
  // The pool refuses some of what a profile keeps out by itself.
  const bool pooled = address_space_available(needed + (64ULL << 30)) && base::holds(base::Control::kProposals);
  if (!pooled && options.observer != nullptr) {
    const std::array attributes = {observe::Attribute{"profile", std::string_view(profile.name)},
                                   observe::Attribute{"needed_bytes", static_cast<std::int64_t>(needed)}};
    options.observer->on_event({"engine.pool_unavailable", attributes});
  }
  auto state = std::make_unique<State>();
  state->engine = make_engine(profile, pooled ? Allocation::kPooling : Allocation::kOnDemand, options.effort);
  state->host_functions = options.host_functions;
  CAISSON_TRY(state->linker, make_linker(*state->engine, options.host_functions));
  for (std::size_t i = 0; i < options.host_functions.size(); ++i) {
    const HostFunction& function = options.host_functions[i];
    if (function.of_components) {
      state->component_functions.push_back(i);
      state->component_names.push_back({lent(function.module), lent(function.name)});
    }
  }
  try {
    state->ticker = std::make_unique<Ticker>(*state->engine);
  } catch (const std::system_error& error) {
    return Error{Category::kResourceExhausted, "engine.no_thread",
                 fmt::format("no thread for the engine: {}", error.what())};
  }
  return std::shared_ptr<Engine>(
      new Engine(profile, pooled ? PoolState::kPooled : PoolState::kOnDemand, std::move(state)));
}

Result<std::shared_ptr<const Module>> Engine::compile(std::string_view wasm) {
  const BinaryVerdict verdict = classify_binary(wasm);
  if (verdict.kind != BinaryKind::kModule && verdict.kind != BinaryKind::kComponent) {
    return refused(verdict);
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(wasm.data());
  wasmtime_module_t* module = nullptr;
  wasmtime_component_t* component = nullptr;
  ErrorHandle error;
  try {
    base::run_with_stack(kCompilerStack, [&] {
      if (verdict.kind == BinaryKind::kModule) {
        error.reset(wasmtime_module_new(state_->engine.get(), bytes, wasm.size(), &module));
      } else {
        error.reset(cn_component_compile(state_->engine.get(), lent(wasm), &component));
      }
    });
  } catch (const std::system_error& failure) {
    return Error{Category::kResourceExhausted, "engine.no_thread",
                 fmt::format("no thread to compile on: {}", failure.what())};
  }
  if (error != nullptr) {
    return compile_error(message_of(*error));
  }
  return adopt({ModuleHandle(module), ComponentHandle(component)},
               {base::sha256(wasm), wasm.size(), read_proposals(wasm)});
}

Result<std::string> Engine::serialize(const Module& module) const {
  const Module::State& state = *module.state_;
  ByteVec bytes;
  const ErrorHandle error(state.component != nullptr ? wasmtime_component_serialize(state.component.get(), bytes.out())
                                                     : wasmtime_module_serialize(state.module.get(), bytes.out()));
  if (error != nullptr) {
    return Error{Category::kInternal, "engine.serialize", message_of(*error)};
  }
  std::string out(bytes.view());
  out.push_back(state.component != nullptr ? kComponentCode : kModuleCode);
  return out;
}

Result<std::shared_ptr<const Module>> Engine::load(std::string_view code, const ModuleSource& source,
                                                   const base::SealedMemory* memory) {
  const char kind = code.empty() ? '\0' : code.back();
  code.remove_suffix(code.empty() ? 0 : 1);
  const auto* data = reinterpret_cast<const std::uint8_t*>(code.data());
  wasmtime_module_t* module = nullptr;
  wasmtime_component_t* component = nullptr;
  std::string why = "it is neither the code of a module nor of a component";
  if (kind == kModuleCode) {
    // What lies behind the code in the memory does not matter to who reads it as an object file.
    const ErrorHandle error(
        memory != nullptr ? wasmtime_module_deserialize_file(state_->engine.get(), memory->path().c_str(), &module)
                          : wasmtime_module_deserialize(state_->engine.get(), data, code.size(), &module));
    why = error != nullptr ? message_of(*error) : std::string();
  } else if (kind == kComponentCode) {
    const ErrorHandle error(wasmtime_component_deserialize(state_->engine.get(), data, code.size(), &component));
    why = error != nullptr ? message_of(*error) : std::string();
  }
  if (module == nullptr && component == nullptr) {
    Error error = compile_error(why);  // the pool is this engine's, and was not seen by who compiled
    return error.reason == "engine.pool_too_small" ? error
                                                   : Error{Category::kFailedPrecondition, "engine.stale_code", why};
  }
  return adopt({ModuleHandle(module), ComponentHandle(component)}, source);
}

/// What imports something that is no host function stays uninstantiable; `describe` says what it is.
Result<std::shared_ptr<const Module>> Engine::adopt(Compiled compiled, const ModuleSource& source) {
  auto state = std::make_unique<Module::State>();
  state->engine = shared_from_this();
  state->module = std::move(compiled.module);
  state->component = std::move(compiled.component);
  CAISSON_TRY(ModuleInfo info, state->module != nullptr ? describe(*state->module) : describe(*state->component));
  info.digest = source.digest;
  info.bytes = source.bytes;
  info.proposals = source.proposals;
  if (state->module != nullptr) {
    wasmtime_instance_pre_t* pre = nullptr;
    const ErrorHandle error(wasmtime_linker_instantiate_pre(state_->linker.get(), state->module.get(), &pre));
    state->pre.reset(pre);
    state->link_error = error != nullptr ? message_of(*error) : std::string();
    if (error != nullptr && info.imports.empty()) {
      return Error{Category::kInternal, "engine.link", state->link_error};
    }
  } else {
    cn_linked* linked = nullptr;
    const ErrorHandle error(cn_component_link(state->component.get(), state_->component_names.data(),
                                              state_->component_names.size(), &ComponentTrampoline::run, &linked));
    state->linked.reset(linked);
    state->link_error = error != nullptr ? innermost_cause(message_of(*error)) : std::string();
  }
  return std::shared_ptr<const Module>(new Module(std::move(info), std::move(state)));
}

}  // namespace caisson::engine
