#include "sandbox/internal/abi.h"

#include "base/unicode.h"

#include <fmt/format.h>

#include <chrono>

namespace caisson::sandbox {

using namespace std::chrono_literals;

Failure to_failure(const engine::Fault& fault, const Limits& limits) {
  using engine::FaultKind;
  const auto limit = [](Category category, std::string reason, std::string message) {
    return Failure{OutcomeStatus::kLimit, {category, std::move(reason), std::move(message)}};
  };
  switch (fault.kind) {
    case FaultKind::kTrap:
      return {OutcomeStatus::kTrap,
              {Category::kGuestFault, "sandbox.trap",
               fmt::format("the guest trapped: {}", base::printable(base::shorten(fault.detail, 500)))}};
    case FaultKind::kFuel:
      return limit(Category::kResourceExhausted, "sandbox.out_of_fuel",
                   fmt::format("the guest used up its fuel of {}", limits.fuel.value_or(0)));
    case FaultKind::kDeadline:
      return limit(Category::kDeadlineExceeded, "sandbox.deadline",
                   fmt::format("the guest did not finish within {} ms",
                               std::chrono::duration_cast<std::chrono::milliseconds>(limits.timeout).count()));
    case FaultKind::kMemoryLimit:
      return limit(Category::kResourceExhausted, "sandbox.memory_limit",
                   fmt::format("the guest asked for more memory than its limit of {} bytes", limits.memory_bytes));
    case FaultKind::kTableLimit:
      return limit(Category::kResourceExhausted, "sandbox.table_limit",
                   fmt::format("the guest asked for more table elements than its limit of {}", limits.table_elements));
    case FaultKind::kInstanceLimit:
      return limit(Category::kResourceExhausted, "sandbox.instance_limit",
                   fmt::format("the component has more parts than its limit of {} module instances ({})",
                               limits.instances, base::printable(base::shorten(fault.detail, 200))));
    case FaultKind::kHandleLimit:
      return limit(Category::kResourceExhausted, "sandbox.handle_limit",
                   "the component asked for more handles of resources than its limit");
    case FaultKind::kTransferLimit:
      return limit(
          Category::kResourceExhausted, "sandbox.output_limit",
          fmt::format("the component handed more to the host at once than any of its limits allows; its result "
                      "may have {} bytes",
                      limits.output_bytes));
    case FaultKind::kStackOverflow:
      return limit(Category::kResourceExhausted, "sandbox.stack_overflow",
                   "the guest used up its call stack; it recurses too deeply");
    case FaultKind::kCancelled:
      return {OutcomeStatus::kCancelled, {Category::kCancelled, "sandbox.cancelled", "the call was cancelled"}};
    case FaultKind::kNoSlot:
      return {OutcomeStatus::kHostError,
              {Category::kUnavailable, "sandbox.no_slot",
               "every sandbox slot of this process is in use; run fewer nodes at once, or try again"}};
    case FaultKind::kStopped:  // the host function's own failure is the one to tell
    case FaultKind::kHost:
      break;
  }
  return {OutcomeStatus::kHostError,
          {Category::kInternal, "sandbox.host_error", base::printable(base::shorten(fault.detail, 500))}};
}

Failure cpu_failure(const Limits& limits) {
  const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(limits.cpu.value_or(0ns));
  return {OutcomeStatus::kLimit,
          {Category::kDeadlineExceeded, "sandbox.cpu_limit",
           fmt::format("CPU limit exceeded: the guest used its {} ms of CPU time", most.count())}};
}

}  // namespace caisson::sandbox
