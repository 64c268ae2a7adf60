#include "runtime/definitions.h"

#include "base/suggest.h"
#include "base/thread_pool.h"
#include "base/unicode.h"
#include "engine/instance.h"
#include "language/images.h"
#include "language/program.h"
#include "sandbox/executor.h"
#include "sandbox/policy_print.h"
#include "sandbox/policy_resolve.h"
#include "workflow/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace caisson::runtime {

namespace {

/// Evaluates a definition. It has an executor of its own: there is no network behind this one, and no secret.
Result<sandbox::Outcome> run_program(const language::Program& program, const language::Arguments& arguments,
                                     const sandbox::Policy& policy, const Configurations& configurations,
                                     Machinery& machinery) {
  if (const auto disabled = configurations.wasm_disabled()) {
    return Error{Category::kPermissionDenied, "policy.refused",
                 fmt::format("a definition in Lua is evaluated in a sandbox, and these are disabled by {}",
                             to_string(*disabled))};
  }
  CAISSON_TRY(const sandbox::Guest guest, machinery.images().bind(program));
  base::ThreadPool pool(
      {.threads = 1, .stack_bytes = engine::thread_stack_for(engine::stack_bytes(engine::StackClass::k4MiB))});
  const sandbox::InlineExecutor executor({.environment = &machinery.environment(),
                                          .pool = &pool,
                                          .calls = &machinery.calls(),
                                          .audit = machinery.audit()});
  const base::Digest digest = sandbox::digest_of(policy);
  return executor.call(guest, Payload(request_for(program, arguments), Payload::kJson), policy, {},
                       {.node = "definition", .policy = &digest});
}

Result<std::optional<workflow::SourceFormat>> format_of(const DefinitionText& text) {
  if (!text.format) {
    return std::optional<workflow::SourceFormat>();
  }
  const auto format = workflow::source_format_from(*text.format);
  if (!format) {
    return Error{
        Category::kInvalidArgument, "workflow.bad_value",
        fmt::format("unknown format '{}' of a definition; it must be one of {}{}",
                    base::printable(base::shorten(*text.format, 64)), fmt::join(workflow::kSourceFormats, ", "),
                    base::did_you_mean(*text.format, workflow::kSourceFormats))};
  }
  return format;
}

/// Puts in the values of the variables that a definition declares, as far as it may have them: declaring one asks for
/// it as the grant `env` does.
Status fill_variables(document::Value& root, const DefinitionText& text, const Configurations& configurations,
                      const base::Environment& environment) {
  CAISSON_TRY(const std::vector<workflow::DeclaredVariable> declared, workflow::declared_variables(root, text.file));
  sandbox::PolicyRequest request;
  request.env.emplace();
  for (const workflow::DeclaredVariable& variable : declared) {
    request.env->push_back(
        {{.name = variable.name}, {sandbox::Origin::Kind::kFile, text.file, variable.mark.line, variable.mark.column}});
  }
  const std::array<const sandbox::PolicyRequest*, 1> requests = {&request};
  const sandbox::ResolveContext context{&environment, text.folder, configurations.user_file(), nullptr};
  CAISSON_TRY(const sandbox::Policy policy,
              sandbox::resolve_policy(requests, configurations.ceiling(environment), context));
  std::map<std::string, std::string, std::less<>> values;
  for (const sandbox::VariableGrant& variable : policy.grants.env) {
    if (variable.value) {
      values.emplace(variable.name, *variable.value);
    }
  }
  return workflow::fill_variables(root, declared, values, text.file, text.text);
}

}  // namespace

Result<workflow::Source> read_source(const DefinitionText& text, const Configurations& configurations,
                                     Machinery& machinery) {
  CAISSON_TRY(const auto format, format_of(text));
  return workflow::read_source(
      text.text, text.file,
      {.format = format,
       .run_program = [&](const language::Program& program, const language::Arguments& arguments,
                          const sandbox::Policy& policy) {
         return run_program(program, arguments, policy, configurations, machinery);
       }});
}

Result<workflow::Definition> read_definition(const DefinitionText& text, const Configurations& configurations,
                                             Machinery& machinery, const workflow::DefinitionOptions& options) {
  CAISSON_TRY(workflow::Source source, read_source(text, configurations, machinery));
  CAISSON_CHECK(fill_variables(source.root, text, configurations, machinery.environment()));
  workflow::DefinitionOptions of_text = options;
  of_text.text = text.text;
  CAISSON_TRY(workflow::Definition definition, workflow::definition_of(source.root, text.file, of_text));
  std::ranges::move(source.warnings, std::back_inserter(definition.warnings));
  return definition;
}

}  // namespace caisson::runtime
