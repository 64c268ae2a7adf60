#include "sandbox/executor.h"

#include "engine/instance.h"
#include "sandbox/audit_record.h"
#include "sandbox/internal/abi.h"
#include "sandbox/internal/call_state.h"
#include "sandbox/internal/imports.h"
#include "sandbox/internal/lifted.h"
#include "sandbox/limit_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <semaphore>

namespace caisson::sandbox {

namespace {

std::optional<Failure> run_module(engine::Instance& instance, const Guest& guest, const Payload& input,
                                  const Limits& limits, Payload& out) {
  if (const auto fault = instance.start()) {
    return to_failure(*fault, limits);
  }
  if (guest.initialize) {
    if (const auto fault = instance.call(instance.function(kInitialize), {})) {
      return to_failure(*fault, limits);
    }
  }
  switch (guest.abi) {
    case GuestAbi::kBuffer:
      return call_buffer(instance, guest, input, limits, out);
    case GuestAbi::kCStyle:
      return call_c_style(instance, guest, input, limits, out);
    case GuestAbi::kScalar:
      return call_scalar(instance, guest, input, limits, out);
    case GuestAbi::kCommand:
      return call_command(instance, limits);
    case GuestAbi::kImage:
      return call_image(instance, guest, input, limits, out);
    case GuestAbi::kNode:
    case GuestAbi::kDagwood:
      break;  // of components
  }
  return Failure{OutcomeStatus::kHostError, {Category::kInternal, "sandbox.host_error", "unknown ABI"}};
}

void fail(Outcome& outcome, Failure failure) {
  outcome.status = failure.status;
  outcome.error = std::move(failure.error);
}

Outcome refused(Failure failure, const Payload& input) {
  Outcome outcome;
  outcome.usage.input_bytes = input.size();
  fail(outcome, std::move(failure));
  return outcome;
}

}  // namespace

// The tables of an image are as large as its language has functions, and no code of it makes them larger.
constexpr std::uint64_t kAnyTable = std::numeric_limits<std::uint32_t>::max();

engine::InstanceLimits limits_of(const Guest& guest, const Limits& limits,
                                 std::chrono::steady_clock::time_point deadline) {
  // An image starts with the memory of its language; the limit is for what the code adds. Beyond what the engine has
  // room for a growth would be counted and then fail.
  const bool image = guest.abi == GuestAbi::kImage;
  const std::uint64_t room = find_limit("memory")->highest;
  const std::uint64_t baseline = image ? std::min(guest.baseline_bytes, room) : 0;
  return {.memory_bytes = image ? baseline + std::min(limits.memory_bytes, room - baseline) : limits.memory_bytes,
          .fuel = limits.fuel,
          .deadline = deadline,
          .table_elements = image ? kAnyTable : limits.table_elements,
          .instances = limits.instances,
          .growth_traps = !image};
}

namespace {

/// Why the call cannot begin.
std::optional<Failure> check(const Guest& guest, const Payload& input, const Policy& policy,
                             const std::stop_token& stop) {
  if (auto granted = check_guest(guest, policy.grants); !granted) {
    return Failure{OutcomeStatus::kDenied, std::move(granted).error()};
  }
  if (input.size() > policy.limits.input_bytes) {
    return Failure{
        OutcomeStatus::kInvalid,
        {Category::kResourceExhausted, "sandbox.input_too_large",
         fmt::format("Input too large: {} bytes, the limit is {}", input.size(), policy.limits.input_bytes)}};
  }
  if (policy.limits.cpu && policy.limits.cpu->count() <= 0) {  // a call that sees no tick would not notice
    return cpu_failure(policy.limits);
  }
  if (stop.stop_requested()) {
    return to_failure({engine::FaultKind::kCancelled, {}}, policy.limits);
  }
  return std::nullopt;
}

}  // namespace

Outcome InlineExecutor::call(const Guest& guest, const Payload& input, const Policy& granted,
                             const std::stop_token& stop, const CallContext& context) const {
  std::optional<Policy> without;
  if constexpr (base::controls_can_be_switched()) {
    without = lifted(granted);
  }
  const Policy& policy = without ? *without : granted;
  Outcome outcome;
  if (options_.audit != nullptr && options_.audit->failed()) {
    return refused({OutcomeStatus::kHostError, options_.audit->status().error()}, input);
  }
  if (auto failure = check(guest, input, policy, stop)) {
    outcome = refused(std::move(*failure), input);
  } else if (engine::has_stack_for(guest.module->stack_bytes())) {
    outcome = call_here(guest, input, policy, stop, context);
  } else {
    std::binary_semaphore done(0);
    options_.pool->submit([&] {
      outcome = call_here(guest, input, policy, stop, context);
      done.release();
    });
    done.acquire();
  }
  if (outcome.status != OutcomeStatus::kOk) {
    record_violation(outcome, policy.limits);
  }
  if (options_.audit != nullptr) {
    audit_call(*options_.audit,
               {.id = outcome.call,
                .run = context.run,
                .node = context.node,
                .module = guest.module->info().digest,
                .policy = context.policy == nullptr ? std::nullopt : std::optional(*context.policy)},
               outcome);
  }
  if (options_.observer != nullptr && options_.observer->enabled()) {
    tell(guest, outcome);
  }
  return outcome;
}

Outcome InlineExecutor::call_here(const Guest& guest, const Payload& input, const Policy& policy,
                                  const std::stop_token& stop, const CallContext& context) const {
  const Limits& limits = policy.limits;
  Outcome outcome;
  outcome.usage.input_bytes = input.size();
  const auto begin = options_.environment->now();
  const CallRegistry::Entry entry(
      options_.calls,
      {.run = context.run, .node = context.node, .module = guest.module->info().digest, .started = begin});
  outcome.call = entry.id();
  const bool image = guest.abi == GuestAbi::kImage;
  CallState state(
      {.policy = &policy,
       .environment = options_.environment,
       .stop = &stop,
       .killed = entry.killed(),
       .begin = begin,
       .observer = options_.observer != nullptr && options_.observer->wants_host_calls() ? options_.observer : nullptr,
       .recorder = context.recorder,
       .listener = context.listener,
       .storage = context.storage,
       .memory = context.memory,
       .http = {options_.http, options_.secrets, options_.observer},
       .program = context.node.empty() ? "guest" : context.node,
       .input = policy.grants.stdin_is_input ? input.bytes() : std::string_view(),
       .baseline_bytes = guest.baseline_bytes,
       .language_bytes = image ? guest.baseline_bytes : 0});
  engine::InstanceUsage used;
  std::optional<Failure> failure;
  {
    const engine::InstanceLimits instance_limits = limits_of(guest, limits, state.watch().deadline());
    if (guest.module->info().kind == engine::BinaryKind::kComponent) {
      failure = call_component_guest(guest, input, state, instance_limits, stop, used, outcome.output);
    } else if (context.instance != nullptr) {
      engine::Instance& instance = *context.instance;
      instance.resume(instance_limits, stop, {&state, &CallState::on_tick});
      failure = call_image(instance, guest, input, limits, outcome.output);
      used = instance.usage();
      instance.rest();
    } else {
      engine::Instance instance(*guest.module, instance_limits, stop, *options_.environment,
                                {&state, &CallState::on_tick});
      failure = run_module(instance, guest, input, limits, outcome.output);
      used = instance.usage();
    }
  }  // dropping the instance is part of what the call costs
  state.finish(outcome);
  if (state.failure()) {
    failure = state.failure();
  } else if (outcome.exit_code) {
    failure = exit_failure(*outcome.exit_code, guest);
  }
  if (failure) {
    outcome.captured.standard_error += failure->trace;
    fail(outcome, std::move(*failure));
    if (!image) {  // its error says all of it
      explain_failure(outcome);
    }
  } else {
    outcome.status = OutcomeStatus::kOk;
    if (guest.abi == GuestAbi::kCommand) {
      outcome.output = Payload(std::move(outcome.captured.standard_output), Payload::kText);
      outcome.captured.standard_output.clear();
    }
    outcome.usage.output_bytes = outcome.output.size();
  }
  outcome.usage.fuel = used.fuel;
  outcome.usage.memory_bytes = used.memory_bytes;
  const std::uint64_t baseline = std::max(guest.baseline_bytes, used.baseline_bytes);
  outcome.usage.memory_over_baseline_bytes = used.memory_bytes - std::min(used.memory_bytes, baseline);
  const CallWatch& watch = state.watch();
  outcome.usage.wall = watch.now() - begin;
  if (used.first_tick) {
    outcome.usage.cpu = (used.first_tick->at - begin) - watch.waited_before_first_tick() +
                        (options_.environment->thread_cpu_time() - used.first_tick->thread_cpu);
  } else {
    outcome.usage.cpu = outcome.usage.wall - watch.waited();
  }
  state.redact(outcome);
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
