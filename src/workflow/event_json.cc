#include "workflow/event_json.h"

#include "workflow/internal/json_parts.h"
#include "workflow/run_json.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

constexpr std::array<std::string_view, std::variant_size_v<RunEvent>> kNames{
    "run.started",  "level.started",  "strategy.switched", "node.waiting",   "node.started",
    "node.log",     "node.emitted",   "node.retrying",     "node.succeeded", "node.failed",
    "node.skipped", "node.cancelled", "run.finished"};

/// What an attempt that has ended used and told.
void set_outcome(Value& out, const base::Boxed<sandbox::Usage>& usage, const base::Boxed<SandboxDetails>& details) {
  if (usage) {
    out.set("usage", usage_value(*usage));
  }
  if (details) {
    set_details(out, *details, Telling::kRest);
  }
}

/// Adds what each kind of event has of its own.
class Fields {
 public:
  Fields(Value& out, const RunScope& scope, const RunIdentity& identity)
      : out_(out), scope_(scope), identity_(identity) {}

  void operator()(const RunStarted& e) {
    begin(e.at);
    if (scope_.path.empty()) {
      out_.set("definition", identity_.definition);
    }
    out_.set("strategy", to_string(e.strategy));
    out_.set("failure_strategy", to_string(e.failure_strategy));
    out_.set("max_concurrency", number(e.max_concurrency));
    out_.set("nodes", number(scope_.plan.size()));
    out_.set("levels", number(scope_.plan.rank_count()));
    out_.set("input_bytes", number(e.input.size()));
  }
  void operator()(const LevelStarted& e) {
    begin(e.at);
    out_.set("level", number(e.rank));
    out_.set("nodes", number(scope_.plan.nodes_of_rank(e.rank).size()));
  }
  void operator()(const StrategySwitched& e) {
    begin(e.at);
    out_.set("to", e.to);
    out_.set("why", e.reason);
  }
  void operator()(const NodeWaiting& e) {
    begin(e.at, e.node);
    out_.set("group", e.group);
  }
  void operator()(const NodeStarted& e) {
    begin(e.at, e.node);
    out_.set("attempt", number(e.attempt));
  }
  void operator()(const NodeLogged& e) {
    begin(e.at, e.node);
    set_line(out_, e.line);
  }
  void operator()(const NodeEmitted& e) {
    begin(e.at, e.node);
    set_record(out_, e.record);
  }
  void operator()(const NodeRetrying& e) {
    begin(e.at, e.node);
    out_.set("attempt", number(e.attempt));
    out_.set("delay_ms", milliseconds(e.delay));
    out_.set("error", to_value(e.error));
    set_outcome(out_, e.usage, e.details);
  }
  void operator()(const NodeSucceeded& e) {
    begin(e.at, e.node);
    out_.set("attempt", number(e.attempt));
    if (e.payload) {
      out_.set("output_bytes", number(e.payload->size()));
      out_.set("media_type", e.payload->media_type());
    }
    set_metadata(e.metadata);
    set_outcome(out_, e.usage, e.details);
  }
  void operator()(const NodeFailed& e) {
    begin(e.at, e.node);
    out_.set("attempt", number(e.attempt));
    out_.set("error", to_value(e.error));
    if (!e.counts) {
      out_.set("failure_counts", false);
    }
    set_metadata(e.metadata);
    set_outcome(out_, e.usage, e.details);
  }
  void operator()(const NodeSkipped& e) {
    begin(e.at, e.node);
    out_.set("cause", to_string(e.cause));
    out_.set("because", scope_.plan.id(e.because));
  }
  void operator()(const NodeCancelled& e) {
    begin(e.at, e.node);
    if (e.attempt > 0) {
      out_.set("attempt", number(e.attempt));
    }
    set_outcome(out_, e.usage, e.details);
  }
  void operator()(const RunFinished& e) {
    begin(e.at);
    if (scope_.record != nullptr) {
      out_.set("status", to_string(scope_.record->status));
      if (const std::optional<Error>& error = scope_.record->error) {
        out_.set("error", to_value(*error));
        if (scope_.record->was_stopped) {
          out_.set("stopped_by", error->reason);
        }
      }
      out_.set("totals", totals_value(*scope_.record));
    }
  }

 private:
  void begin(RunTime at, std::optional<NodeIndex> node = {}) {
    if (node) {
      out_.set("node", scope_.plan.id(*node));
    }
    out_.set("at_ms", milliseconds(at));
  }
  void set_metadata(const Value& metadata) {
    if (!metadata.is_null()) {
      out_.set("metadata", metadata);
    }
  }

  Value& out_;
  const RunScope& scope_;
  const RunIdentity& identity_;
};

}  // namespace

std::string_view event_name(const RunEvent& event) noexcept { return kNames[event.index()]; }

Value to_value(const RunEvent& event, const RunScope& scope, const RunIdentity& identity) {
  Value out = Value::map({{"event", event_name(event)}, {"run", identity.run}});
  if (!scope.path.empty()) {
    out.set("scope", scope.path);
  }
  std::visit(Fields(out, scope, identity), event);
  return out;
}

}  // namespace caisson::workflow
