#pragma once

#include "workflow/expression.h"
#include "workflow/node_setup.h"
#include "workflow/node_type.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace caisson::workflow {

/// `type: recursive`: runs a workflow again and again, each time on what it gave before, until a condition holds. Its
/// output is `{"result", "iterations", "converged"}`.
extern const NodeType kRecursiveType;

struct RecursiveSpec final : NodeSpec {
  static constexpr std::size_t kStandardIterations = 50;
  static constexpr std::size_t kMostIterations = 1'000;

  WorkflowReference reference{};
  std::vector<Dependency> sources{};      ///< what it begins with; it waits for them
  std::optional<Expression> converged{};  ///< never nothing in a definition that was read
  std::size_t max_iterations = kStandardIterations;
  std::optional<std::string> context_key{};  ///< the name of all results so far in `inputs`; nothing: not kept

  [[nodiscard]] const NodeType& type() const noexcept override { return kRecursiveType; }
  [[nodiscard]] bool equals(const NodeSpec& other) const override;
  [[nodiscard]] std::string label() const override { return "recursive"; }
  [[nodiscard]] const sandbox::PolicyRequest& defaults(const Definition& definition) const override;
  [[nodiscard]] Status check(const NodeDefinition& node, NodeSetup& setup) const override;
  [[nodiscard]] Result<std::unique_ptr<NodeRunner>> open(const NodeDefinition& node, NodeSetup& setup) const override;
};

}  // namespace caisson::workflow
