#include "engine/instance.h"

#include "base/control.h"
#include "engine/internal/linker.h"
#include "engine/internal/running.h"
#include "engine/internal/state.h"
#include "engine/internal/trap.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace caisson::engine {

static_assert(sizeof(wasmtime_func_t) <= 16);

namespace {

constexpr std::uint64_t kExceptionHeap = 1U << 20;
constexpr std::size_t kHostStack = 256U << 10;  // for Wasmtime, and for us below a call

cn_limits native_limits(const InstanceLimits& limits) {
  cn_limits out{};
  out.memory_bytes = limits.memory_bytes;
  out.table_elements = limits.table_elements;
  out.exception_bytes = limits.growth_traps ? 0 : kExceptionHeap;
  out.instances = limits.instances;
  out.memories = base::holds(base::Control::kProposals) ? 1 : 2;
  out.tables = 4;
  out.trap_on_limit = limits.growth_traps ? 1 : 0;
  return out;
}

}  // namespace

struct Instance::State {
  State(const Module& m, const InstanceLimits& l, const std::stop_token& s, const base::Environment& e,
        const InstanceOwner& o)
      : module(*m.state_),
        environment(e),
        tally{.limits = native_limits(l), .used = {}},
        store(wasmtime_store_new(module.engine->state_->engine.get(), this, nullptr)),
        context(wasmtime_store_context(store.get())) {
    cn_store_limit(store.get(), &tally);
    begin(l, s, o);
    wasmtime_store_epoch_deadline_callback(store.get(), &State::on_epoch, this, nullptr);
  }

  void begin(const InstanceLimits& limits, const std::stop_token& stop, const InstanceOwner& owner) {
    running.emplace(*module.engine->state_->ticker, limits, stop, environment, owner);
    // Wasmtime fails here only in an engine without fuel, and every engine has it.
    const ErrorHandle no_error(wasmtime_context_set_fuel(context, running->fuel));
    wasmtime_context_set_epoch_deadline(context, 1);
  }

  /// Called on the guest's thread at every tick while guest code runs.
  static wasmtime_error_t* on_epoch(wasmtime_context_t* /*context*/, void* self, std::uint64_t* ticks,
                                    wasmtime_update_deadline_kind_t* kind) noexcept {
    auto& state = *static_cast<State*>(self);
    return state.current().on_epoch(state.memory_bytes(), *ticks, *kind);
  }

  /// On the guest's thread, or when no call is running: a growth of memory is the only thing that changes the tally.
  [[nodiscard]] std::uint64_t memory_bytes() const noexcept { return tally.used.memory_bytes; }

  const Module::State& module;
  const base::Environment& environment;
  /// Of the call. Only while guest code runs, or where it was looked whether there is one.
  [[nodiscard]] Running& current() noexcept {
    return *running;  // NOLINT(bugprone-unchecked-optional-access): guest code runs between `resume` and `rest` only
  }

  std::optional<Running> running;  // nothing while the instance rests
  cn_tally tally;                  // outlives the store
  StoreHandle store;
  wasmtime_context_t* context;
  wasmtime_instance_t instance{};
  std::optional<wasmtime_memory_t> memory;
};

Instance::Instance(const Module& module, const InstanceLimits& limits, const std::stop_token& stop,
                   const base::Environment& environment, const InstanceOwner& owner)
    : state_(std::make_unique<State>(module, limits, stop, environment, owner)) {}

Instance::~Instance() = default;

void Instance::rest() noexcept { state_->running.reset(); }

void Instance::resume(const InstanceLimits& limits, const std::stop_token& stop, const InstanceOwner& owner) {
  state_->begin(limits, stop, owner);
}

bool Instance::grow_memory(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t kPage = 64U << 10;
  const State& s = *state_;
  const std::uint64_t size = memory().size();
  if (!s.memory || bytes < size || bytes % kPage != 0) {
    return false;
  }
  std::uint64_t before = 0;
  return ErrorHandle(wasmtime_memory_grow(s.context, &*s.memory, (bytes - size) / kPage, &before)) == nullptr;
}

std::optional<Fault> Instance::start() {
  State& s = *state_;
  if (s.module.pre == nullptr) {
    return Fault{FaultKind::kHost, "the module has imports, and nothing was linked to them"};
  }
  wasm_trap_t* trap = nullptr;
  ErrorHandle error(wasmtime_instance_pre_instantiate(s.module.pre.get(), s.context, &s.instance, &trap));
  TrapHandle owned_trap(trap);
  if (error != nullptr || owned_trap != nullptr) {
    return classify(std::move(error), std::move(owned_trap), s.current().interruption);
  }
  wasmtime_extern_t memory{};
  if (wasmtime_instance_export_get(s.context, &s.instance, "memory", 6, &memory)) {
    if (memory.kind == WASMTIME_EXTERN_MEMORY) {
      s.memory = memory.of.memory;
    }
    wasmtime_extern_delete(&memory);
  }
  return std::nullopt;
}

