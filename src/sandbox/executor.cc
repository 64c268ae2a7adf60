#include "sandbox/executor.h"

#include "engine/instance.h"
#include "sandbox/audit_record.h"
#include "sandbox/internal/abi.h"

#include <fmt/format.h>

#include <array>
#include <semaphore>

namespace caisson::sandbox {

namespace {

std::optional<Failure> run(engine::Instance& instance, const Guest& guest, const Payload& input, const Limits& limits,
                           Payload& out) {
  if (const auto fault = instance.start()) {
    return to_failure(*fault, limits);
  }
  switch (guest.abi) {
    case GuestAbi::kBuffer:
      return call_buffer(instance, guest, input, limits, out);
    case GuestAbi::kCStyle:
      return call_c_style(instance, guest, input, limits, out);
    case GuestAbi::kScalar:
      return call_scalar(instance, guest, input, limits, out);
  }
  return Failure{OutcomeStatus::kHostError, {Category::kInternal, "sandbox.host_error", "unknown ABI"}};
}

Outcome refused(Failure failure, const Payload& input) {
  Outcome outcome;
  outcome.status = failure.status;
  outcome.error = std::move(failure.error);
  outcome.usage.input_bytes = input.size();
  return outcome;
}

std::optional<engine::FaultKind> end_if_killed(void* killed, const engine::Tick& /*tick*/) noexcept {
  return *static_cast<const std::atomic<bool>*>(killed) ? std::optional(engine::FaultKind::kCancelled) : std::nullopt;
}

}  // namespace

Outcome InlineExecutor::call(const Guest& guest, const Payload& input, const Limits& limits,
                             const std::stop_token& stop, const CallContext& context) const {
  if (options_.audit != nullptr && options_.audit->failed()) {
    return refused({OutcomeStatus::kHostError, options_.audit->status().error()}, input);
  }
  const base::Digest& module = guest.module->info().digest;
  const CallRegistry::Entry entry(options_.calls, {context.run, context.node, module, options_.environment->now()});
  Outcome outcome;
  if (input.size() > limits.input_bytes) {
    outcome = refused({OutcomeStatus::kInvalid,
                       {Category::kResourceExhausted, "sandbox.input_too_large",
                        fmt::format("Input too large: {} bytes, the limit is {}", input.size(), limits.input_bytes)}},
                      input);
  } else if (stop.stop_requested()) {
    outcome = refused(to_failure({engine::FaultKind::kCancelled, {}}, limits), input);
  } else if (engine::has_stack_for(guest.module->stack_bytes())) {
    outcome = call_here(guest, input, limits, stop, *entry.killed());
  } else {
    std::binary_semaphore done(0);
    options_.pool->submit([&] {
      outcome = call_here(guest, input, limits, stop, *entry.killed());
      done.release();
    });
    done.acquire();
  }
  if (options_.audit != nullptr) {
    audit_call(*options_.audit, {entry.id(), context.run, context.node, module, {}}, outcome);
  }
  if (options_.observer != nullptr && options_.observer->enabled()) {
    tell(guest, outcome);
  }
  return outcome;
}

Outcome InlineExecutor::call_here(const Guest& guest, const Payload& input, const Limits& limits,
                                  const std::stop_token& stop, const std::atomic<bool>& killed) const {
  const auto begin = options_.environment->now();
  Outcome outcome;
  outcome.usage.input_bytes = input.size();
  std::optional<engine::InstanceUsage::Clocks> tick;
  {
    const engine::InstanceLimits instance_limits{
        .memory_bytes = limits.memory_bytes, .fuel = limits.fuel, .deadline = begin + limits.timeout};
    engine::Instance instance(*guest.module, instance_limits, stop, *options_.environment,
                              {const_cast<std::atomic<bool>*>(&killed), end_if_killed});
    if (auto failure = run(instance, guest, input, limits, outcome.output)) {
      outcome.status = failure->status;
      outcome.error = std::move(failure->error);
      if (outcome.status == OutcomeStatus::kCancelled && killed) {
        outcome.error = Error{Category::kCancelled, "sandbox.killed", "an operator ended the call"};
        outcome.violations.push_back(
            {ViolationKind::kTermination, ViolationSeverity::kHigh, "an operator ended the call"});
      }
    } else {
      outcome.status = OutcomeStatus::kOk;
      outcome.usage.output_bytes = outcome.output.size();
    }
    const engine::InstanceUsage used = instance.usage();
    outcome.usage.fuel = used.fuel;
    outcome.usage.memory_bytes = used.memory_bytes;
    tick = used.first_tick;
  }  // dropping the instance is part of what the call costs
  outcome.usage.wall = options_.environment->now() - begin;
  outcome.usage.cpu =
      tick ? (tick->at - begin) + (options_.environment->thread_cpu_time() - tick->thread_cpu) : outcome.usage.wall;
  return outcome;
}

void InlineExecutor::tell(const Guest& guest, const Outcome& outcome) const {
  const auto number = [](auto value) { return static_cast<std::int64_t>(value); };
  const std::string digest = guest.module->info().digest.hex();
  const std::string_view reason = outcome.error ? std::string_view(outcome.error->reason) : std::string_view();
  const Usage& usage = outcome.usage;
  const std::array attributes = {
      observe::Attribute{"digest", std::string_view(digest)},
      observe::Attribute{"status", to_string(outcome.status)},
      observe::Attribute{"reason", reason},
      observe::Attribute{"wall_us", number(usage.wall.count() / 1000)},
      observe::Attribute{"cpu_us", number(usage.cpu.count() / 1000)},
      observe::Attribute{"fuel", number(usage.fuel)},
      observe::Attribute{"memory_bytes", number(usage.memory_bytes)},
      observe::Attribute{"input_bytes", number(usage.input_bytes)},
      observe::Attribute{"output_bytes", number(usage.output_bytes)},
  };
  options_.observer->on_event({"sandbox.call", attributes});
}

}  // namespace caisson::sandbox
