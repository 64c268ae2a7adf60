#pragma once

#include "base/environment.h"
#include "base/thread_pool.h"
#include "language/images.h"
#include "sandbox/executor.h"
#include "workflow/definition.h"
#include "workflow/node_setup.h"
#include "workflow/run_record.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// Runs definitions of control nodes, local nodes and code as a program does, without files and configuration.
class ControlRuns final : public NodeSetup, public NativeCalls {
 public:
  /// `cache`: a folder for compiled images; empty: none.
  explicit ControlRuns(const std::string& cache);
  ~ControlRuns() override;

  /// What a `workflow` node finds under that name.
  void add_workflow(const std::string& name, std::string_view text);

  /// What is wrong with a definition; empty: nothing.
  [[nodiscard]] static std::string problem(std::string_view text);
  /// Of a definition without problems.
  [[nodiscard]] RunRecord run(std::string_view text, const Payload& input = Payload());
  /// The text of a node's output, or of its error as `reason: message`, or how it ended.
  [[nodiscard]] std::string output(std::string_view text, std::string_view node, const Payload& input = Payload());

  [[nodiscard]] const sandbox::Executor& executor() override { return executor_; }
  [[nodiscard]] const sandbox::Policy* policy_of(const NodeDefinition& node) override;
  [[nodiscard]] Result<sandbox::Guest> open_module(const std::string& path, const std::optional<std::string>& func,
                                                   const sandbox::Policy* policy) override;
  [[nodiscard]] Result<sandbox::Policy> expression_policy() override;
  [[nodiscard]] Result<sandbox::Guest> bind(const language::Program& program) override { return images_.bind(program); }
  [[nodiscard]] Result<std::unique_ptr<Section>> section(std::span<const NodeDefinition> nodes) override;
  [[nodiscard]] Result<SubWorkflow> workflow(const WorkflowReference& reference, const NodeDefinition& node) override;
  [[nodiscard]] Result<std::filesystem::path> interpreter(std::string_view name) override;
  [[nodiscard]] const NativeCalls& native_calls() override { return *this; }
  [[nodiscard]] Status ended(std::string_view node, std::string_view interpreter, std::string_view run,
                             const sandbox::Policy& policy, const NodeOutcome& outcome) const override;
  [[nodiscard]] const base::Environment& environment() override { return *environment_; }
  [[nodiscard]] Result<std::string> read_file(const std::string& path, std::uint64_t most_bytes) override;

 private:
  std::unique_ptr<base::Environment> environment_;
  base::ThreadPool pool_;
  sandbox::InlineExecutor executor_;
  language::Images images_;
  std::map<std::string, std::string> workflows_;
  std::map<std::string, sandbox::Policy> policies_;
  std::vector<NodeGroup> groups_;
};

}  // namespace caisson::workflow
