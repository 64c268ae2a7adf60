#pragma once

#include "runtime/machinery.h"
#include "runtime/policies.h"
#include "sandbox/policy.h"
#include "workflow/definition.h"
#include "workflow/node_runner.h"

#include <caisson/result.h>

#include <memory>
#include <string_view>
#include <vector>

namespace caisson::runtime {

/// What runs the nodes of a workflow, made from its definition.
using Runners = std::vector<std::unique_ptr<workflow::NodeRunner>>;

/// Whether the files that a node names can be used. `policy`: what it may do; nullptr: that is not looked at.
/// Errors: file.*, engine.*, sandbox.*, code.*, language.*.
[[nodiscard]] Status check_node(const workflow::Definition& definition, const workflow::NodeDefinition& node,
                                const sandbox::Policy* policy, Machinery& machinery);

/// Runners for all nodes of a run, by index. A node whose files cannot be used gets one that fails with the reason,
/// and the audit log, if there is one, a record of it.
/// Errors: those of Audit::append.
[[nodiscard]] Result<Runners> make_runners(const workflow::Definition& definition, const Policies& policies,
                                           std::string_view run, Machinery& machinery);

}  // namespace caisson::runtime
