#include "sandbox/result_views.h"

#include "base/encoding.h"
#include "base/unicode.h"
#include "document/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

namespace caisson::sandbox {

namespace {

using document::Value;

constexpr std::uint64_t kPageBytes = 65536;
constexpr std::int64_t kMostWarning = 10;  // return codes up to it are warnings

Value number(std::uint64_t value) {
  return static_cast<std::int64_t>(std::min(value, static_cast<std::uint64_t>(INT64_MAX)));
}

template <typename Unit>
Value time_in(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, typename Unit::period>(time).count();
}

/// JSON as it is, other text as a string, bytes in base64.
Value shown(const Payload& payload) {
  if (!base::is_utf8(payload.bytes())) {
    return Value::map({{"base64", base::base64(payload.bytes())}});
  }
  if (payload.media_type() == Payload::kJson) {
    if (auto parsed = document::parse_json(payload.bytes(), "output", {.bytes = payload.size()})) {
      return std::move(parsed).value();
    }
  }
  return payload.bytes();
}

bool is_reason(const Outcome& outcome, std::initializer_list<std::string_view> reasons) {
  return outcome.error && std::ranges::find(reasons, outcome.error->reason) != reasons.end();
}

Value error_text(const Outcome& outcome) {
  if (!outcome.error) {
    return {};
  }
  if (is_reason(outcome, {"sandbox.deadline"})) {  // the limit: what was used, without the few milliseconds beyond it
    const double seconds = std::chrono::duration<double>(outcome.usage.wall).count();
    const double steps = seconds < 1 ? 100 : 10;
    return fmt::format("WASM execution timeout after {:g}s", std::floor(seconds * steps) / steps);
  }
  if (is_reason(outcome, {"sandbox.out_of_fuel", "sandbox.cpu_limit"})) {
    return "CPU limit exceeded";
  }
  if (is_reason(outcome, {"sandbox.memory_limit", "sandbox.memory_growth"})) {
    return "Memory limit exceeded";
  }
  return outcome.error->message;
}

std::string_view type_name(ViolationKind kind) {
  switch (kind) {
    case ViolationKind::kTimeout:
      return "timeout_exceeded";
    case ViolationKind::kMemoryLimit:
      return "memory_limit_exceeded";
    default:
      return to_string(kind);
  }
}

Value violations(const Outcome& outcome) {
  Value out = Value::list();
  for (const Violation& violation : outcome.violations) {
    out.push(Value::map({{"type", type_name(violation.kind)},
                         {"severity", to_string(violation.severity)},
                         {"description", violation.description}}));
  }
  return out;
}

/// Of a program its exit code, of a function the integer it returned.
std::optional<std::int64_t> return_code(const Guest& guest, const Outcome& outcome) {
  if (outcome.exit_code) {
    return *outcome.exit_code;
  }
  if (outcome.status != OutcomeStatus::kOk) {
    return std::nullopt;
  }
  if (guest.abi != GuestAbi::kScalar) {
    return 0;
  }
  const std::string_view text = outcome.output.bytes();
  std::int64_t code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  return error == std::errc() && end == text.data() + text.size() ? code : 0;
}

}  // namespace

Value node_result(const Outcome& outcome) {
  const bool success = outcome.status == OutcomeStatus::kOk;
  Value out = Value::map({{"success", success}});
  if (success) {
    out.set("output", shown(outcome.output));
  } else {
    out.set("error", error_text(outcome));
    out.set("reason", outcome.error ? outcome.error->reason : "");
  }
  out.set("execution_time", time_in<std::chrono::seconds>(outcome.usage.wall));
  out.set("memory_used_pages", number(outcome.usage.memory_bytes / kPageBytes));
  out.set("fuel_consumed", number(outcome.usage.fuel));
  out.set("sandboxed", true);
  return out;
}

Value module_result(const Guest& guest, const Outcome& outcome) {
  const bool success = outcome.status == OutcomeStatus::kOk;
  Value out = Value::map({{"success", success}});
  out.set("data", success ? shown(outcome.output) : Value());
  out.set("error", error_text(outcome));
  out.set("execution_time_ms", time_in<std::chrono::milliseconds>(outcome.usage.wall));
  out.set("memory_usage_bytes", number(outcome.usage.memory_bytes));
  out.set("cpu_time_ms", time_in<std::chrono::milliseconds>(outcome.usage.cpu));
  out.set("execution_id", number(outcome.call));
  out.set("module_id", guest.module->info().digest.hex());
  out.set("function_name", base::printable(guest.entry));
  out.set("security_violations", violations(outcome));
  out.set("performance_metrics", Value::map({{"instructions_executed", number(outcome.usage.fuel)},
                                             {"cache_hits", Value()},
                                             {"cache_misses", Value()},
                                             {"page_faults", Value()},
                                             {"context_switches", Value()}}));
  return out;
}

Value step_result(const Guest& guest, std::string_view module, const Outcome& outcome) {
  const std::optional<std::int64_t> code = return_code(guest, outcome);
  const std::string name = base::printable(guest.entry);
  std::string_view status = "failed";
  Value message;
  if (!code) {
    message = fmt::format("{} {}: {}", name, outcome.status == OutcomeStatus::kTrap ? "trapped" : "failed",
                          outcome.error ? outcome.error->message : "");
  } else if (*code == 0) {
    status = "success";
  } else if (*code > 0 && *code <= kMostWarning) {
    status = "error";
    message = fmt::format("{} returned {}, a warning", name, *code);
  } else {
    message = fmt::format("{} failed with return code: {}", name, *code);
  }
  Value execution = Value::map({{"module", base::printable(module)}, {"function", name}});
  execution.set("return_code", code ? Value(*code) : Value());
  execution.set("status", status);
  Value out = Value::map({{"wasm_execution", std::move(execution)}});
  if (!message.is_null()) {
    out.set("message", std::move(message));
  }
  return out;
}

}  // namespace caisson::sandbox
