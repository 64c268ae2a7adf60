#pragma once

#include "workflow/expression_evaluator.h"
#include "workflow/node_runner.h"
#include "workflow/node_setup.h"

#include <caisson/result.h>

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace caisson::workflow {

/// The expressions of one node: where they are evaluated, and what their names mean. Immutable.
class NodeExpressions {
 public:
  /// With the policy of the node. Errors: those of NodeSetup::bind.
  [[nodiscard]] static Result<NodeExpressions> open(const NodeDefinition& node, NodeSetup& setup);
  [[nodiscard]] static Result<NodeExpressions> open(const NodeDefinition& node, const sandbox::Policy& policy,
                                                    NodeSetup& setup);

  /// `more`: what the node itself gives names to; nearer than what it depends on.
  [[nodiscard]] Evaluation evaluate(const Expression& expression, const NodeInput& input, ExpressionUse use,
                                    const std::stop_token& stop, std::vector<ExpressionInput> more = {}) const;

 private:
  NodeExpressions(std::string id, std::unique_ptr<ExpressionEvaluator> evaluator)
      : id_(std::move(id)), evaluator_(std::move(evaluator)) {}

  std::string id_;
  std::unique_ptr<ExpressionEvaluator> evaluator_;
};

}  // namespace caisson::workflow
