#include "workflow/testing/fake_runners.h"

namespace caisson::workflow {

NodeOutcome EchoRunner::run(const NodeInput& input, const std::stop_token& /*stop*/) const {
  return {.payload = input.payload};
}

NodeOutcome FailingRunner::run(const NodeInput& /*input*/, const std::stop_token& /*stop*/) const {
  return {.error = Error{Category::kInternal, "test.failure", "Simulated processor failure"}};
}

NodeOutcome SilentRunner::run(const NodeInput& /*input*/, const std::stop_token& /*stop*/) const { return {}; }

NodeOutcome FunctionRunner::run(const NodeInput& input, const std::stop_token& stop) const {
  return function_(input, stop);
}

Result<Plan> try_plan(const std::vector<TestNode>& nodes) {
  std::vector<std::vector<Dependency>> dependencies(nodes.size());
  std::vector<PlanNode> out;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const int line = static_cast<int>(i) + 1;
    int column = 1;
    for (const std::string& id : nodes[i].depends_on) {
      dependencies[i].push_back({id, {line, ++column}});
    }
    out.push_back({nodes[i].id, dependencies[i], nodes[i].intent, {line, 1}});
  }
  return make_plan(out, "test.yaml");
}

Plan plan_of(const std::vector<TestNode>& nodes) { return try_plan(nodes).value(); }

}  // namespace caisson::workflow
