#include "engine/component.h"

#include "engine/host_function.h"
#include "engine/internal/running.h"
#include "engine/internal/state.h"
#include "engine/internal/trap.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace caisson::engine {

/// The host's side of one call of a component: what the native library calls.
struct ComponentTrampoline {
  ComponentTrampoline(const Module& m, const InstanceLimits& limits, const std::stop_token& stop,
                      const base::Environment& environment, const InstanceOwner& owner)
      : component(*m.state_),
        engine(*component.engine->state_),
        running(*engine.ticker, limits, stop, environment, owner) {}

  static bool run(void* self, std::size_t place, cn_host_call* raw) noexcept {
    auto& host = *static_cast<ComponentTrampoline*>(self);
    const std::size_t index = host.engine.component_functions[place];
    ComponentCall component{.numbers = {raw->numbers[0], raw->numbers[1]},
                            .bytes = {reinterpret_cast<const char*>(raw->bytes), raw->size},
                            .name = {raw->name, raw->name_size}};
    HostCall call(&host.running, raw, host.running.owner.context, &component, index);
    const HostVerdict verdict = host.engine.host_functions[index].run(call);
    host.result = std::move(component.result);
    std::ranges::copy(component.numbers, raw->numbers);
    raw->result = reinterpret_cast<const std::uint8_t*>(host.result.data());
    raw->result_size = host.result.size();
    return verdict == HostVerdict::kReturn;
  }

  static bool tick(void* self, std::uint64_t memory_bytes) noexcept {
    return static_cast<ComponentTrampoline*>(self)->running.tick(memory_bytes);
  }

  ComponentOutcome call(std::string_view input, const InstanceLimits& limits) {
    const cn_host native_host{this, &ComponentTrampoline::run, &ComponentTrampoline::tick};
    const cn_component_limits native_limits{.store = {.memory_bytes = limits.memory_bytes,
                                                      .table_elements = limits.table_elements,
                                                      .exception_bytes = 0,
                                                      .instances = limits.instances,
                                                      .memories = limits.instances,
                                                      .tables = 4 * limits.instances,
                                                      .trap_on_limit = 1},
                                            .fuel = running.fuel,
                                            .transfer_bytes = limits.transfer_bytes,
                                            .handles = limits.handles};
    cn_component_usage used{};
    const auto bytes = std::make_shared<NativeBuffer>();
    const int status =
        cn_component_call(component.component_pre.get(), reinterpret_cast<const std::uint8_t*>(input.data()),
                          input.size(), &native_limits, &native_host, bytes->out(), &used);
    ComponentOutcome out;
    out.usage = {used.fuel, used.store.memory_bytes, running.first_tick, used.baseline_bytes};
    if (status == CN_OK || status == CN_GUEST_ERROR) {
      out.bytes = bytes->view();
      out.owner = bytes;
      if (status == CN_GUEST_ERROR) {
        out.error_code = used.error_code;
      }
    } else {
      out.fault = classify_component(status, used.trap_code, bytes->view(), running.interruption);
    }
    return out;
  }

  const Module::State& component;
  const Engine::State& engine;
  Running running;
  std::string result{};  // of the last host function: lent to the guest until the next one
};

ComponentOutcome call_component(const Module& component, std::string_view input, const InstanceLimits& limits,
                                const std::stop_token& stop, const base::Environment& environment,
                                const InstanceOwner& owner) {
  if (component.info().kind != BinaryKind::kComponent || !component.linked()) {
    return {.fault = Fault{FaultKind::kHost, "it is no component, or nothing was linked to it"}};
  }
  return ComponentTrampoline(component, limits, stop, environment, owner).call(input, limits);
}

}  // namespace caisson::engine
