#include "sandbox/internal/abi.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace caisson::sandbox {

namespace {

struct Row {
  std::string_view reason;
  ViolationKind kind;
  ViolationSeverity severity;
};

// Which violation a reason is; M-055 has the severities of time and memory.
constexpr std::array kRows = {
    Row{"code.import_denied", ViolationKind::kCapability, ViolationSeverity::kMedium},
    Row{"policy.refused", ViolationKind::kCapability, ViolationSeverity::kMedium},
    Row{"sandbox.cpu_limit", ViolationKind::kCpuLimit, ViolationSeverity::kMedium},
    Row{"sandbox.deadline", ViolationKind::kTimeout, ViolationSeverity::kMedium},
    Row{"sandbox.feature_denied", ViolationKind::kCapability, ViolationSeverity::kMedium},
    Row{"sandbox.handle_limit", ViolationKind::kMemoryLimit, ViolationSeverity::kMedium},
    Row{"sandbox.host_call_limit", ViolationKind::kHostCallLimit, ViolationSeverity::kMedium},
    Row{"sandbox.idle", ViolationKind::kTimeout, ViolationSeverity::kLow},
    Row{"sandbox.import_denied", ViolationKind::kCapability, ViolationSeverity::kMedium},
    Row{"sandbox.instance_limit", ViolationKind::kMemoryLimit, ViolationSeverity::kMedium},
    Row{"sandbox.killed", ViolationKind::kTermination, ViolationSeverity::kHigh},
    Row{"sandbox.memory_growth", ViolationKind::kMemoryLimit, ViolationSeverity::kMedium},
    Row{"sandbox.memory_limit", ViolationKind::kMemoryLimit, ViolationSeverity::kHigh},
    Row{"sandbox.out_of_fuel", ViolationKind::kCpuLimit, ViolationSeverity::kMedium},
    Row{"sandbox.output_limit", ViolationKind::kOutputLimit, ViolationSeverity::kMedium},
    Row{"sandbox.random_limit", ViolationKind::kRandomLimit, ViolationSeverity::kMedium},
    Row{"sandbox.run_memory", ViolationKind::kMemoryLimit, ViolationSeverity::kHigh},
    Row{"sandbox.stack_overflow", ViolationKind::kStackLimit, ViolationSeverity::kMedium},
    Row{"sandbox.table_limit", ViolationKind::kMemoryLimit, ViolationSeverity::kHigh},
};

/// What was used and what the limit is, where both are known.
std::string amounts(std::string_view reason, const Usage& usage, const Limits& limits) {
  const auto milliseconds = [](std::chrono::nanoseconds time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  };
  if (reason == "sandbox.out_of_fuel") {
    return fmt::format("fuel: used {} of {}", usage.fuel, limits.fuel.value_or(0));
  }
  if (reason == "sandbox.memory_limit") {
    return fmt::format("memory: held {} of {} bytes and asked for more", usage.memory_bytes, limits.memory_bytes);
  }
  if (reason == "sandbox.deadline") {
    return fmt::format("wall time: used {} of {} ms", milliseconds(usage.wall), milliseconds(limits.timeout));
  }
  if (reason == "sandbox.cpu_limit" && limits.cpu) {
    return fmt::format("CPU time: used {} of {} ms", milliseconds(usage.cpu), milliseconds(*limits.cpu));
  }
  return {};
}

}  // namespace

void record_violation(Outcome& outcome, const Limits& limits) {
  if (!outcome.error) {
    return;
  }
  const auto row = std::ranges::find(kRows, outcome.error->reason, &Row::reason);
  if (row != kRows.end()) {
    std::string used = amounts(row->reason, outcome.usage, limits);
    // First: whoever shows only some shows what ended the call.
    outcome.violations.insert(outcome.violations.begin(),
                              {row->kind, row->severity, used.empty() ? outcome.error->message : std::move(used)});
  }
}

}  // namespace caisson::sandbox
