#include "workflow/wasm_node.h"

#include "sandbox/policy_print.h"
#include "workflow/internal/sandboxed.h"

#include <utility>

namespace caisson::workflow {

namespace {

class WasmRunner final : public NodeRunner {
 public:
  WasmRunner(sandbox::Guest guest, const sandbox::Policy& policy, const NodeDefinition& node,
             const sandbox::Executor& executor)
      : guest_(std::move(guest)),
        policy_(policy),
        policy_digest_(sandbox::digest_of(policy)),
        id_(node.id),
        module_path_(node.module),
        executor_(executor) {}

  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    sandbox::Outcome outcome =
        executor_.call(guest_, input.payload, policy_, stop,
                       {.run = input.run, .node = id_, .policy = &policy_digest_, .storage = input.storage});
    document::Value about = metadata(outcome.usage);
    NodeOutcome out = outcome_of(std::move(outcome));
    out.metadata = std::move(about);
    return out;
  }

 private:
  [[nodiscard]] document::Value metadata(const sandbox::Usage& usage) const {
    document::Value out = document::Value::map();
    out.set("processor_id", id_);
    out.set("module_path", module_path_);
    out.set("artifact_type", sandbox::to_string(guest_.abi));
    out.set("capabilities", capabilities_of(policy_.grants));
    out.set("input_length", static_cast<std::int64_t>(usage.input_bytes));
    out.set("output_length", static_cast<std::int64_t>(usage.output_bytes));
    return out;
  }

  sandbox::Guest guest_;
  sandbox::Policy policy_;
  base::Digest policy_digest_;
  std::string id_;
  std::string module_path_;
  const sandbox::Executor& executor_;
};

class FailingRunner final : public NodeRunner {
 public:
  explicit FailingRunner(Error error) : error_(std::move(error)) {}

  NodeOutcome run(const NodeInput& /*input*/, const std::stop_token& /*stop*/) const override {
    NodeOutcome out;
    out.error = error_;
    return out;
  }

 private:
  Error error_;
};

}  // namespace

std::unique_ptr<NodeRunner> make_wasm_runner(sandbox::Guest guest, const sandbox::Policy& policy,
                                             const NodeDefinition& node, const sandbox::Executor& executor) {
  return std::make_unique<WasmRunner>(std::move(guest), policy, node, executor);
}

std::unique_ptr<NodeRunner> make_failing_runner(Error error) {
  return std::make_unique<FailingRunner>(std::move(error));
}

}  // namespace caisson::workflow
