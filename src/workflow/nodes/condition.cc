#include "workflow/nodes/condition.h"

#include "document/print.h"
#include "workflow/internal/control_fields.h"
#include "workflow/internal/node_expression.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

/// The ids that are only in `these`.
std::vector<std::string> without_others(const std::vector<Dependency>& these, const std::vector<Dependency>& others) {
  std::vector<std::string> out;
  for (const Dependency& id : these) {
    if (std::ranges::find(others, id) == others.end()) {
      out.push_back(id.id);
    }
  }
  return out;
}

class ConditionRunner final : public NodeRunner {
 public:
  ConditionRunner(const ConditionSpec& spec, const Expression& expression, NodeExpressions expressions)
      : expression_(expression),
        only_true_(without_others(spec.true_path, spec.false_path)),
        only_false_(without_others(spec.false_path, spec.true_path)),
        expressions_(std::move(expressions)) {}

  [[nodiscard]] bool wants_inputs() const noexcept override { return true; }
  [[nodiscard]] bool chooses() const noexcept override { return true; }

  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    Evaluation evaluation = expressions_.evaluate(expression_, input, ExpressionUse::kTruth, stop);
    NodeOutcome out;
    out.usage = std::move(evaluation.usage);
    out.error = std::move(evaluation.error);
    if (!out.error) {
      const std::string_view branch = evaluation.truth ? "true" : "false";
      out.not_taken = evaluation.truth ? only_false_ : only_true_;
      const Value result = Value::map({{"result", evaluation.truth},
                                       {"branch", branch},
                                       {"expression", expression_.text()},
                                       {"branch_outputs", Value::map()}});
      out.payload = Payload(document::to_json(result), Payload::kJson);
      out.metadata = Value::map({{"expression", expression_.text()}, {"branch", branch}});
    }
    return out;
  }

 private:
  Expression expression_;
  std::vector<std::string> only_true_;
  std::vector<std::string> only_false_;
  NodeExpressions expressions_;
};

constexpr std::array<std::string_view, 3> kFields{"expression", "true_path", "false_path"};

std::shared_ptr<const NodeSpec> read_condition(NodeReading& reading) {
  auto spec = std::make_shared<ConditionSpec>();
  spec->expression = read_expression(reading, "expression");
  if (reading.fields.find("expression") == nullptr) {
    reading.fields.missing("expression", "a condition needs what it decides by: `expression: check.score > 0.5`");
  }
  spec->true_path = read_ids(reading, "true_path");
  spec->false_path = read_ids(reading, "false_path");
  spec->both = spec->true_path;
  std::ranges::copy_if(spec->false_path, std::back_inserter(spec->both), [&](const Dependency& id) {
    return std::ranges::find(spec->true_path, id) == spec->true_path.end();
  });
  return spec;
}

}  // namespace

const NodeType kConditionType{.name = "condition",
                              .fields = kFields,
                              .options = {},
                              .runs = NodeType::Runs::kInSandbox,
                              .data = NodeType::Data::kValues,
                              .shape = {"{", "}", "diamond"},
                              .read = read_condition};

bool ConditionSpec::equals(const NodeSpec& other) const {
  const auto& that = static_cast<const ConditionSpec&>(other);
  return expression == that.expression && true_path == that.true_path && false_path == that.false_path;
}

std::string_view ConditionSpec::way_to(std::string_view follower) const {
  const auto is_on = [&](const std::vector<Dependency>& path) {
    return std::ranges::find(path, follower, &Dependency::id) != path.end();
  };
  const bool when_true = is_on(true_path);
  return when_true == is_on(false_path) ? "" : when_true ? "true" : "false";
}

const sandbox::PolicyRequest& ConditionSpec::defaults(const Definition& /*definition*/) const {
  return expression_defaults();
}

Result<std::unique_ptr<NodeRunner>> ConditionSpec::open(const NodeDefinition& node, NodeSetup& setup) const {
  if (!expression) {
    return Error{Category::kInternal, "workflow.no_runner", "the condition was read without its expression"};
  }
  CAISSON_TRY(NodeExpressions expressions, NodeExpressions::open(node, setup));
  return std::unique_ptr<NodeRunner>(std::make_unique<ConditionRunner>(*this, *expression, std::move(expressions)));
}

}  // namespace caisson::workflow
