#pragma once

#include "runtime/machinery.h"
#include "runtime/policies.h"
#include "sandbox/policy.h"
#include "workflow/definition.h"
#include "workflow/nested_runs.h"

#include <caisson/result.h>

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace caisson::runtime {

/// A workflow, ready to run once.
struct PreparedRun {
  std::unique_ptr<workflow::Section> section;
  std::vector<workflow::NodeGroup> groups;  ///< for workflow::RunOptions
};

/// Whether the files that all nodes name can be used, one problem for each node with one. `policies`: what they may do;
/// of a node that it has nothing of, that is not looked at.
/// Reasons: file.*, engine.*, sandbox.*, code.*, language.*, workflow.*, policy.*.
[[nodiscard]] std::vector<Diagnostic> check_nodes(const workflow::Definition& definition, const Policies& policies,
                                                  const Surroundings& surroundings, Machinery& machinery);

/// What runs the nodes. A node whose files cannot be used gets a runner that fails with the reason, and the audit log,
/// if there is one, a record of it.
/// Errors: those of make_plan and of Audit::append.
[[nodiscard]] Result<PreparedRun> prepare_run(const workflow::Definition& definition, const Policies& policies,
                                              const Surroundings& surroundings, std::string_view run,
                                              Machinery& machinery);

}  // namespace caisson::runtime
