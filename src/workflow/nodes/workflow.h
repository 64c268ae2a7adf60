#pragma once

#include "workflow/node_setup.h"
#include "workflow/node_type.h"

#include <string>

namespace caisson::workflow {

/// `type: workflow`: another workflow as one node. Its input is the payload, its output the workflow's result.
extern const NodeType kWorkflowType;

struct WorkflowSpec final : NodeSpec {
  WorkflowReference reference{};

  [[nodiscard]] const NodeType& type() const noexcept override { return kWorkflowType; }
  [[nodiscard]] bool equals(const NodeSpec& other) const override;
  [[nodiscard]] std::string label() const override { return "workflow"; }
  [[nodiscard]] Status check(const NodeDefinition& node, NodeSetup& setup) const override;
  [[nodiscard]] Result<std::unique_ptr<NodeRunner>> open(const NodeDefinition& node, NodeSetup& setup) const override;
};

struct NodeReading;

/// `file`, or `workflow_ref` (also `name`): exactly one has to be there.
[[nodiscard]] WorkflowReference read_workflow_reference(NodeReading& reading);

}  // namespace caisson::workflow
