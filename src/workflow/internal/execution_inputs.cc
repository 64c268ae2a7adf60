// What a node of an execution is given.

#include "workflow/internal/execution.h"

#include "document/print.h"

#include <utility>

namespace caisson::workflow {

NodeInput Execution::input_for(NodeIndex node, const NodeRules* rules) {
  const auto source = source_of(node);
  NodeInput input{.payload = source ? record_.nodes[*source].payload.value_or(Payload()) : options_.input,
                  .run = context_.options.id,
                  .storage = &context_.storage,
                  .memory = &context_.memory};
  const NodeRunner* runner = node < runners_.size() ? runners_[node] : nullptr;
  if ((runner != nullptr && runner->wants_inputs()) || (rules != nullptr && rules->when)) {
    input.inputs = inputs_for(node);
  }
  if (runner != nullptr && runner->wants_metadata()) {
    input.metadata = metadata_for(node);
  }
  return input;
}

/// Of a node all of whose dependencies have ended.
std::optional<NodeIndex> Execution::source_of(NodeIndex node) noexcept {
  if (!may_skip_) {
    return plan_.source(node);
  }
  NodeIndex best = kNobody;
  for (const NodeIndex d : plan_.dependencies(node)) {
    const NodeRecord& record = record_.nodes[d];
    const bool holds = plan_.intent(d) == Intent::kTransform && record.state == NodeState::kSucceeded;
    const NodeIndex offered = holds ? d : sources_[d];
    if (offered != kNobody && (best == kNobody || plan_.outranks(offered, best))) {
      best = offered;
    }
  }
  sources_[node] = best;
  return best == kNobody ? std::nullopt : std::optional(best);
}

std::vector<NamedPayload> Execution::inputs_for(NodeIndex node) const {
  std::vector<NamedPayload> out = options_.inputs;
  out.reserve(out.size() + plan_.dependencies(node).size());
  for (const NodeIndex d : plan_.dependencies(node)) {
    const NodeRecord& record = record_.nodes[d];
    if (record.state == NodeState::kSkipped) {
      out.push_back({plan_.id(d), Payload("null", Payload::kJson)});
    } else if (record.state == NodeState::kFailed && record.error) {
      const auto error = document::Value::map(
          {{"error", document::Value::map({{"reason", record.error->reason}, {"message", record.error->message}})}});
      out.push_back({plan_.id(d), Payload(document::to_json(error), Payload::kJson)});
    } else {
      out.push_back({plan_.id(d), record.payload.value_or(Payload())});
    }
  }
  return out;
}

/// Null when no dependency has any.
document::Value Execution::metadata_for(NodeIndex node) const {
  document::Value out;
  for (const NodeIndex d : plan_.dependencies(node)) {
    if (const document::Value& metadata = record_.nodes[d].metadata; !metadata.is_null()) {
      out = out.is_null() ? document::Value::map() : std::move(out);
      out.set(std::string(plan_.id(d)), metadata);
    }
  }
  return out;
}

}  // namespace caisson::workflow
