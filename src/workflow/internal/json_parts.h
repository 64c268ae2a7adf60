#pragma once

#include "document/value.h"
#include "sandbox/usage.h"
#include "workflow/node_runner.h"
#include "workflow/run_record.h"

#include <caisson/payload.h>

#include <chrono>
#include <cstdint>
#include <string_view>

// What the JSON of a run and that of its events have in common.
namespace caisson::workflow {

[[nodiscard]] document::Value number(std::uint64_t n);
[[nodiscard]] document::Value milliseconds(std::chrono::nanoseconds time);

/// Text as a string, anything else as `{"base64": ...}`.
[[nodiscard]] document::Value bytes_value(std::string_view bytes);

/// `output` and `media_type`.
void set_payload(document::Value& out, const Payload& payload);

[[nodiscard]] document::Value usage_value(const sandbox::Usage& usage);

/// What a sandbox told besides its output: only what there is.
void set_details(document::Value& out, const SandboxDetails& details);

/// Of a run that has ended.
[[nodiscard]] document::Value totals_value(const RunRecord& record);

}  // namespace caisson::workflow
