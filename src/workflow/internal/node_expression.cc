#include "workflow/internal/node_expression.h"

#include "language/program.h"

#include <algorithm>
#include <utility>

namespace caisson::workflow {

Result<NodeExpressions> NodeExpressions::open(const NodeDefinition& node, NodeSetup& setup) {
  return open(node, *setup.policy_of(node), setup);
}

Result<NodeExpressions> NodeExpressions::open(const NodeDefinition& node, const sandbox::Policy& policy,
                                              NodeSetup& setup) {
  CAISSON_TRY(sandbox::Guest guest, setup.bind(expression_program()));
  return NodeExpressions(node.id, make_expression_evaluator(std::move(guest), policy, setup.executor()));
}

Evaluation NodeExpressions::evaluate(const Expression& expression, const NodeInput& input, ExpressionUse use,
                                     const std::stop_token& stop, std::vector<ExpressionInput> more) const {
  const auto add = [&](std::string_view name, const Payload& payload) {
    if (expression.uses(name) && std::ranges::find(more, name, &ExpressionInput::name) == more.end()) {
      more.push_back({name, language::json_of(payload)});
    }
  };
  for (const NamedPayload& given : input.inputs) {
    add(given.name, given.payload);
  }
  add("input", input.payload);
  return evaluator_->evaluate(expression, more, use, stop,
                              {.run = input.run, .node = id_, .storage = input.storage, .memory = input.memory});
}

}  // namespace caisson::workflow
