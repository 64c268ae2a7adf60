// Code that a program brings along, without a definition around it.

#include "base/unicode.h"
#include "document/print.h"
#include "language/images.h"
#include "language/import_advice.h"
#include "runtime/policies.h"
#include "runtime/runtime_state.h"
#include "sandbox/policy_print.h"
#include "sandbox/policy_read.h"
#include "sandbox/policy_resolve.h"
#include "sandbox/result_views.h"
#include "workflow/nodes/code.h"
#include "workflow/schema_node.h"

#include <caisson/runtime.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

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

/// What the options ask for, in the words of flags.
Result<sandbox::PolicyRequest> request_of(const CodeOptions& options) {
  sandbox::PolicyRequest out;
  sandbox::PolicyRequest allowed;  // a program asks as a definition does: it allows itself nothing
  const sandbox::Origin origin{sandbox::Origin::Kind::kProgram, "the program"};
  for (const std::string& limit : options.limits) {
    CAISSON_CHECK(sandbox::read_limit_flag(limit, origin, out));
  }
  for (const std::string& grant : options.grants) {
    CAISSON_CHECK(sandbox::read_grant_flag(grant, origin, "/", out, allowed));
  }
  return out;
}

}  // namespace

Result<std::shared_ptr<const Code>> Runtime::load_code(const CodeOptions& options) {
  const auto language = language::parse_language(options.language);
  if (!language) {
    return Error{Category::kInvalidArgument, "workflow.bad_value",
                 fmt::format("Unsupported language: {}; it must be python, javascript or lua",
                             base::printable(base::shorten(options.language, 64)))};
  }
  base::Environment& environment = state_->machinery.environment();
  CAISSON_TRY(const sandbox::PolicyRequest asked, request_of(options));
  const std::array<const sandbox::PolicyRequest*, 2> requests = {&workflow::code_defaults(options.deterministic),
                                                                 &asked};
  const sandbox::ResolveContext context{&environment, std::nullopt, state_->configurations.user_file(),
                                        &state_->configurations.request()};
  CAISSON_TRY(sandbox::Policy policy,
              sandbox::resolve_policy(requests, state_->configurations.ceiling(environment), context));
  language::Program program{.language = *language,
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
  sandbox::Outcome outcome =
      state_->machinery.executor().call(state.guest, Payload(request_for(state.program, arguments), Payload::kJson),
                                        state.policy, input.stop, {.node = kNode, .policy = &state.policy_digest});
  if (state.output_schema && !outcome.error) {
    outcome.error =
        workflow::misfit(*state.output_schema, language::json_of(outcome.output), workflow::SchemaUse::kOutput);
    outcome.status = outcome.error ? sandbox::OutcomeStatus::kGuestError : outcome.status;
  }
  if (outcome.error) {
    outcome.error = with_import_advice(*std::move(outcome.error), state.program, language::ImportList::kCall);
  }
  Execution out;
  out.json = document::to_json(sandbox::node_result(outcome));
  out.error = std::move(outcome.error);
  out.output = std::move(outcome.output);
  out.lines.reserve(outcome.captured.log.size());
  std::ranges::transform(outcome.captured.log, std::back_inserter(out.lines),
                         [](sandbox::LogLine& line) { return CodeLine{line.level, std::move(line.text)}; });
  out.trace = std::move(outcome.captured.standard_error);
  out.wall = outcome.usage.wall;
  out.cpu = outcome.usage.cpu;
  out.memory_bytes = outcome.usage.memory_bytes;
  out.memory_over_baseline_bytes = outcome.usage.memory_over_baseline_bytes;
  return out;
}

}  // namespace caisson
