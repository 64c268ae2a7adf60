#pragma once

#include "base/environment.h"
#include "language/program.h"
#include "runtime/configuration.h"
#include "sandbox/outcome.h"
#include "sandbox/policy.h"
#include "sandbox/policy_request.h"

#include <caisson/code.h>
#include <caisson/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace caisson::runtime {

/// Errors: invalid_argument / workflow.bad_value: there is no such language.
[[nodiscard]] Result<language::Language> known_language(std::string_view name);

/// What code that a program brings along may do: what `limits` and `grants` ask for in the words of flags, and
/// `defaults` before them, under the ceiling of the configuration.
/// Errors: those of the flags and of resolve_policy.
[[nodiscard]] Result<sandbox::Policy> resolve_code_policy(const Configurations& configurations,
                                                          base::Environment& environment,
                                                          const std::vector<std::string>& limits,
                                                          const std::vector<std::string>& grants,
                                                          const sandbox::PolicyRequest& defaults);

/// What became of a call, for the one who made it.
[[nodiscard]] Execution execution_of(sandbox::Outcome outcome, const language::Program& program);

}  // namespace caisson::runtime
