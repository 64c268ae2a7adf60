#include "workflow/run_json.h"

#include "base/encoding.h"
#include "base/unicode.h"
#include "workflow/error_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

Value number(std::uint64_t n) { return static_cast<std::int64_t>(std::min(n, static_cast<std::uint64_t>(INT64_MAX))); }

Value milliseconds(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

/// Text as a string, anything else as `{"base64": ...}`.
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

std::string_view level_name(std::uint8_t level) {
  constexpr std::array<std::string_view, 5> kNames = {"trace", "debug", "info", "warning", "error"};
  return kNames[std::min<std::size_t>(level, kNames.size() - 1)];
}

/// What a sandbox told besides its output: only what there is.
void set_details(Value& out, const SandboxDetails& details) {
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
  if (!captured.log.empty()) {
    Value lines = Value::list();
    for (const sandbox::LogLine& line : captured.log) {
      lines.push(Value::map({{"level", level_name(line.level)}, {"text", bytes_value(line.text)}}));
    }
    out.set("log", std::move(lines));
  }
  if (captured.log_lines_dropped > 0) {
    out.set("log_lines_dropped", number(captured.log_lines_dropped));
  }
  if (!captured.emitted.empty()) {
    Value records = Value::list();
    for (const sandbox::EmittedRecord& record : captured.emitted) {
      records.push(Value::map({{"topic", bytes_value(record.topic)}, {"data", bytes_value(record.bytes)}}));
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

Value node_value(const Definition& definition, const Plan& plan, const RunRecord& record, NodeIndex index) {
  const NodeRecord& node = record.nodes[index];
  Value out = Value::map();
  out.set("id", plan.id(index));
  out.set("type", definition.nodes[index].type().name);
  out.set("intent", plan.intent(index) == Intent::kTransform ? "transform" : "analyze");
  out.set("level", number(plan.rank(index)));
  out.set("state", to_string(node.state));
  if (node.started) {
    out.set("started_ms", milliseconds(*node.started));
    out.set("finished_ms", milliseconds(node.finished));
  }
  if (node.payload) {
    set_payload(out, *node.payload);
  }
  if (!node.metadata.is_null()) {
    out.set("metadata", node.metadata);
  }
  if (node.error) {
    out.set("error", to_value(*node.error));
  } else if (node.state == NodeState::kSkipped) {
    out.set("error", to_value(Error{Category::kFailedPrecondition, "workflow.dependency_failed",
                                    fmt::format("not run because '{}' failed", plan.id(node.because))}));
    out.set("because", plan.id(node.because));
  }
  if (node.usage) {
    out.set("usage", usage_value(*node.usage));
  }
  if (node.details) {
    set_details(out, *node.details);
  }
  return out;
}

}  // namespace

Value to_value(const Diagnostic& diagnostic) {
  Value out = Value::map({{"severity", diagnostic.severity == Severity::kError ? "error" : "warning"},
                          {"reason", diagnostic.reason},
                          {"message", diagnostic.message}});
  if (!diagnostic.where.file.empty()) {
    out.set("file", diagnostic.where.file);
  }
  if (diagnostic.where.line > 0) {
    out.set("line", diagnostic.where.line);
    out.set("column", diagnostic.where.column);
  }
  return out;
}

Value to_value(const Error& error) {
  const SourceNames names = source_names(error);
  Value out = Value::map({{"category", to_string(error.category)},
                          {"reason", error.reason},
                          {"message", error.message},
                          {"code", names.code}});
  if (names.kind) {
    out.set("kind", to_string(*names.kind));
  }
  if (names.wasm_kind) {
    out.set("wasm_kind", to_string(*names.wasm_kind));
  }
  if (!error.diagnostics.empty()) {
    Value list = Value::list();
    for (const Diagnostic& diagnostic : error.diagnostics) {
      list.push(to_value(diagnostic));
    }
    out.set("diagnostics", std::move(list));
  }
  return out;
}

Value to_value(const Definition& definition, const Plan& plan, const RunRecord& record) {
  Value out = Value::map();
  out.set("definition", definition.file);
  out.set("strategy", to_string(record.run.strategy));
  out.set("failure_strategy", to_string(record.run.failure_strategy));
  out.set("max_concurrency", number(record.run.max_concurrency));
  out.set("status", to_string(record.status));
  out.set("duration_ms", milliseconds(record.duration));
  if (record.result) {
    set_payload(out, *record.result);
  }
  if (record.error) {
    out.set("error", to_value(*record.error));
  }
  const RunTotals& totals = record.totals;
  out.set("totals", Value::map({{"nodes", number(record.nodes.size())},
                                {"started", number(totals.started)},
                                {"succeeded", number(totals.succeeded)},
                                {"failed", number(totals.failed)},
                                {"skipped", number(totals.skipped)},
                                {"cancelled", number(totals.cancelled)},
                                {"usage", usage_value(totals.usage)}}));
  Value nodes = Value::list();
  for (const NodeIndex node : plan.order()) {
    nodes.push(node_value(definition, plan, record, node));
  }
  out.set("nodes", std::move(nodes));
  return out;
}

}  // namespace caisson::workflow
