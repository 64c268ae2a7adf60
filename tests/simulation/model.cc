#include "model.h"

#include "document/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

namespace caisson::simulation {

namespace {

using namespace workflow;

NodeOutcome failure(Category category, std::string reason) {
  return {.error = Error{category, std::move(reason), "it does that"}};
}

std::string digest(const std::optional<Payload>& payload) {
  return payload ? fmt::format("{}:{:x}", payload->size(), std::hash<std::string_view>()(payload->bytes())) : "none";
}

std::string story(const NodeRecord& node) {
  std::string out = fmt::format("{} attempts={}", to_string(node.state), node.attempts);
  if (node.state == NodeState::kSkipped) {
    out += fmt::format(" {} because={}", to_string(node.cause), node.because);
  }
  if (node.state == NodeState::kSucceeded) {
    out += " output=" + digest(node.payload);
  }
  if (node.error) {
    out += fmt::format(" error={}{}", node.error->reason, node.failure_counts ? "" : " tolerated");
  }
  return out;
}

/// One graph, computed node by node in the plan's order. Quadratic, and that is fine.
class Model {
 public:
  Model(const Case& graph, Payload input, std::span<const NamedPayload> inputs)
      : graph_(graph), plan_(graph.plan), input_(std::move(input)), inputs_(inputs), before_(plan_.size()) {
    record_ = empty_record(plan_);
  }

  Ending ending() {
    for (const NodeIndex node : plan_.order()) {
      for (const NodeIndex d : plan_.dependencies(node)) {
        before_[node].insert(d);
        before_[node].insert(before_[d].begin(), before_[d].end());
      }
      decide(node);
    }
    conclude();
    return ending_of(graph_, record_);
  }

 private:
  void decide(NodeIndex node) {
    NodeRecord& out = record_.nodes[node];
    if (const auto failed = first(before_[node], [this](NodeIndex a) { return failed_and_counts(a); })) {
      skip(out, SkipCause::kFailure, *failed);
      return;
    }
    const auto dependencies = plan_.dependencies(node);
    const auto unchosen = first({dependencies.begin(), dependencies.end()}, [&](NodeIndex d) {
      return record_.nodes[d].state == NodeState::kSucceeded &&
             std::ranges::count(graph_.nodes[d].not_taken, plan_.id(node)) > 0;
    });
    if (unchosen) {
      skip(out, SkipCause::kBranch, *unchosen);
      return;
    }
    if (!dependencies.empty() && std::ranges::all_of(dependencies, [this](NodeIndex d) {
          return record_.nodes[d].state == NodeState::kSkipped;
        })) {
      skip(out, SkipCause::kDependency, dependencies.front());
      return;
    }
    const Node& rules = graph_.nodes[node];
    if (rules.condition == Condition::kFails) {
      skip(out, SkipCause::kCondition, node);
      return;
    }
    out.failure_counts = rules.rules.failure_counts;
    if (rules.condition == Condition::kError) {
      out.attempts = 1;
      out.state = NodeState::kFailed;
      out.error = Error{Category::kInvalidArgument, "test.condition", "when: it cannot be told"};
      return;
    }
    attempt(node, rules, out);
  }

  void attempt(NodeIndex node, const Node& rules, NodeRecord& out) {
    const NodeInput input = input_of(node);
    for (std::uint32_t number = 1;; ++number) {
      out.attempts = number;
      NodeOutcome outcome = outcome_of_attempt(rules, number, input);
      if (!outcome.error) {
        out.state = NodeState::kSucceeded;
        out.payload = std::move(outcome.payload);
        return;
      }
      const Category category = outcome.error->category;
      const bool hopeless = category == Category::kPermissionDenied || category == Category::kCancelled ||
                            outcome.details.has_value();  // a violation, here
      const bool wanted = rules.rules.retry.on.empty() || category == Category::kUnavailable;
      if (number >= rules.rules.retry.attempts || hopeless || !wanted) {
        out.state = NodeState::kFailed;
        out.error = *std::move(outcome.error);
        return;
      }
    }
  }

  NodeOutcome outcome_of_attempt(const Node& rules, std::uint32_t number, const NodeInput& input) {
    if (rules.nested != nullptr) {
      const Ending nested = expected_ending(*rules.nested, input.payload, input.inputs);
      return nested.run.starts_with("succeeded") ? NodeOutcome{.payload = Payload("nested " + nested.run)}
                                                 : failure(Category::kUnavailable, "test.nested");
    }
    const Attempt& does = rules.attempt(number);
    if (rules.rules.timeout.count() > 0 && does.duration > rules.rules.timeout && rules.obeys) {
      return failure(Category::kDeadlineExceeded, "workflow.timeout");
    }
    if (does.act == Act::kThrow) {
      return failure(Category::kInternal, "workflow.exception");
    }
    if (does.act == Act::kTooLarge) {
      return failure(Category::kResourceExhausted, "workflow.payload_too_large");
    }
    if (does.act == Act::kSilent && rules.plan.intent == Intent::kTransform) {
      return failure(Category::kInternal, "workflow.invalid_response");
    }
    return outcome_of(rules, number, input);
  }

