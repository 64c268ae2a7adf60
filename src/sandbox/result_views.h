#pragma once

#include "document/value.h"
#include "sandbox/guest.h"
#include "sandbox/outcome.h"
#include "sandbox/policy.h"

namespace caisson::sandbox {

// An Outcome in the shapes that the systems Caisson comes from give. All are views: nothing is in one that is not in
// the Outcome, and what was not measured is null, never zero.

/// `{success, output, error, reason, execution_time, memory_used_pages, fuel_consumed, sandboxed}`: what a node of an
/// AI workflow gives. `execution_time` is in seconds. The error texts are `CPU limit exceeded` (fuel and CPU time:
/// `reason` says which), `WASM execution timeout after <n>s` and `Memory limit exceeded`; otherwise the error's own. An
/// output that is JSON is shown as it is, other text as a string, bytes as `{"base64": ...}`.
[[nodiscard]] document::Value node_result(const Outcome& outcome);

/// `{success, data, error, execution_time_ms, memory_usage_bytes, cpu_time_ms, execution_id, module_id, function_name,
/// security_violations, performance_metrics}`: what a module manager gives. A violation has `type`, `severity` and
/// `description`; a timeout's type is `timeout_exceeded`, a memory limit's `memory_limit_exceeded`, as that system
/// names them.
[[nodiscard]] document::Value module_result(const Guest& guest, const Outcome& outcome);

/// `{wasm_execution: {module, function, return_code, status}, message}`: what a step of a Lua workflow gives. The
/// return code is that of a program, or the number that a function returned: 0 is `success`, 1 to 10 `error` with a
/// warning, anything else, a trap included, is `failed`.
[[nodiscard]] document::Value step_result(const Guest& guest, std::string_view module, const Outcome& outcome);

}  // namespace caisson::sandbox
