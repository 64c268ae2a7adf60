#pragma once

#include "language/program.h"
#include "sandbox/executor.h"
#include "sandbox/guest.h"
#include "sandbox/policy.h"
#include "workflow/definition.h"

#include <caisson/result.h>

#include <cstdint>
#include <optional>
#include <string>

namespace caisson::workflow {

/// What a type of node needs to make what runs it.
class NodeSetup {
 public:
  NodeSetup() = default;
  NodeSetup(const NodeSetup&) = delete;
  NodeSetup& operator=(const NodeSetup&) = delete;
  virtual ~NodeSetup() = default;

  /// Where sandboxes run; outlives every runner.
  [[nodiscard]] virtual const sandbox::Executor& executor() = 0;

  /// What a sandboxed node may do. nullptr: that was refused, and the node is only checked.
  [[nodiscard]] virtual const sandbox::Policy* policy_of(const NodeDefinition& node) = 0;

  /// A module, ready to be called. `policy`: what its imports are held against; nullptr: they are not.
  /// Errors: file.*, engine.*, sandbox.*, each saying which file.
  [[nodiscard]] virtual Result<sandbox::Guest> open_module(const std::string& path,
                                                           const std::optional<std::string>& func,
                                                           const sandbox::Policy* policy) = 0;

  /// The image of a language, with its code. Errors: language.*, engine.*.
  [[nodiscard]] virtual Result<sandbox::Guest> bind(const language::Program& program) = 0;

  /// A file that the definition names: from the working directory, then from the folder of the definition.
  /// Errors: file.*.
  [[nodiscard]] virtual Result<std::string> read_file(const std::string& path, std::uint64_t most_bytes) = 0;
};

}  // namespace caisson::workflow
