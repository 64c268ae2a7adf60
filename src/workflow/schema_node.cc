#include "workflow/schema_node.h"

#include "language/program.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace caisson::workflow {

namespace {

class CheckedRunner final : public NodeRunner {
 public:
  CheckedRunner(std::unique_ptr<NodeRunner> runner, const NodeDefinition& node)
      : runner_(std::move(runner)), data_(node.type().data), input_(node.input_schema), output_(node.output_schema) {}

  [[nodiscard]] bool wants_inputs() const noexcept override { return runner_->wants_inputs(); }
  [[nodiscard]] bool wants_metadata() const noexcept override { return runner_->wants_metadata(); }

  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    if (input_) {
      if (auto error = misfit(*input_, json_of_input(input), SchemaUse::kInput)) {
        NodeOutcome out;
        out.error = std::move(error);
        return out;
      }
    }
    NodeOutcome out = runner_->run(input, stop);
    if (output_ && !out.error) {
      out.error = misfit(*output_, json_of_payload(out.payload.value_or(Payload())), SchemaUse::kOutput);
    }
    if (out.error) {
      out.payload.reset();
    }
    return out;
  }

 private:
  [[nodiscard]] std::string json_of_payload(const Payload& payload) const {
    return data_ == NodeType::Data::kValues ? language::json_of(payload) : std::string(payload.bytes());
  }
  [[nodiscard]] std::string json_of_input(const NodeInput& input) const {
    if (data_ != NodeType::Data::kValues) {
      return json_of_payload(input.payload);
    }
    std::vector<language::NamedInput> inputs;
    inputs.reserve(input.inputs.size());
    for (const NamedPayload& given : input.inputs) {
      inputs.push_back({std::string(given.name), given.payload});
    }
    return language::json_of(inputs);
  }

  std::unique_ptr<NodeRunner> runner_;
  NodeType::Data data_;
  std::optional<document::Schema> input_;
  std::optional<document::Schema> output_;
};

}  // namespace

std::unique_ptr<NodeRunner> with_schemas(std::unique_ptr<NodeRunner> runner, const NodeDefinition& node) {
  return node.input_schema || node.output_schema ? std::make_unique<CheckedRunner>(std::move(runner), node)
                                                 : std::move(runner);
}

std::optional<Error> misfit(const document::Schema& schema, std::string_view json, SchemaUse use) {
  const std::vector<document::SchemaProblem> problems = schema.check_json(json);
  if (problems.empty()) {
    return std::nullopt;
  }
  Error error = use == SchemaUse::kInput
                    ? Error{Category::kInvalidArgument, "workflow.input_schema", "the input does not fit input_schema"}
                    : Error{Category::kGuestFault, "workflow.output_schema", "the output does not fit output_schema"};
  if (const int line = schema.value().mark().line; line > 0) {
    error.message += fmt::format(" (line {})", line);
  }
  error.message += ": " + to_string(problems.front());
  if (problems.size() > 1) {
    error.message += fmt::format(" (and {} more)", problems.size() - 1);
    for (const document::SchemaProblem& problem : problems) {
      error.diagnostics.push_back({Severity::kError, error.reason, to_string(problem), {}});
    }
  }
  return error;
}

}  // namespace caisson::workflow
