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
#include <cctype>
#include <initializer_list>
#include <system_error>

namespace caisson::engine {

namespace {

constexpr std::size_t kCompilerStack = 32U << 20;  // Cranelift recurses with the nesting of the code

/// The innermost of the causes in Wasmtime's text, which lists them one to a line; it is the one that says something.
std::string innermost_cause(std::string text) {
  constexpr std::string_view kHeading = "Caused by:";
  if (const std::size_t heading = text.rfind(kHeading); heading != std::string::npos) {
    text.erase(0, heading + kHeading.size());
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.pop_back();
  }
  text.erase(0, text.rfind('\n') + 1);  // npos + 1 is 0
  const std::size_t begin = text.find_first_not_of(" 0123456789:");
  return begin == std::string::npos ? text : text.substr(begin);
}

/// What Wasmtime says when a module needs a proposal that is off, or more than the pool has. The parser's errors have
/// no type; the words decide only which of three reasons is given.
Error compile_error(const wasmtime_error_t& error) {
  const std::string whole = message_of(error);
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
            "multiple memories", "requires"})) {
    return {Category::kInvalidArgument, "engine.unsupported_feature",
            fmt::format("the module uses a WebAssembly proposal that its profile has switched off: {}", cause)};
  }
  return {Category::kInvalidArgument, "engine.malformed_module",
          fmt::format("the module is not valid WebAssembly: {}", cause)};
}

Error refused(const BinaryVerdict& verdict) {
  switch (verdict.kind) {
    case BinaryKind::kComponent:
      return {Category::kUnimplemented, "engine.component",
              "the file is a WebAssembly component; this version runs core modules only: build it as a core module"};
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
  state->engine = make_engine(profile, pooled ? Allocation::kPooling : Allocation::kOnDemand);
  state->host_functions = options.host_functions;
  CAISSON_TRY(state->linker, make_linker(*state->engine, options.host_functions));
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
  if (verdict.kind != BinaryKind::kModule) {
    return refused(verdict);
  }
  wasmtime_module_t* raw = nullptr;
  ErrorHandle error;
  try {
    base::run_with_stack(kCompilerStack, [&] {
      error.reset(wasmtime_module_new(state_->engine.get(), reinterpret_cast<const std::uint8_t*>(wasm.data()),
                                      wasm.size(), &raw));
    });
  } catch (const std::system_error& failure) {
    return Error{Category::kResourceExhausted, "engine.no_thread",
                 fmt::format("no thread to compile on: {}", failure.what())};
  }
  ModuleHandle module(raw);
  if (error != nullptr) {
    return compile_error(*error);
  }
  ModuleInfo info = describe(*module);
  info.digest = base::sha256(wasm);
  info.bytes = wasm.size();
  return adopt(std::move(info),
               std::make_unique<Module::State>(Module::State{shared_from_this(), std::move(module), nullptr}));
}

Result<std::string> Engine::serialize(const Module& module) const {
  ByteVec bytes;
  const ErrorHandle error(wasmtime_module_serialize(module.state_->module.get(), bytes.out()));
  if (error != nullptr) {
    return Error{Category::kInternal, "engine.serialize", message_of(*error)};
  }
  return std::string(bytes.view());
}

Result<std::shared_ptr<const Module>> Engine::load(std::string_view code, base::Digest digest, std::size_t bytes) {
  wasmtime_module_t* raw = nullptr;
  const ErrorHandle error(wasmtime_module_deserialize(
      state_->engine.get(), reinterpret_cast<const std::uint8_t*>(code.data()), code.size(), &raw));
  if (error != nullptr) {
    return Error{Category::kFailedPrecondition, "engine.stale_code", message_of(*error)};
  }
  ModuleHandle module(raw);
  ModuleInfo info = describe(*module);
  info.digest = digest;
  info.bytes = bytes;
  return adopt(std::move(info),
               std::make_unique<Module::State>(Module::State{shared_from_this(), std::move(module), nullptr}));
}

Result<std::shared_ptr<const Module>> Engine::adopt(ModuleInfo info, std::unique_ptr<Module::State> state) {
  // A module whose imports are not all host functions stays uninstantiable; `describe` says what they are.
  wasmtime_instance_pre_t* pre = nullptr;
  const ErrorHandle error(wasmtime_linker_instantiate_pre(state_->linker.get(), state->module.get(), &pre));
  if (error == nullptr) {
    state->pre = InstancePreHandle(pre);
  } else if (info.imports.empty()) {
    return Error{Category::kInternal, "engine.link", message_of(*error)};
  }
  return std::shared_ptr<const Module>(new Module(std::move(info), std::move(state)));
}

}  // namespace caisson::engine
