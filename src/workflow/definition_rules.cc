#include "workflow/definition_rules.h"

#include "workflow/internal/node_expression.h"
#include "workflow/node_setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace caisson::workflow {

namespace {

/// `when`: an expression, evaluated in a sandbox.
class ExpressionGuard final : public Guard {
 public:
  ExpressionGuard(Expression expression, NodeExpressions expressions)
      : expression_(std::move(expression)), expressions_(std::move(expressions)) {}

  Result<bool> holds(const NodeInput& input, const std::stop_token& stop) const override {
    Evaluation found = expressions_.evaluate(expression_, input, ExpressionUse::kTruth, stop);
    return found.error ? Result<bool>(*std::move(found.error)) : Result<bool>(found.truth);
  }

 private:
  Expression expression_;
  NodeExpressions expressions_;
};

/// What stands for a condition that could not be set up.
class FailingGuard final : public Guard {
 public:
  explicit FailingGuard(Error error) : error_(std::move(error)) {}

  Result<bool> holds(const NodeInput& /*input*/, const std::stop_token& /*stop*/) const override { return error_; }

 private:
  Error error_;
};

std::shared_ptr<const Guard> make_guard(const Expression& expression, const NodeDefinition& node, NodeSetup& setup) {
  const auto open = [&]() -> Result<std::shared_ptr<const Guard>> {
    CAISSON_TRY(const sandbox::Policy policy, setup.expression_policy());
    CAISSON_TRY(NodeExpressions expressions, NodeExpressions::open(node, policy, setup));
    return std::shared_ptr<const Guard>(std::make_shared<ExpressionGuard>(expression, std::move(expressions)));
  };
  auto made = open();
  return made ? *std::move(made) : std::make_shared<const FailingGuard>(std::move(made).error());
}

}  // namespace

std::vector<std::uint32_t> DefinitionGroups::of(const Definition& definition, const NodeDefinition& node) {
  std::vector<std::uint32_t> out;
  if (const auto limit = definition.type_limits.find(&node.type()); limit != definition.type_limits.end()) {
    out.push_back(group({limit->first, ""}, limit->second));
  }
  if (const std::string& key = node.rules.concurrency_key; !key.empty()) {
    const auto limit = definition.key_limits.find(key);
    out.push_back(group({nullptr, key}, limit == definition.key_limits.end() ? 1 : limit->second));
  }
  std::ranges::sort(out);
  return out;
}

std::uint32_t DefinitionGroups::group(Name name, std::size_t limit) {
  const auto [found, is_new] = numbers_.emplace(std::move(name), static_cast<std::uint32_t>(groups_.size()));
  if (is_new) {
    const auto& [type, key] = found->first;
    groups_.push_back({limit, type != nullptr ? fmt::format("type {}", type->name) : fmt::format("key {}", key)});
  }
  return found->second;
}

std::vector<NodeRules> make_rules(std::span<const NodeDefinition> nodes, const Definition& definition,
                                  DefinitionGroups& groups, NodeSetup& setup) {
  std::vector<NodeRules> out;
  out.reserve(nodes.size());
  for (const NodeDefinition& node : nodes) {
    NodeRules& rules = out.emplace_back();
    const WrittenRules& written = node.rules;
    if (written.when) {
      rules.when = make_guard(*written.when, node, setup);
    }
    rules.retry.attempts = 1 + definition.retries;
    rules.retry = written.retry.value_or(rules.retry);
    rules.timeout = written.timeout;
    rules.failure_counts = !written.continue_on_error;
    rules.priority = written.priority;
    rules.groups = groups.of(definition, node);
  }
  const bool all_plain = std::ranges::all_of(out, [](const NodeRules& rules) { return rules == NodeRules(); });
  return all_plain ? std::vector<NodeRules>() : out;
}

}  // namespace caisson::workflow