Instance::Function Instance::function(std::string_view name) noexcept {
  Function out;
  wasmtime_extern_t found{};
  if (wasmtime_instance_export_get(state_->context, &state_->instance, name.data(), name.size(), &found)) {
    if (found.kind == WASMTIME_EXTERN_FUNC) {
      std::memcpy(static_cast<void*>(out.storage_), &found.of.func, sizeof found.of.func);
    }
    wasmtime_extern_delete(&found);
  }
  return out;
}

std::optional<Fault> Instance::call(const Function& function, std::span<Number> values) {
  State& s = *state_;
  wasmtime_func_t target{};
  std::memcpy(&target, static_cast<const void*>(function.storage_), sizeof target);
  if (target.store_id == 0) {
    return Fault{FaultKind::kHost, "the module exports no such function"};
  }
  std::array<wasmtime_val_raw_t, 8> few{};
  std::vector<wasmtime_val_raw_t> many(values.size() > few.size() ? values.size() : 0);
  wasmtime_val_raw_t* raw = many.empty() ? few.data() : many.data();
  static_assert(sizeof(Number) <= sizeof(wasmtime_val_raw_t));
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::memcpy(raw + i, &values[i], sizeof(Number));
  }
  wasm_trap_t* trap = nullptr;
  ErrorHandle error(wasmtime_func_call_unchecked(s.context, &target, raw, values.size(), &trap));
  TrapHandle owned_trap(trap);
  if (error != nullptr || owned_trap != nullptr) {
    return classify(std::move(error), std::move(owned_trap), s.current().interruption);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::memcpy(&values[i], raw + i, sizeof(Number));
  }
  return std::nullopt;
}

std::span<std::byte> Instance::memory() noexcept {
  const State& s = *state_;
  if (!s.memory) {
    return {};
  }
  return {reinterpret_cast<std::byte*>(wasmtime_memory_data(s.context, &*s.memory)),
          wasmtime_memory_data_size(s.context, &*s.memory)};
}

InstanceUsage Instance::usage() const noexcept {
  const State& s = *state_;
  if (!s.running) {
    return {0, s.memory_bytes(), std::nullopt, 0};
  }
  std::uint64_t left = s.running->fuel;
  const ErrorHandle no_error(wasmtime_context_get_fuel(s.context, &left));
  return {s.running->fuel - std::min(left, s.running->fuel), s.memory_bytes(), s.running->first_tick, 0};
}

std::span<std::byte> HostCall::memory() noexcept {
  if (state_ == nullptr) {
    return {};
  }
  auto& state = *static_cast<Instance::State*>(state_);
  if (!state.memory) {  // asked for by a start function: `Instance::start` has not looked it up yet
    wasmtime_extern_t found{};
    if (!wasmtime_caller_export_get(static_cast<wasmtime_caller_t*>(caller_), "memory", 6, &found)) {
      return {};
    }
    if (found.kind == WASMTIME_EXTERN_MEMORY) {
      state.memory = found.of.memory;
    }
    wasmtime_extern_delete(&found);
    if (!state.memory) {
      return {};
    }
  }
  return {reinterpret_cast<std::byte*>(wasmtime_memory_data(state.context, &*state.memory)),
          wasmtime_memory_data_size(state.context, &*state.memory)};
}

bool HostCall::charge(std::uint64_t fuel) noexcept {
  if (!running_.fuel_limited) {
    return true;
  }
  auto* store = static_cast<wasmtime_context_t*>(store_);
  std::uint64_t left = 0;
  const ErrorHandle no_error(wasmtime_context_get_fuel(store, &left));
  const ErrorHandle none_either(wasmtime_context_set_fuel(store, left - std::min(left, fuel)));
  return left >= fuel;
}

void* HostCall::context() const noexcept { return running_.owner.context; }

HostVerdict HostCall::stop(FaultKind kind) noexcept {
  running_.interruption = kind;
  return HostVerdict::kStop;
}

wasm_trap_t* HostTrampoline::run(void* function, wasmtime_caller_t* caller, wasmtime_val_raw_t* values,
                                 std::size_t /*count*/) noexcept {
  auto& state = *static_cast<Instance::State*>(wasmtime_context_get_data(wasmtime_caller_context(caller)));
  const auto* host_function = static_cast<const HostFunction*>(function);
  const auto index = static_cast<std::size_t>(host_function - state.module.engine->state_->host_functions.data());
  HostCall call(state.current(), state.context, values, index, caller, &state);
  return host_function->run(call) == HostVerdict::kReturn ? nullptr : wasmtime_trap_new("stopped", 7);
}

bool has_stack_for(std::size_t guest_stack_bytes) noexcept {
  thread_local const std::uintptr_t lowest = [] {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) {
      return UINTPTR_MAX;  // unknown: never enough
    }
    void* low = nullptr;
    std::size_t size = 0;
    pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
    return reinterpret_cast<std::uintptr_t>(low);
  }();
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  return lowest != UINTPTR_MAX && here > lowest && here - lowest >= guest_stack_bytes + kHostStack;
}

std::size_t thread_stack_for(std::size_t guest_stack_bytes) noexcept { return guest_stack_bytes + 4 * kHostStack; }

}  // namespace caisson::engine
