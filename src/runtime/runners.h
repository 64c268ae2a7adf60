#pragma once

#include "base/digest.h"
#include "runtime/machinery.h"
#include "runtime/policies.h"
#include "sandbox/executor.h"
#include "workflow/definition.h"
#include "workflow/node_runner.h"

#include <caisson/result.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::runtime {

/// What runs the nodes of a workflow, made from its definition.
using Runners = std::vector<std::unique_ptr<workflow::NodeRunner>>;

/// Opens the module of a wasm node: from the working directory, then from the folder of the definition. `policy`: what
/// its imports are held against; nullptr: they are not. `digest`, if given, is that of the module's bytes as soon as
/// they are read, whatever comes of them then.
/// Errors: file.*, engine.*, sandbox.*, each saying which file.
[[nodiscard]] Result<sandbox::Guest> open_guest(const workflow::Definition& definition,
                                                const workflow::NodeDefinition& node, const sandbox::Policy* policy,
                                                Machinery& machinery, std::optional<base::Digest>* digest = nullptr);

/// Whether the code of a code node parses and imports nothing that it may not.
/// Errors: file.*; code.syntax, code.import_denied; language.*, engine.*.
[[nodiscard]] Status check_code(const workflow::Definition& definition, const workflow::NodeDefinition& node,
                                Machinery& machinery);

/// Runners for all nodes of a run, by index. A node whose module cannot be used gets one that fails with the reason,
/// and the audit log, if there is one, a record of it.
/// Errors: those of Audit::append.
[[nodiscard]] Result<Runners> make_runners(const workflow::Definition& definition, const Policies& policies,
                                           std::string_view run, Machinery& machinery);

}  // namespace caisson::runtime
