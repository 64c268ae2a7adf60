#include "workflow/code_node.h"

#include "language/import_advice.h"
#include "sandbox/policy_print.h"
#include "workflow/internal/sandboxed.h"

#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

class CodeRunner final : public NodeRunner {
 public:
  CodeRunner(sandbox::Guest guest, language::Program program, const sandbox::Policy& policy, const NodeDefinition& node,
             const sandbox::Executor& executor)
      : guest_(std::move(guest)),
        program_(std::move(program)),
        policy_(policy),
        policy_digest_(sandbox::digest_of(policy)),
        id_(node.id),
        executor_(executor) {}

  [[nodiscard]] bool wants_inputs() const noexcept override { return true; }

  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    language::Arguments arguments{.payload = input.payload,
                                  .run = Value::map({{"id", std::string(input.run)}, {"node", id_}})};
    arguments.inputs.reserve(input.inputs.size());
    for (const NamedPayload& given : input.inputs) {
      arguments.inputs.push_back({std::string(given.name), given.payload});
    }
    const Payload request(request_for(program_, arguments), Payload::kJson);
    NodeOutcome out = outcome_of(
        executor_.call(guest_, request, policy_, stop,
                       {.run = input.run, .node = id_, .policy = &policy_digest_, .storage = input.storage}));
    if (out.error) {
      out.error = with_import_advice(*std::move(out.error), program_, language::ImportList::kNode);
    }
    out.metadata = Value::map({{"processor_id", id_},
                               {"language", language::to_string(program_.language)},
                               {"artifact_type", sandbox::to_string(guest_.abi)},
                               {"capabilities", capabilities_of(policy_.grants)},
                               {"input_length", static_cast<std::int64_t>(input.payload.size())},
                               {"output_length", static_cast<std::int64_t>(out.payload.value_or(Payload()).size())}});
    return out;
  }

 private:
  sandbox::Guest guest_;
  language::Program program_;
  sandbox::Policy policy_;
  base::Digest policy_digest_;
  std::string id_;
  const sandbox::Executor& executor_;
};

}  // namespace

std::unique_ptr<NodeRunner> make_code_runner(sandbox::Guest guest, language::Program program,
                                             const sandbox::Policy& policy, const NodeDefinition& node,
                                             const sandbox::Executor& executor) {
  return std::make_unique<CodeRunner>(std::move(guest), std::move(program), policy, node, executor);
}

}  // namespace caisson::workflow
