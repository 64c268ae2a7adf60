#pragma once

#include "base/environment.h"
#include "runtime/configuration.h"
#include "sandbox/policy.h"
#include "sandbox/policy_resolve.h"
#include "workflow/definition.h"

#include <caisson/result.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace caisson::runtime {

/// The policies of the sandboxed nodes, those in bodies too, by id.
using Policies = std::map<std::string, sandbox::Policy, std::less<>>;

/// What a definition is part of: whose words count for it.
struct Surroundings {
  Configurations configurations;        ///< with that of its project
  std::optional<std::string> folder{};  ///< where it is; nothing when it is no file
  /// What is written for the nodes that it is run by, the nearest last: nothing it asks for may go beyond.
  std::vector<sandbox::PolicyRequest> within{};
};

/// What one node may do and why, for `policy explain`.
struct NodeDecisions {
  std::string node;
  sandbox::Policy policy{};
  std::vector<sandbox::Decision> decisions{};
};

/// Configuration with that of the project of a definition. `folder`: where the definition is; nothing when it is no
/// file. Errors: those of Configurations::with_project.
[[nodiscard]] Result<Configurations> with_project(const Configurations& configurations,
                                                  const std::optional<std::string>& folder,
                                                  const base::Environment& environment);

/// The most that a whole run may have, by what operators say.
struct RunBounds {
  sandbox::LimitBound concurrency;  ///< nodes at one time
  sandbox::LimitBound memory;       ///< bytes that its sandboxes hold together
};
[[nodiscard]] RunBounds run_bounds(const Configurations& configurations, const base::Environment& environment);

/// What the sandbox of a condition (`when`) of a node may do. Errors: permission_denied / policy.refused.
[[nodiscard]] Result<sandbox::Policy> expression_policy(const Surroundings& surroundings,
                                                        const base::Environment& environment);

/// Resolves the policies of all sandboxed nodes of a definition.
///
/// Errors: permission_denied / policy.refused and what else resolve_policy refuses, with the
/// problems of all nodes, each naming its node; and for a max_concurrency above what is allowed.
[[nodiscard]] Result<Policies> resolve_policies(const workflow::Definition& definition,
                                                const Surroundings& surroundings, const base::Environment& environment);

/// The same, explained. `node`: only this one; not_found / workflow.unknown_node when there is none.
[[nodiscard]] Result<std::vector<NodeDecisions>> explain_policies(const workflow::Definition& definition,
                                                                  const Surroundings& surroundings,
                                                                  const base::Environment& environment,
                                                                  const std::optional<std::string>& node);

/// The absolute folder of a definition that was read from `file`.
[[nodiscard]] Result<std::string> definition_folder(const std::string& file, const base::Environment& environment);

}  // namespace caisson::runtime
