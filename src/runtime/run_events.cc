#include "runtime/run_events.h"

#include "document/print.h"
#include "workflow/event_json.h"
#include "workflow/run_record.h"

#include <variant>

namespace caisson::runtime {

namespace {

using Kind = RunEvent::Kind;

// The alternatives of one are the enumerators of the other, in this order.
static_assert(std::variant_size_v<workflow::RunEvent> == static_cast<std::size_t>(Kind::kRunFinished) + 1);
template <Kind kKind, typename Event>
constexpr bool kIs =
    std::is_same_v<std::variant_alternative_t<static_cast<std::size_t>(kKind), workflow::RunEvent>, Event>;
static_assert(kIs<Kind::kRunStarted, workflow::RunStarted> && kIs<Kind::kLevelStarted, workflow::LevelStarted> &&
              kIs<Kind::kStrategySwitched, workflow::StrategySwitched> &&
              kIs<Kind::kNodeWaiting, workflow::NodeWaiting> && kIs<Kind::kNodeStarted, workflow::NodeStarted> &&
              kIs<Kind::kNodeLog, workflow::NodeLogged> && kIs<Kind::kNodeEmitted, workflow::NodeEmitted> &&
              kIs<Kind::kNodeRetrying, workflow::NodeRetrying> && kIs<Kind::kNodeSucceeded, workflow::NodeSucceeded> &&
              kIs<Kind::kNodeFailed, workflow::NodeFailed> && kIs<Kind::kNodeSkipped, workflow::NodeSkipped> &&
              kIs<Kind::kNodeCancelled, workflow::NodeCancelled> && kIs<Kind::kRunFinished, workflow::RunFinished>);

const Error* error_of(const workflow::RunEvent& event, const workflow::RunScope& scope) {
  if (const auto* failed = std::get_if<workflow::NodeFailed>(&event)) {
    return &failed->error;
  }
  if (const auto* retrying = std::get_if<workflow::NodeRetrying>(&event)) {
    return &retrying->error;
  }
  const bool ended = scope.record != nullptr && scope.record->error;
  return ended ? &*scope.record->error : nullptr;
}

}  // namespace

void RunEventForwarder::on_event(const workflow::RunEvent& event, const workflow::RunScope& scope) noexcept {
  if (!scope.path.empty() || !std::holds_alternative<workflow::RunFinished>(event)) {
    forward(event, scope);
  }
}

void RunEventForwarder::finished(const workflow::Plan& plan, const workflow::RunRecord& record) const {
  forward(workflow::RunFinished{record.duration}, {plan, {}, &record});
}

void RunEventForwarder::forward(const workflow::RunEvent& event, const workflow::RunScope& scope) const {
  RunEvent out{.kind = static_cast<Kind>(event.index()),
               .name = workflow::event_name(event),
               .run = run_,
               .scope = scope.path,
               .nodes = scope.plan.size(),
               .error = error_of(event, scope)};
  std::visit(
      [&](const auto& e) {
        if constexpr (requires { e.node; }) {
          out.node = scope.plan.id(e.node);
        }
        if constexpr (requires { e.at; }) {
          out.at = e.at;
        }
        if constexpr (requires { e.attempt; }) {
          out.attempt = e.attempt;
        }
        if constexpr (requires { e.line; }) {
          out.text = e.line.text;
        }
        if constexpr (requires { e.record; }) {
          out.text = e.record.topic;
        }
      },
      event);
  out.json = [&] { return document::to_json(workflow::to_value(event, scope, {run_, definition_})); };
  receiver_(out);
}

}  // namespace caisson::runtime
