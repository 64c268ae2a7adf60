#include "runtime/code_calls.h"

#include "base/unicode.h"
#include "document/print.h"
#include "language/import_advice.h"
#include "sandbox/policy_read.h"
#include "sandbox/policy_resolve.h"
#include "sandbox/result_views.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace caisson::runtime {

Result<language::Language> known_language(std::string_view name) {
  const auto language = language::parse_language(name);
  if (!language) {
    return Error{Category::kInvalidArgument, "workflow.bad_value",
                 fmt::format("Unsupported language: {}; it must be python, javascript or lua",
                             base::printable(base::shorten(name, 64)))};
  }
  return *language;
}

Result<sandbox::Policy> resolve_code_policy(const Configurations& configurations, base::Environment& environment,
                                            const std::vector<std::string>& limits,
                                            const std::vector<std::string>& grants,
                                            const sandbox::PolicyRequest& defaults) {
  sandbox::PolicyRequest asked;
  sandbox::PolicyRequest allowed;  // a program asks as a definition does: it allows itself nothing
  const sandbox::Origin origin{sandbox::Origin::Kind::kProgram, "the program"};
  for (const std::string& limit : limits) {
    CAISSON_CHECK(sandbox::read_limit_flag(limit, origin, asked));
  }
  for (const std::string& grant : grants) {
    CAISSON_CHECK(sandbox::read_grant_flag(grant, origin, "/", asked, allowed));
  }
  const std::array<const sandbox::PolicyRequest*, 2> requests = {&defaults, &asked};
  const sandbox::ResolveContext context{&environment, std::nullopt, configurations.user_file(),
                                        &configurations.request()};
  return sandbox::resolve_policy(requests, configurations.ceiling(environment), context);
}

Execution execution_of(sandbox::Outcome outcome, const language::Program& program) {
  if (outcome.error) {
    outcome.error = with_import_advice(*std::move(outcome.error), program, language::ImportList::kCall);
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

}  // namespace caisson::runtime
