#include "workflow/testing/sample_run.h"

#include <chrono>
#include <memory>
#include <utility>

namespace caisson::workflow {

SampleRun sample_run(const std::vector<SampleNode>& nodes, RunStarted run) {
  using std::chrono::microseconds;
  Definition definition;
  definition.file = "flow.yaml";
  definition.strategy = run.strategy;
  definition.failure_strategy = run.failure_strategy;
  definition.max_concurrency = run.max_concurrency;
  for (const SampleNode& node : nodes) {
    NodeDefinition& out = definition.nodes.emplace_back();
    out.id = node.id;
    out.spec = node.type == &kWasmType ? std::shared_ptr<const NodeSpec>(std::make_shared<WasmSpec>())
                                       : std::make_shared<LocalSpec>();
    out.intent = node.intent;
    for (const std::string& id : node.depends_on) {
      out.depends_on.push_back({id});
    }
  }
  Plan plan = make_plan(definition).value();
  const auto index = [&](const std::string& id) {
    NodeIndex found = 0;
    while (plan.id(found) != id) {
      ++found;
    }
    return found;
  };
  std::vector<RunEvent> events{std::move(run)};
  for (NodeIndex i = 0; i < nodes.size(); ++i) {
    const SampleNode& node = nodes[i];
    const RunTime started = std::chrono::milliseconds(i);
    const RunTime ended = started + microseconds(500);
    switch (node.state) {
      case NodeState::kSucceeded:
        events.emplace_back(NodeStarted{i, started});
        events.emplace_back(NodeSucceeded{i, ended, node.payload, node.metadata, {}});
        break;
      case NodeState::kFailed:
        events.emplace_back(NodeStarted{i, started});
        events.emplace_back(NodeFailed{i, ended, node.error.value_or(Error{}), true, node.metadata, {}});
        break;
      case NodeState::kSkipped:
        events.emplace_back(NodeSkipped{i, ended, index(node.because), SkipCause::kFailure});
        break;
      case NodeState::kRunning:  // stopped while it ran
        events.emplace_back(NodeStarted{i, started});
        events.emplace_back(NodeCancelled{i, ended, {}});
        break;
      case NodeState::kPending:
      case NodeState::kCancelled:
        events.emplace_back(NodeCancelled{i, ended, {}});
        break;
    }
  }
  events.emplace_back(RunFinished{microseconds(4'200)});
  RunRecord record = fold(plan, events);
  return {std::move(definition), std::move(plan), std::move(record)};
}

SampleRun sample_demo() {
  using document::Value;
  return sample_run(
      {
          {.id = "prepare_input", .payload = Payload("hello world")},
          {.id = "wasm_hello_world",
           .type = &kWasmType,
           .depends_on = {"prepare_input"},
           .payload = Payload("hello world-wasm"),
           .metadata = Value::map({{"processor_id", "wasm_hello_world"}, {"module_path", "hello.wasm"}})},
          {.id = "final_format",
           .depends_on = {"wasm_hello_world"},
           .payload = Payload("🦀 Rust + WASM: hello world-wasm ✨")},
      },
      RunStarted{
          .max_concurrency = 2,
          .input = Payload("hello world"),
          .context = Value::map({{"config_file", "flow.yaml"}, {"hostname", "box"}, {"input_text", "hello world"}})});
}

}  // namespace caisson::workflow
