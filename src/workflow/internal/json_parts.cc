#include "workflow/internal/json_parts.h"

#include "base/encoding.h"
#include "base/unicode.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace caisson::workflow {

using document::Value;

Value number(std::uint64_t n) { return static_cast<std::int64_t>(std::min(n, static_cast<std::uint64_t>(INT64_MAX))); }

Value milliseconds(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

Value bytes_value(std::string_view bytes) {
  return base::is_utf8(bytes) ? Value(bytes) : Value::map({{"base64", base::base64(bytes)}});
}

void set_payload(Value& out, const Payload& payload) {
  out.set("output", bytes_value(payload.bytes()));
  out.set("media_type", payload.media_type());
}

Value usage_value(const sandbox::Usage& usage) {
  Value out = Value::map({{"wall_ms", milliseconds(usage.wall)},
                          {"cpu_ms", milliseconds(usage.cpu)},
                          {"fuel", number(usage.fuel)},
                          {"memory_bytes", number(usage.memory_bytes)},
                          {"memory_over_baseline_bytes", number(usage.memory_over_baseline_bytes)},
                          {"input_bytes", number(usage.input_bytes)},
                          {"output_bytes", number(usage.output_bytes)}});
  const auto set_if_any = [&](std::string_view name, std::uint64_t count) {
    if (count > 0) {
      out.set(std::string(name), number(count));
    }
  };
  set_if_any("stdout_bytes", usage.stdout_bytes);
  set_if_any("stderr_bytes", usage.stderr_bytes);
  set_if_any("log_bytes", usage.log_bytes);
  set_if_any("emit_bytes", usage.emit_bytes);
  set_if_any("random_bytes", usage.random_bytes);
  set_if_any("file_read_bytes", usage.file_read_bytes);
  set_if_any("file_write_bytes", usage.file_write_bytes);
  if (usage.throttled.count() > 0) {
    out.set("throttled_ms", milliseconds(usage.throttled));
  }
  set_if_any("http_requests", usage.http_requests);
  set_if_any("http_connections", usage.http_connections);
  set_if_any("http_sent_bytes", usage.http_sent_bytes);
  set_if_any("http_received_bytes", usage.http_received_bytes);
  if (!usage.http_requests_by_origin.empty()) {
    Value by_origin = Value::map();
    for (const auto& [name, count] : usage.http_requests_by_origin) {
      by_origin.set(name, number(count));
    }
    out.set("http_requests_by_origin", std::move(by_origin));
  }
  set_if_any("host_calls", usage.host_calls);
  if (!usage.host_calls_by_name.empty()) {
    Value by_name = Value::map();
    for (const auto& [name, count] : usage.host_calls_by_name) {
      by_name.set(std::string(name), number(count));
    }
    out.set("host_calls_by_name", std::move(by_name));
  }
  return out;
}

namespace {

std::string_view level_name(std::uint8_t level) {
  constexpr std::array<std::string_view, 5> kNames = {"trace", "debug", "info", "warning", "error"};
  return kNames[std::min<std::size_t>(level, kNames.size() - 1)];
}

}  // namespace

void set_line(Value& out, const sandbox::LogLine& line) {
  out.set("level", level_name(line.level));
  out.set("text", bytes_value(line.text));
}

void set_record(Value& out, const sandbox::EmittedRecord& record) {
  out.set("topic", bytes_value(record.topic));
  out.set("data", bytes_value(record.bytes));
}

void set_details(Value& out, const SandboxDetails& details, Telling telling) {
  const sandbox::Captured& captured = details.captured;
  if (details.exit_code) {
    out.set("exit_code", static_cast<std::int64_t>(*details.exit_code));
  }
  if (!captured.standard_output.empty()) {
    out.set("stdout", bytes_value(captured.standard_output));
  }
  if (!captured.standard_error.empty()) {
    out.set("stderr", bytes_value(captured.standard_error));
  }
  if (!captured.log.empty() && telling == Telling::kAll) {
    Value lines = Value::list();
    for (const sandbox::LogLine& line : captured.log) {
      Value one = Value::map();
      set_line(one, line);
      lines.push(std::move(one));
    }
    out.set("log", std::move(lines));
  }
  if (captured.log_lines_dropped > 0) {
    out.set("log_lines_dropped", number(captured.log_lines_dropped));
  }
  if (!captured.emitted.empty() && telling == Telling::kAll) {
    Value records = Value::list();
    for (const sandbox::EmittedRecord& record : captured.emitted) {
      Value one = Value::map();
      set_record(one, record);
      records.push(std::move(one));
    }
    out.set("emitted", std::move(records));
  }
  if (!details.violations.empty()) {
    Value list = Value::list();
    for (const sandbox::Violation& violation : details.violations) {
      list.push(Value::map({{"kind", to_string(violation.kind)},
                            {"severity", to_string(violation.severity)},
                            {"description", violation.description}}));
    }
    out.set("violations", std::move(list));
  }
}

Value totals_value(const RunRecord& record) {
  const RunTotals& totals = record.totals;
  Value out = Value::map({{"nodes", number(record.nodes.size())}, {"started", number(totals.started)}});
  if (totals.attempts > totals.started) {
    out.set("attempts", number(totals.attempts));
  }
  out.set("succeeded", number(totals.succeeded));
  out.set("failed", number(totals.failed));
  out.set("skipped", number(totals.skipped));
  out.set("cancelled", number(totals.cancelled));
  out.set("usage", usage_value(totals.usage));
  return out;
}

}  // namespace caisson::workflow
