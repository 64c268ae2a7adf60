#pragma once

#include "base/environment.h"
#include "sandbox/policy.h"
#include "sandbox/policy_ceiling.h"
#include "sandbox/policy_request.h"

#include <caisson/result.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace caisson::sandbox {

/// One effective value and how it came to be.
struct Decision {
  std::string key;    ///< `limits.memory`, `grants.read`
  std::string value;  ///< as a definition would say it
  Origin origin{};
  std::optional<Written<std::string>> at_most{};  ///< of a limit: the ceiling
  std::vector<LostValue> lost{};                  ///< every wider value that was written

  friend bool operator==(const Decision&, const Decision&) = default;
};

/// Where a definition is, and what it is resolved on.
struct ResolveContext {
  const base::Environment* environment = nullptr;  ///< required: links of paths, variables of the host
  /// The folder of the definition: relative paths begin here, and it may be read. Nothing when it has none, as a text
  /// that a program gave: relative paths are then refused.
  std::optional<std::string> folder{};
  std::string configuration_file{};  ///< that a refusal tells people to edit; may be empty
  /// What the operator asks for every node: the nearest request of all, whose lists add to those of the definition.
  const PolicyRequest* operators = nullptr;
};

/// What a node may do: what was asked for, farthest first (workflow, node type, node; then what the operator asks
/// for), as far as the ceiling allows it.
///
/// A nearer request replaces a farther one, name by name; a preset replaces all grants that are farther. Limits that
/// nobody names have the configured or built-in default, or the ceiling if that is tighter. A limit or grant beyond the
/// ceiling refuses the whole policy: nothing is cut back silently. Paths in the result are absolute, without links;
/// variables have the values of the host; lists are sorted, each item once.
///
/// `decisions`: what there is to explain, when somebody asks. In the order of the documentation.
///
/// Errors: permission_denied / policy.refused, with one diagnostic for each refused request that names the flag and the
/// line of a configuration that would allow it; not_found / policy.no_directory; invalid_argument / policy.bad_value
/// (two directories under one name).
[[nodiscard]] Result<Policy> resolve_policy(std::span<const PolicyRequest* const> requests, const Ceiling& ceiling,
                                            const ResolveContext& context, std::vector<Decision>* decisions = nullptr);

/// Whether a limit of a run is within the ceiling. `asked`: of a row of run_limit_table().
/// Errors: permission_denied / policy.refused, with a diagnostic, in the words of resolve_policy.
[[nodiscard]] Status check_run_limit(const LimitRequest& asked, const Ceiling& ceiling, const ResolveContext& context);

}  // namespace caisson::sandbox
