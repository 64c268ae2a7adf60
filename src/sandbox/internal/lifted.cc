#include "sandbox/internal/lifted.h"

#include <cstdint>
#include <limits>

namespace caisson::sandbox {

using base::Control;
using base::holds;

Policy lifted(const Policy& policy) {
  Policy out = policy;
  Limits& limits = out.limits;
  const auto lift = [](Control control, auto& limit) {
    if (!holds(control)) {
      limit = std::numeric_limits<std::remove_reference_t<decltype(limit)>>::max();
    }
  };
  lift(Control::kMemory, limits.memory_bytes);
  lift(Control::kTables, limits.table_elements);
  lift(Control::kInstances, limits.instances);
  lift(Control::kInputLimit, limits.input_bytes);
  lift(Control::kResultLimit, limits.output_bytes);
  lift(Control::kStdoutLimit, limits.stdout_bytes);
  lift(Control::kStderrLimit, limits.stderr_bytes);
  lift(Control::kLogLimit, limits.log_bytes);
  lift(Control::kEmitLimit, limits.emit_bytes);
  lift(Control::kKeyValueLimit, limits.kv_bytes);
  lift(Control::kHostCalls, limits.host_calls);
  lift(Control::kRandomLimit, limits.random_bytes);
  lift(Control::kOpenFiles, limits.open_files);
  lift(Control::kCreatedFiles, limits.created_files);
  lift(Control::kFileRead, limits.file_read_bytes);
  lift(Control::kFileBytes, limits.file_size_bytes);
  lift(Control::kFileBytes, limits.file_write_bytes);
  lift(Control::kHttpBytes, limits.http_bytes);
  lift(Control::kHttpRequests, limits.http_requests);
  const auto drop = [](Control control, auto& limit) {
    if (!holds(control)) {
      limit.reset();
    }
  };
  drop(Control::kFuel, limits.fuel);
  drop(Control::kCpu, limits.cpu);
  drop(Control::kCpuShare, limits.cpu_percent);
  drop(Control::kIdle, limits.idle);
  drop(Control::kMemoryGrowth, limits.memory_growth_bytes_per_second);
  drop(Control::kFileRate, limits.file_read_bytes_per_second);
  drop(Control::kFileRate, limits.file_write_bytes_per_second);
  if (!holds(Control::kDeadline)) {
    limits.timeout += std::chrono::seconds(2);
  }
  Grants& grants = out.grants;
  if (!holds(Control::kStdinGrant)) {
    grants.stdin_is_input = true;
  }
  if (!holds(Control::kClockGrant) && grants.clock == ClockMode::kDenied) {
    grants.clock = ClockMode::kReal;
  }
  if (!holds(Control::kClockCoarse) && grants.clock == ClockMode::kCoarse) {
    grants.clock = ClockMode::kReal;
  }
  if (!holds(Control::kRandomGrant) && grants.random == RandomMode::kDenied) {
    grants.random = RandomMode::kReal;
  }
  return out;
}

Ceiling lifted(const Ceiling& ceiling) {
  Ceiling out = ceiling;
  if (!holds(Control::kDenyList)) {
    out.read.deny.clear();
    out.write.deny.clear();
    out.env.deny.clear();
    out.net.deny.clear();
    out.secrets.deny.clear();
    out.imports.deny.clear();
    out.clock.deny.reset();
    out.random.deny.reset();
    out.wasi_denied.reset();
    out.args_denied.reset();
    out.stdin_denied.reset();
  }
  if (!holds(Control::kCeiling)) {
    for (auto* limits : {&out.limits, &out.run_limits}) {
      for (LimitBound& bound : *limits) {
        bound.amount.reset();
      }
    }
    out.write.allow.push_back({{.path = "/", .real = "/"}, {}});
    out.env.allow.push_back({"*", {}});
  }
  return out;
}

}  // namespace caisson::sandbox
