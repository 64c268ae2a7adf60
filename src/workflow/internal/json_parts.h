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

/// `level` and `text`.
void set_line(document::Value& out, const sandbox::LogLine& line);
/// `topic` and `data`.
void set_record(document::Value& out, const sandbox::EmittedRecord& record);

/// How much of what a sandbox told.
enum class Telling : std::uint8_t {
  kAll,
  kRest,  ///< without what was told while it ran: its log and the records that it emitted
};

/// What a sandbox told besides its output: only what there is.
void set_details(document::Value& out, const SandboxDetails& details, Telling telling = Telling::kAll);

/// Of a run that has ended.
[[nodiscard]] document::Value totals_value(const RunRecord& record);

}  // namespace caisson::workflow
