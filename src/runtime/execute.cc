// Code that a program brings along, without a definition around it.

#include "document/parse.h"
#include "language/images.h"
#include "runtime/code_calls.h"
#include "runtime/runtime_state.h"
#include "sandbox/policy_print.h"
#include "workflow/nodes/code.h"
#include "workflow/schema_node.h"

#include <caisson/runtime.h>

namespace caisson {

struct Code::State {
  language::Program program;
  sandbox::Guest guest;
  sandbox::Policy policy;
  base::Digest policy_digest;
  std::optional<document::Schema> output_schema;
};

Code::Code(std::unique_ptr<const State> state) : state_(std::move(state)) {}
Code::~Code() = default;

namespace {

constexpr std::string_view kNode = "code";

Execution refused(Error error) {
  sandbox::Outcome outcome;
  outcome.status = sandbox::OutcomeStatus::kInvalid;
  outcome.error = std::move(error);
  return runtime::execution_of(std::move(outcome), {});
}

Result<document::Value> context_of(const Payload& context) {
  CAISSON_TRY(document::Value value, document::parse_json(context.bytes(), "context"));
  if (value.as_map() == nullptr) {
    return Error{Category::kInvalidArgument, "code.bad_context", "the context of code is not a JSON object"};
  }
  return value;
}

}  // namespace

Result<std::shared_ptr<const Code>> Runtime::load_code(const CodeOptions& options) {
  CAISSON_TRY(const language::Language language, runtime::known_language(options.language));
  CAISSON_TRY(sandbox::Policy policy,
              runtime::resolve_code_policy(state_->configurations, state_->machinery.environment(), options.limits,
                                           options.grants, workflow::code_defaults(options.deterministic)));
  language::Program program{.language = language,
                            .code = options.code,
                            .name = options.name,
                            .entry = options.entry,
                            .imports = options.imports};
  std::optional<document::Schema> schema;
  if (options.output_schema) {
    CAISSON_TRY(schema, document::Schema::parse(*options.output_schema, "output_schema"));
  }
  CAISSON_TRY(sandbox::Guest guest, state_->machinery.images().bind(program));
  const base::Digest digest = sandbox::digest_of(policy);
  return std::shared_ptr<const Code>(new Code(std::make_unique<const Code::State>(
      Code::State{std::move(program), std::move(guest), std::move(policy), digest, std::move(schema)})));
}

Execution Runtime::execute(const Code& code, const CodeInput& input) {
  const Code::State& state = *code.state_;
  language::Arguments arguments{.payload = input.payload};
  arguments.inputs.reserve(input.inputs.size());
  for (const auto& [name, value] : input.inputs) {
    arguments.inputs.push_back({name, value});
  }
  if (input.context) {
    Result<document::Value> context = context_of(*input.context);
    if (!context) {
      return refused(std::move(context).error());
    }
    arguments.context = *std::move(context);
  }
  sandbox::Outcome outcome =
      state_->machinery.executor().call(state.guest, Payload(request_for(state.program, arguments), Payload::kJson),
                                        state.policy, input.stop, {.node = kNode, .policy = &state.policy_digest});
  if (state.output_schema && !outcome.error) {
    outcome.error =
        workflow::misfit(*state.output_schema, language::json_of(outcome.output), workflow::SchemaUse::kOutput);
    outcome.status = outcome.error ? sandbox::OutcomeStatus::kGuestError : outcome.status;
  }
  return runtime::execution_of(std::move(outcome), state.program);
}

Execution Runtime::execute(const CodeOptions& options, const CodeInput& input) {
  auto code = load_code(options);
  return code ? execute(**code, input) : refused(std::move(code).error());
}

}  // namespace caisson
