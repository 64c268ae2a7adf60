#include "workflow/run_json.h"

#include "workflow/error_names.h"
#include "workflow/internal/json_parts.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

Value node_value(const Definition& definition, const Plan& plan, const RunRecord& record, NodeIndex index) {
  const NodeRecord& node = record.nodes[index];
  Value out = Value::map();
  out.set("id", plan.id(index));
  out.set("type", definition.nodes[index].type().name);
  out.set("intent", plan.intent(index) == Intent::kTransform ? "transform" : "analyze");
  out.set("level", number(plan.rank(index)));
  out.set("state", to_string(node.state));
  if (node.attempts > 1) {
    out.set("attempts", number(node.attempts));
  }
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
    if (!node.failure_counts) {
      out.set("failure_counts", false);
    }
  } else if (node.state == NodeState::kSkipped) {
    if (node.cause == SkipCause::kFailure) {
      out.set("error", to_value(Error{Category::kFailedPrecondition, "workflow.dependency_failed",
                                      fmt::format("not run because '{}' failed", plan.id(node.because))}));
    }
    out.set("cause", to_string(node.cause));
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
    if (record.was_stopped) {
      out.set("stopped_by", record.error->reason);
    }
  }
  if (!record.switches.empty()) {
    Value switches = Value::list();
    for (const StrategySwitched& one : record.switches) {
      switches.push(Value::map({{"at_ms", milliseconds(one.at)}, {"to", one.to}, {"why", one.reason}}));
    }
    out.set("strategy_switches", std::move(switches));
  }
  out.set("totals", totals_value(record));
  Value nodes = Value::list();
  for (const NodeIndex node : plan.order()) {
    nodes.push(node_value(definition, plan, record, node));
  }
  out.set("nodes", std::move(nodes));
  return out;
}

}  // namespace caisson::workflow
