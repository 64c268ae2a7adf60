#pragma once

#include "workflow/expression.h"
#include "workflow/node_type.h"

#include <optional>
#include <string>
#include <vector>

namespace caisson::workflow {

/// `type: condition`: evaluates an expression, and chooses the nodes of `true_path` or those of `false_path`; the
/// others are skipped. All of them wait for it. The payload passes through; its own output is
/// `{"result", "branch", "expression", "branch_outputs"}`.
extern const NodeType kConditionType;

struct ConditionSpec final : NodeSpec {
  std::optional<Expression> expression{};  ///< never nothing in a definition that was read
  std::vector<Dependency> true_path{};
  std::vector<Dependency> false_path{};
  std::vector<Dependency> both{};  ///< each id once

  [[nodiscard]] const NodeType& type() const noexcept override { return kConditionType; }
  [[nodiscard]] bool equals(const NodeSpec& other) const override;
  [[nodiscard]] Intent intent() const noexcept override { return Intent::kAnalyze; }
  [[nodiscard]] std::string label() const override { return "condition"; }
  [[nodiscard]] const sandbox::PolicyRequest& defaults(const Definition& definition) const override;
  [[nodiscard]] std::span<const Dependency> followers() const noexcept override { return both; }
  [[nodiscard]] std::string_view way_to(std::string_view follower) const override;
  [[nodiscard]] Result<std::unique_ptr<NodeRunner>> open(const NodeDefinition& node, NodeSetup& setup) const override;
};

}  // namespace caisson::workflow
