#include "watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <variant>

namespace caisson::simulation {

using namespace workflow;

Watch::Watch(const Scenario& scenario, const base::Environment& environment)
    : scenario_(scenario),
      environment_(environment),
      has_nested_(std::ranges::any_of(scenario.graph->nodes, [](const Node& node) { return node.nested != nullptr; })),
      most_(std::min(scenario.graph->max_concurrency, scenario.threads)),
      begin_(environment.now()),
      in_group_(scenario.groups.size()) {}

void Watch::on_event(const RunEvent& event, const RunScope& at) noexcept {
  if (at.path.empty()) {
    events_.push_back(event);
  }
  ScopeWatch& scope = scope_of(at.path);
  if (const auto* begun = std::get_if<RunStarted>(&event)) {
    scope = {
        .graph = scope.graph, .strategy = begun->strategy, .nodes = std::vector<NodeWatch>(scope.graph->nodes.size())};
  } else if (const auto* started_event = std::get_if<NodeStarted>(&event)) {
    started(scope, at.path, *started_event);
  } else if (const auto* retrying = std::get_if<NodeRetrying>(&event)) {
    NodeWatch& node = scope.nodes[retrying->node];
    if (node.state != State::kRunning || node.attempts != retrying->attempt) {
      complain(scope, retrying->node, "is to be tried again though it does not run");
    }
    node.state = State::kWaiting;
    node.not_before = environment_.now() - begin_ + retrying->delay;
    ++seen_["retry"];
  } else if (const auto* succeeded = std::get_if<NodeSucceeded>(&event)) {
    end(scope, succeeded->node, State::kRunning, true);
  } else if (const auto* failed = std::get_if<NodeFailed>(&event)) {
    end(scope, failed->node, State::kRunning, !failed->counts);
    if (failed->counts && scope.graph->failure_strategy == FailureStrategy::kFailFast) {
      scope.failed_fast = true;
      ++seen_["fail_fast"];
    }
  } else if (const auto* skipped = std::get_if<NodeSkipped>(&event)) {
    end(scope, skipped->node, State::kPending, skipped->cause != SkipCause::kFailure);
    ++seen_[std::string(to_string(skipped->cause))];
  } else if (const auto* cancelled = std::get_if<NodeCancelled>(&event)) {
    end(scope, cancelled->node, scope.nodes[cancelled->node].state, false);
  } else if (std::holds_alternative<StrategySwitched>(event)) {
    ++seen_["switch"];
  } else if (std::holds_alternative<RunFinished>(event)) {
    for (NodeIndex i = 0; i < scope.nodes.size(); ++i) {
      if (scope.nodes[i].state != State::kEnded) {
        complain(scope, i, "has not ended when its run has");
      }
    }
    scope.ended = true;
  }
}

void Watch::enter(const Case& graph, NodeIndex node) {
  const Node& rules = graph.nodes[node];
  if (++in_flight_of_[&graph] > graph.max_concurrency && problem_.empty()) {
    problem_ = fmt::format("with '{}' more nodes are in flight than their run allows", graph.plan.id(node));
  }
  if (rules.nested == nullptr && ++in_flight_ > most_ && problem_.empty()) {
    problem_ = fmt::format("with '{}' more nodes are in flight than the whole run allows", graph.plan.id(node));
  }
  for (const std::uint32_t group : rules.rules.groups) {
    seen_["group"] += in_group_[group] + 1 == scenario_.groups[group].limit ? 1U : 0U;
    if (++in_group_[group] > scenario_.groups[group].limit && problem_.empty()) {
      problem_ = fmt::format("with '{}' more nodes are in flight than group {} allows", graph.plan.id(node), group);
    }
  }
}

void Watch::leave(const Case& graph, NodeIndex node) {
  const Node& rules = graph.nodes[node];
  --in_flight_of_[&graph];
  in_flight_ -= rules.nested == nullptr ? 1U : 0U;
  for (const std::uint32_t group : rules.rules.groups) {
    --in_group_[group];
  }
}

/// Nested runs share the places of the whole run; who has how many is a matter of timing.
void Watch::rest() {
  const auto found = scopes_.find("");
  if (has_nested_ || stopped_ || found == scopes_.end() || found->second.ended || found->second.failed_fast ||
      scenario_.may_be_stopped() || in_flight_ >= most_) {
    return;
  }
  const ScopeWatch& scope = found->second;
  ++seen_["rest"];
  for (NodeIndex i = 0; i < scope.nodes.size(); ++i) {
    const NodeWatch& node = scope.nodes[i];
    const bool again = node.state == State::kWaiting && node.not_before <= environment_.now() - begin_;
    const bool has_place = std::ranges::all_of(scope.graph->nodes[i].rules.groups, [this](std::uint32_t group) {
      return in_group_[group] < scenario_.groups[group].limit;
    });
    if (has_place && (again || is_ready(scope, i))) {
      const std::uint32_t rank = scope.graph->plan.rank(i);
      const bool barrier =
          scope.strategy == Strategy::kLevel && std::ranges::any_of(scope.graph->plan.order(), [&](auto n) {
            return scope.graph->plan.rank(n) < rank && scope.nodes[n].state != State::kEnded;
          });
      if (!barrier) {
        complain(scope, i, "is ready, a worker is free, and nothing happens");
      }
    }
  }
}

void Watch::ended(const RunRecord& record) {
  if (fold(scenario_.graph->plan, events_) != record && problem_.empty()) {
    problem_ = "the record is not the fold of the events";
  }
  if ((in_flight_ > 0 || std::ranges::any_of(in_group_, [](std::size_t n) { return n > 0; })) && problem_.empty()) {
    problem_ = "nodes are in flight when the run has ended";
  }
}

const Case& Watch::graph_of(std::string_view path) const {
  const Case* graph = scenario_.graph.get();
  while (!path.empty()) {
    const std::string_view id = path.substr(0, path.find('/'));
    graph = std::ranges::find(graph->nodes, id, [](const Node& node) {
              return std::string_view(node.plan.id);
            })->nested.get();
    path.remove_prefix(std::min(path.size(), id.size() + 1));
  }
  return *graph;
}

Watch::ScopeWatch& Watch::scope_of(std::string_view path) {
  const auto found = scopes_.find(path);
  return found != scopes_.end() ? found->second
                                : scopes_.emplace(path, ScopeWatch{.graph = &graph_of(path)}).first->second;
}

/// It could begin as far as the graph goes.
bool Watch::is_ready(const ScopeWatch& scope, NodeIndex node) const {
  return scope.nodes[node].state == State::kPending &&
         std::ranges::all_of(scope.graph->plan.dependencies(node), [&](NodeIndex d) {
           return scope.nodes[d].state == State::kEnded && scope.nodes[d].lets_others_run;
         });
}

void Watch::started(ScopeWatch& scope, std::string_view path, const NodeStarted& event) {
  NodeWatch& node = scope.nodes[event.node];
  const bool first = event.attempt == 1;
  if (node.state != (first ? State::kPending : State::kWaiting) || event.attempt != node.attempts + 1) {
    complain(scope, event.node, "begins when it has begun or ended already");
  }
  for (const NodeIndex d : scope.graph->plan.dependencies(event.node)) {
    if (scope.nodes[d].state != State::kEnded || !scope.nodes[d].lets_others_run) {
      complain(scope, event.node, "begins before what it depends on is done");
    }
  }
  if (environment_.now() - begin_ < node.not_before) {
    complain(scope, event.node, "is tried again too early");
  }
  bool told = stopped_;
  for (const auto& [other, of] : scopes_) {
    const bool around = other.empty() || path == other || (path.starts_with(other) && path[other.size()] == '/');
    told = told || (around && of.failed_fast && !of.ended);
  }
  // With a condition, the stop may have come between that and the start.
  if (told && scope.graph->nodes[event.node].condition == Condition::kNone) {
    complain(scope, event.node, "begins after a stop");
  }
  if (first) {
    check_order(scope, event.node);
  }
  node.state = State::kRunning;
  node.attempts = event.attempt;
}

void Watch::check_order(const ScopeWatch& scope, NodeIndex node) {
  const Plan& plan = scope.graph->plan;
  if (scope.strategy == Strategy::kLevel) {
    for (const NodeIndex other : plan.order()) {
      const bool blocked =
          std::ranges::any_of(plan.dependencies(other), [&](NodeIndex d) { return !scope.nodes[d].lets_others_run; });
      if (plan.rank(other) < plan.rank(node) && scope.nodes[other].state != State::kEnded && !blocked) {
        complain(scope, node, fmt::format("begins before '{}' of a lower rank has ended", plan.id(other)));
      }
    }
    return;
  }
  const bool by_urgency = scope.strategy == Strategy::kWorkQueue ||
                          (scope.strategy == Strategy::kHybrid && (scenario_.hints.prefer_deterministic_ordering ||
                                                                   scenario_.hints.enable_critical_path_optimization));
  const Node& rules = scope.graph->nodes[node];
  if (!by_urgency || !rules.rules.groups.empty() || rules.condition != Condition::kNone) {
    return;
  }
  const auto urgency = [&](NodeIndex n) {
    return std::tuple(scope.graph->nodes[n].rules.priority, plan.height(n), ~n);
  };
  for (NodeIndex other = 0; other < plan.size(); ++other) {
    const Node& waits = scope.graph->nodes[other];
    // One with groups may have been taken and sent away, one with a condition taken and not begun.
    const bool untouched = waits.rules.groups.empty() && waits.condition == Condition::kNone;
    if (other != node && untouched && is_ready(scope, other)) {
      ++seen_["order"];
      if (urgency(other) > urgency(node)) {
        complain(scope, node, fmt::format("begins before '{}', which is more urgent", plan.id(other)));
      }
    }
  }
}

void Watch::end(ScopeWatch& scope, NodeIndex node, State expected, bool lets_others_run) {
  NodeWatch& watch = scope.nodes[node];
  if (watch.state == State::kEnded || watch.state != expected) {
    complain(scope, node, "ends when it does not run, or has ended already");
  }
  watch.state = State::kEnded;
  watch.lets_others_run = lets_others_run;
}

void Watch::complain(const ScopeWatch& scope, NodeIndex node, std::string_view what) {
  if (problem_.empty()) {
    problem_ =
        fmt::format("at {} ms '{}' {}", std::chrono::duration<double, std::milli>(environment_.now() - begin_).count(),
                    scope.graph->plan.id(node), what);
  }
}

}  // namespace caisson::simulation
