#include "workflow/wasm_node.h"

#include "sandbox/policy_print.h"

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
    NodeOutcome out;
    out.metadata = metadata(outcome.usage);
    out.usage = std::move(outcome.usage);
    if (outcome.captured != sandbox::Captured() || outcome.exit_code || !outcome.violations.empty()) {
      out.details = SandboxDetails{std::move(outcome.captured), outcome.exit_code, std::move(outcome.violations)};
    }
    if (outcome.status == sandbox::OutcomeStatus::kOk) {
      out.payload = std::move(outcome.output);
    } else {
      out.error =
          advise(std::move(outcome.error).value_or(Error{Category::kInternal, "sandbox.host_error", "no cause"}));
    }
    return out;
  }

 private:
  [[nodiscard]] document::Value metadata(const sandbox::Usage& usage) const {
    document::Value out = document::Value::map();
    out.set("processor_id", id_);
    out.set("module_path", module_path_);
    out.set("artifact_type", sandbox::to_string(guest_.abi));
    out.set("capabilities", capabilities());
    out.set("input_length", static_cast<std::int64_t>(usage.input_bytes));
    out.set("output_length", static_cast<std::int64_t>(usage.output_bytes));
    return out;
  }

  /// The names of what is granted.
  [[nodiscard]] document::Value capabilities() const {
    const sandbox::Grants& grants = policy_.grants;
    document::Value out = document::Value::list();
    const auto add_if = [&](bool granted, std::string_view name) {
      if (granted) {
        out.push(name);
      }
    };
    add_if(grants.wants_wasi(), "wasi");
    add_if(grants.stdin_is_input, "stdin");
    add_if(!grants.args.empty(), "args");
    add_if(!grants.env.empty(), "env");
    add_if(grants.clock != sandbox::ClockMode::kDenied, "clock");
    add_if(grants.random != sandbox::RandomMode::kDenied, "random");
    add_if(!grants.directories.empty(), "files");
    for (const std::string& group : grants.imports) {
      out.push(group);
    }
    return out;
  }

  /// Adds the line of the definition that changes the limit, for the limits a definition can set.
  [[nodiscard]] static Error advise(Error error) {
    if (error.reason == "sandbox.out_of_fuel") {
      error.message +=
          "; `limits: {fuel: N}` of the node gives it more (`fuel_level: N` where a node has that), or `--limit "
          "fuel=N`, which "
          "counts instead";
    }
    return error;
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
