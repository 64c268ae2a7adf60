#include "base/unicode.h"
#include "engine/component.h"
#include "sandbox/internal/abi.h"
#include "sandbox/internal/call_state.h"

#include <fmt/format.h>

#include <algorithm>

namespace caisson::sandbox {

namespace {

constexpr std::size_t kErrorTextBytes = 4U << 10;  // of an error text that is shown
constexpr std::uint64_t kTransferMargin = 64U << 10;

/// What one transfer to the host may have. Each is held to its own limit as well; this is for what nothing would take.
std::uint64_t transfer_bytes(const Limits& limits) {
  return std::max({limits.output_bytes, limits.stdout_bytes, limits.stderr_bytes, limits.log_bytes, limits.emit_bytes,
                   limits.kv_bytes}) +
         kTransferMargin;
}

}  // namespace

std::optional<Failure> call_component_guest(const Guest& guest, const Payload& input, CallState& call,
                                            engine::InstanceLimits limits, const std::stop_token& stop,
                                            engine::InstanceUsage& used, Payload& out) {
  limits.transfer_bytes = transfer_bytes(call.limits());
  engine::ComponentOutcome outcome = engine::call_component(*guest.module, input.bytes(), limits, stop,
                                                            call.environment(), {&call, &CallState::on_tick});
  used = outcome.usage;
  if (outcome.fault) {
    return to_failure(*outcome.fault, call.limits());
  }
  if (outcome.error_code && guest.abi == GuestAbi::kCommand) {
    call.exit(*outcome.error_code);
    return std::nullopt;  // what an exit code means is decided for all programs in one place
  }
  if (outcome.error_code) {
    return Failure{OutcomeStatus::kGuestError,
                   {Category::kGuestFault, "sandbox.guest_error",
                    fmt::format("the guest reports: {} (code {})",
                                base::printable(base::shorten(outcome.bytes, kErrorTextBytes)), *outcome.error_code)}};
  }
  if (outcome.bytes.size() > call.limits().output_bytes) {
    return Failure{OutcomeStatus::kLimit,
                   {Category::kResourceExhausted, "sandbox.output_limit",
                    fmt::format("the guest's result has {} bytes, its limit is {}", outcome.bytes.size(),
                                call.limits().output_bytes)}};
  }
  out = Payload(std::move(outcome.owner), outcome.bytes, input.media_type());
  return std::nullopt;
}

}  // namespace caisson::sandbox
