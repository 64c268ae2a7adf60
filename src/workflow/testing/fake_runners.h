#pragma once

#include "workflow/node_runner.h"
#include "workflow/plan.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace caisson::workflow {

/// Gives back its input.
class EchoRunner final : public NodeRunner {
 public:
  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override;
};

/// Fails whenever it runs: internal / test.failure, "Simulated processor failure".
class FailingRunner final : public NodeRunner {
 public:
  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override;
};

/// Succeeds without an output.
class SilentRunner final : public NodeRunner {
 public:
  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override;
};

/// Does what a test wants.
class FunctionRunner final : public NodeRunner {
 public:
  using Function = std::function<NodeOutcome(const NodeInput&, const std::stop_token&)>;

  explicit FunctionRunner(Function function) : function_(std::move(function)) {}
  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override;

 private:
  Function function_;
};

/// A node of a plan that a test writes down.
struct TestNode {
  std::string id;
  std::vector<std::string> depends_on{};
  Intent intent = Intent::kTransform;
};

/// The plan of these nodes. The text positions are the node's number, and behind it the dependency's, from 1.
[[nodiscard]] Result<Plan> try_plan(const std::vector<TestNode>& nodes);
/// The same, for nodes that make a plan.
[[nodiscard]] Plan plan_of(const std::vector<TestNode>& nodes);

}  // namespace caisson::workflow
