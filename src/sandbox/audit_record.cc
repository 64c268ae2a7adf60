#include "sandbox/audit_record.h"

#include "sandbox/internal/abi.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace caisson::sandbox {

namespace {

/// Clocks of different threads may disagree by a little; a record has no negative numbers.
std::uint64_t count(std::chrono::nanoseconds time) noexcept {
  return static_cast<std::uint64_t>(std::max<std::chrono::nanoseconds::rep>(0, time.count()));
}

/// What the caller of such a call would have got.
OutcomeStatus status_of_refusal(Category category) noexcept {
  switch (category) {
    case Category::kPermissionDenied:
      return OutcomeStatus::kDenied;
    case Category::kInternal:
    case Category::kUnavailable:
      return OutcomeStatus::kHostError;
    default:
      return OutcomeStatus::kInvalid;
  }
}

}  // namespace

CallAudit::CallAudit(const AuditedCall& call, const Outcome& outcome)
    : usage_{{{"wall_ns", count(outcome.usage.wall)},
              {"cpu_ns", count(outcome.usage.cpu)},
              {"throttled_ns", count(outcome.usage.throttled)},
              {"fuel", outcome.usage.fuel},
              {"memory_bytes", outcome.usage.memory_bytes},
              {"memory_over_baseline_bytes", outcome.usage.memory_over_baseline_bytes},
              {"input_bytes", outcome.usage.input_bytes},
              {"output_bytes", outcome.usage.output_bytes},
              {"stdout_bytes", outcome.usage.stdout_bytes},
              {"stderr_bytes", outcome.usage.stderr_bytes},
              {"log_bytes", outcome.usage.log_bytes},
              {"emit_bytes", outcome.usage.emit_bytes},
              {"random_bytes", outcome.usage.random_bytes},
              {"file_read_bytes", outcome.usage.file_read_bytes},
              {"file_write_bytes", outcome.usage.file_write_bytes},
              {"http_requests", outcome.usage.http_requests},
              {"http_connections", outcome.usage.http_connections},
              {"http_sent_bytes", outcome.usage.http_sent_bytes},
              {"http_received_bytes", outcome.usage.http_received_bytes},
              {"host_calls", outcome.usage.host_calls}}},
      http_(outcome.usage.http_requests_by_origin.begin(), outcome.usage.http_requests_by_origin.end()) {
  violations_.reserve(outcome.violations.size());
  std::ranges::transform(outcome.violations, std::back_inserter(violations_), [](const Violation& violation) {
    return observe::AuditViolation{to_string(violation.kind), to_string(violation.severity), violation.description};
  });
  record_.call = call.id;
  record_.run = call.run;
  record_.node = call.node;
  record_.module = call.module;
  record_.policy = call.policy;
  record_.status = to_string(outcome.status);
  record_.reason = outcome.error ? std::string_view(outcome.error->reason) : std::string_view();
  record_.usage = usage_;
  record_.host_calls = outcome.usage.host_calls_by_name;
  record_.http = http_;
  record_.violations = violations_;
}

void audit_call(observe::Audit& audit, const AuditedCall& call, Outcome& outcome) {
  if (Status recorded = audit.append(CallAudit(call, outcome).record()); !recorded) {
    outcome.status = OutcomeStatus::kHostError;
    outcome.output = Payload();
    outcome.error = std::move(recorded).error();
  }
}

Status audit_refusal(observe::Audit& audit, const AuditedCall& call, const Error& error) {
  Outcome outcome;
  outcome.status = status_of_refusal(error.category);
  outcome.error = error;
  record_violation(outcome, Limits());
  return audit.append(CallAudit(call, outcome).record());
}

}  // namespace caisson::sandbox
