#pragma once

#include "base/environment.h"
#include "language/program.h"
#include "sandbox/executor.h"
#include "sandbox/guest.h"
#include "sandbox/policy.h"
#include "workflow/definition.h"
#include "workflow/nested_runs.h"

#include <caisson/result.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace caisson::workflow {

/// Which workflow a node runs.
struct WorkflowReference {
  std::string text;      ///< as written
  bool is_name = false;  ///< `NAME` stands for NAME.yaml, NAME.yml or NAME.json beside the definition

  friend bool operator==(const WorkflowReference&, const WorkflowReference&) = default;
};

/// A workflow inside of another.
struct SubWorkflow {
  std::unique_ptr<Section> section;
  Strategy strategy = Strategy::kWorkQueue;
  FailureStrategy failure_strategy = FailureStrategy::kFailFast;
  std::size_t max_concurrency = 1;
};

/// How deep workflows may stand in one another.
inline constexpr std::size_t kMaxWorkflowDepth = 8;

/// Is told of every process of a node that is in no sandbox.
class NativeCalls {
 public:
  NativeCalls() = default;
  NativeCalls(const NativeCalls&) = delete;
  NativeCalls& operator=(const NativeCalls&) = delete;
  virtual ~NativeCalls() = default;

  /// One has ended. Errors: it could not be recorded; then it has no result. Threads: safe to call concurrently.
  [[nodiscard]] virtual Status ended(std::string_view node, std::string_view interpreter, std::string_view run,
                                     const sandbox::Policy& policy, const NodeOutcome& outcome) const = 0;
};

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

  /// What the sandbox of a condition (`when`) may do: nothing but compute, whatever the node may.
  /// Errors: permission_denied / policy.refused.
  [[nodiscard]] virtual Result<sandbox::Policy> expression_policy() = 0;

  /// A module, ready to be called. `policy`: what its imports are held against; nullptr: they are not.
  /// Errors: file.*, engine.*, sandbox.*, each saying which file.
  [[nodiscard]] virtual Result<sandbox::Guest> open_module(const std::string& path,
                                                           const std::optional<std::string>& func,
                                                           const sandbox::Policy* policy) = 0;

  /// The image of a language, with its code. Errors: language.*, engine.*.
  [[nodiscard]] virtual Result<sandbox::Guest> bind(const language::Program& program) = 0;

  /// Nodes of a body, as one graph that can be run. A node whose files cannot be used gets a runner that fails.
  /// Errors: those of Audit::append.
  [[nodiscard]] virtual Result<std::unique_ptr<Section>> section(std::span<const NodeDefinition> nodes) = 0;

  /// Another workflow, ready to run as the body of `node`: by the path of its file, or by the name of one beside the
  /// definition. What its nodes may do is within what is written for `node`.
  /// Errors: file.*, document.*, policy.*; those of read_definition; workflow.too_deep, workflow.too_many_nodes.
  [[nodiscard]] virtual Result<SubWorkflow> workflow(const WorkflowReference& reference,
                                                     const NodeDefinition& node) = 0;

  /// An interpreter of the host, for a node that runs in no sandbox: where it is.
  /// Errors: permission_denied / policy.refused unless the operator allows it; not_found / workflow.no_interpreter.
  [[nodiscard]] virtual Result<std::filesystem::path> interpreter(std::string_view name) = 0;
  /// Outlives every runner.
  [[nodiscard]] virtual const NativeCalls& native_calls() = 0;

  [[nodiscard]] virtual const base::Environment& environment() = 0;

  /// A file that the definition names: from the working directory, then from the folder of the definition.
  /// Errors: file.*.
  [[nodiscard]] virtual Result<std::string> read_file(const std::string& path, std::uint64_t most_bytes) = 0;
};

}  // namespace caisson::workflow