  NodeInput input_of(NodeIndex node) {
    NodeInput out{.payload = input_};
    std::optional<NodeIndex> source;
    for (const NodeIndex a : before_[node]) {
      if (holds(a) && (!source || plan_.outranks(a, *source))) {
        source = a;
      }
    }
    if (source) {
      out.payload = record_.nodes[*source].payload.value_or(Payload());
    }
    out.inputs.assign(inputs_.begin(), inputs_.end());
    for (const NodeIndex d : plan_.dependencies(node)) {
      const NodeRecord& given = record_.nodes[d];
      Payload payload = given.payload.value_or(Payload());
      if (given.state == NodeState::kSkipped) {
        payload = Payload("null", Payload::kJson);
      } else if (given.state == NodeState::kFailed) {
        payload = Payload(fmt::format(R"({{"error":"{}"}})", given.error->reason), Payload::kJson);
      }
      out.inputs.push_back({plan_.id(d), std::move(payload)});
    }
    return out;
  }

  void conclude() {
    std::vector<NodeIndex> failed;
    std::size_t succeeded = 0;
    std::optional<NodeIndex> best;
    for (const NodeIndex node : plan_.order()) {
      succeeded += record_.nodes[node].state == NodeState::kSucceeded ? 1U : 0U;
      if (failed_and_counts(node)) {
        failed.push_back(node);
      }
      if (holds(node) && (!best || plan_.outranks(node, *best))) {
        best = node;
      }
    }
    if (!failed.empty() && !(graph_.failure_strategy == FailureStrategy::kBestEffort && succeeded > 0)) {
      record_.status = RunStatus::kFailed;
      record_.error =
          Error{Category::kInternal, failed.size() == 1 ? "workflow.node_failed" : "workflow.multiple_failed", ""};
    } else {
      record_.status = RunStatus::kSucceeded;
      record_.result = best ? record_.nodes[*best].payload : input_;
    }
  }

  static void skip(NodeRecord& out, SkipCause cause, NodeIndex because) {
    out.state = NodeState::kSkipped;
    out.cause = cause;
    out.because = because;
  }

  template <typename Holds>
  std::optional<NodeIndex> first(const std::set<NodeIndex>& nodes, Holds&& holds) const {
    for (const NodeIndex node : plan_.order()) {
      if (nodes.contains(node) && holds(node)) {
        return node;
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] bool failed_and_counts(NodeIndex node) const {
    return record_.nodes[node].state == NodeState::kFailed && record_.nodes[node].failure_counts;
  }
  [[nodiscard]] bool holds(NodeIndex node) const {
    return record_.nodes[node].state == NodeState::kSucceeded && plan_.intent(node) == Intent::kTransform;
  }

  const Case& graph_;
  const Plan& plan_;
  Payload input_;
  std::span<const NamedPayload> inputs_;
  std::vector<std::set<NodeIndex>> before_;
  RunRecord record_;
};

/// The model writes only the reason of a tolerated failure down; its message is that of somebody else.
std::string comparable(const Payload& given) {
  const std::string_view text = given.bytes();
  if (text.starts_with(R"({"error":)")) {
    const std::size_t at = text.find(R"("reason":")");
    const std::string_view reason = at == std::string_view::npos ? text.substr(10) : text.substr(at + 10);
    return fmt::format("error {}", reason.substr(0, reason.find('"')));
  }
  return fmt::format("{} {:x}", given.media_type(), std::hash<std::string_view>()(text));
}

}  // namespace

NodeOutcome outcome_of(const Node& node, std::size_t attempt, const NodeInput& input) {
  switch (node.attempt(attempt).act) {
    case Act::kFail:
      return failure(Category::kUnavailable, "test.unavailable");
    case Act::kFault:
      return failure(Category::kGuestFault, "test.fault");
    case Act::kDeny:
      return failure(Category::kPermissionDenied, "test.denied");
    case Act::kGiveUp:
      return failure(Category::kCancelled, "test.gave_up");
    case Act::kViolate: {
      NodeOutcome out = failure(Category::kGuestFault, "test.fault");
      out.details = SandboxDetails{.violations = {{}}};
      return out;
    }
    case Act::kThrow:
      throw std::runtime_error("it does that");
    case Act::kSilent:
      return {.not_taken = node.not_taken};
    case Act::kTooLarge:
      return {.payload = Payload(std::string(kMostBytes + 1, 'x'))};
    case Act::kSucceed:
      break;
  }
  std::string text = comparable(input.payload);
  if (node.wants_inputs) {
    for (const NamedPayload& given : input.inputs) {
      text += fmt::format(",{}={}", given.name, comparable(given.payload));
    }
  }
  return {.payload = Payload(fmt::format("{}#{}({:x})", node.plan.id, attempt, std::hash<std::string>()(text))),
          .not_taken = node.not_taken};
}

NodeOutcome outcome_of(const RunRecord& nested) {
  if (nested.status == RunStatus::kSucceeded) {
    return {.payload = Payload(fmt::format("nested succeeded result={} error=none", digest(nested.result)))};
  }
  return nested.status == RunStatus::kCancelled ? failure(Category::kCancelled, "test.stopped")
                                                : failure(Category::kUnavailable, "test.nested");
}

Ending ending_of(const Case& graph, const RunRecord& record) {
  Ending out;
  for (NodeIndex i = 0; i < graph.plan.size(); ++i) {
    const NodeRecord& node = record.nodes[i];
    out.nodes.push_back({node.state, fmt::format("{} {}", graph.plan.id(i), story(node))});
  }
  out.run = fmt::format("{} result={} error={}", to_string(record.status), digest(record.result),
                        record.error ? record.error->reason : "none");
  return out;
}

Ending expected_ending(const Case& graph, const Payload& input, std::span<const NamedPayload> inputs) {
  return Model(graph, input, inputs).ending();
}

}  // namespace caisson::simulation
