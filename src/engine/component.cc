#include "engine/component.h"

#include "engine/host_function.h"
#include "engine/internal/linker.h"
#include "engine/internal/running.h"
#include "engine/internal/state.h"
#include "engine/internal/trap.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace caisson::engine {

namespace {

cn_limits native_limits(const InstanceLimits& limits) {
  return {.memory_bytes = limits.memory_bytes,
          .table_elements = limits.table_elements,
          .exception_bytes = 0,
          .transfer_bytes = limits.transfer_bytes,
          .handles = limits.handles,
          .instances = limits.instances,
          .memories = limits.instances,
          .tables = 4 * limits.instances,
          .trap_on_limit = 1};
}

/// What a component answered, and the owner of its bytes.
struct Answer {
  Answer() = default;
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() { wasm_byte_vec_delete(&raw.bytes); }
  cn_answer raw{};
};

}  // namespace

/// One call of a component.
struct ComponentTrampoline::Call {
  Call(const Module& m, const InstanceLimits& limits, const std::stop_token& stop, const base::Environment& environment,
       const InstanceOwner& owner)
      : component(*m.state_),
        engine(*component.engine->state_),
        running(*engine.ticker, limits, stop, environment, owner),
        tally{.limits = native_limits(limits), .used = {}},
        store(wasmtime_store_new(engine.engine.get(), this, nullptr)),
        context(wasmtime_store_context(store.get())) {
    cn_store_limit(store.get(), &tally);
    // Wasmtime fails here only in an engine without fuel, and every engine has it.
    const ErrorHandle no_error(wasmtime_context_set_fuel(context, running.fuel));
    wasmtime_context_set_epoch_deadline(context, 1);
    wasmtime_store_epoch_deadline_callback(store.get(), &Call::on_epoch, this, nullptr);
  }

  static wasmtime_error_t* on_epoch(wasmtime_context_t* /*context*/, void* self, std::uint64_t* ticks,
                                    wasmtime_update_deadline_kind_t* kind) noexcept {
    auto& call = *static_cast<Call*>(self);
    return call.running.on_epoch(call.tally.used.memory_bytes, *ticks, *kind);
  }

  ComponentOutcome run(std::string_view input) {
    const auto answer = std::make_shared<Answer>();
    ErrorHandle error(cn_component_call(component.linked.get(), context, &tally, lent(input), &answer->raw));
    std::uint64_t left = 0;
    const ErrorHandle no_error(wasmtime_context_get_fuel(context, &left));
    ComponentOutcome out;
    out.usage = {running.fuel - std::min(left, running.fuel), tally.used.memory_bytes, running.first_tick,
                 answer->raw.baseline_bytes};
    if (error != nullptr) {
      out.fault = classify_component(std::move(error), running.interruption);
      return out;
    }
    out.bytes = {answer->raw.bytes.data, answer->raw.bytes.size};
    out.owner = answer;
    if (answer->raw.error_code >= 0) {
      out.error_code = answer->raw.error_code;
    }
    return out;
  }

  const Module::State& component;
  const Engine::State& engine;
  Running running;
  cn_tally tally;  // outlives the store
  StoreHandle store;
  wasmtime_context_t* context;
  std::string result{};  // of the last host function: lent to the guest until the next one
};

bool ComponentTrampoline::run(void* self, std::size_t place, cn_host_call* raw) noexcept {
  auto& caller = *static_cast<Call*>(self);
  const std::size_t index = caller.engine.component_functions[place];
  ComponentCall component{
      .numbers = {raw->numbers[0], raw->numbers[1]}, .bytes = view_of(raw->bytes), .name = view_of(raw->name)};
  HostCall call(caller.running, caller.context, &component, index);
  const HostVerdict verdict = caller.engine.host_functions[index].run(call);
  caller.result = std::move(component.result);
  std::ranges::copy(component.numbers, raw->numbers);
  raw->result = lent(caller.result);
  return verdict == HostVerdict::kReturn;
}

ComponentOutcome call_component(const Module& component, std::string_view input, const InstanceLimits& limits,
                                const std::stop_token& stop, const base::Environment& environment,
                                const InstanceOwner& owner) {
  if (component.info().kind != BinaryKind::kComponent || !component.linked()) {
    return {.fault = Fault{FaultKind::kHost, "it is no component, or nothing was linked to it"}};
  }
  return ComponentTrampoline::Call(component, limits, stop, environment, owner).run(input);
}

}  // namespace caisson::engine
