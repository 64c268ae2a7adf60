#pragma once

#include "document/schema.h"
#include "document/value.h"
#include "sandbox/policy_request.h"
#include "workflow/mapping.h"
#include "workflow/node_type.h"
#include "workflow/plan.h"
#include "workflow/strategy.h"
#include "workflow/written_rules.h"

#include <caisson/result.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// The `wasm.fuel` block of a definition.
struct FuelPolicy {
  std::uint64_t standard = 100'000'000;  ///< `default`: of a node without `fuel_level`; not clamped
  std::uint64_t minimum = 1'000'000;     ///< a lower `fuel_level` is raised to it
  std::uint64_t maximum = 500'000'000;   ///< a higher `fuel_level` is lowered to it

  friend bool operator==(const FuelPolicy&, const FuelPolicy&) = default;
};

/// One entry of `processors`.
struct NodeDefinition {
  std::string id;
  std::shared_ptr<const NodeSpec> spec{};  ///< what its type makes of it; never null in a definition that was read
  std::vector<Dependency> depends_on{};
  Intent intent = Intent::kTransform;  ///< as written in `options`, otherwise the type's own
  sandbox::PolicyRequest policy{};     ///< of a sandboxed node: its `limits` and `grants`; `fuel_level` is a limit
  std::optional<document::Schema> input_schema{};     ///< of a sandboxed node
  std::optional<document::Schema> output_schema{};    ///< likewise
  std::optional<InputMappings> input_mappings{};      ///< of a sandboxed node: instead of the dependencies' outputs
  std::optional<OutputSelection> output_selection{};  ///< of a sandboxed node: what is kept of its output
  WrittenRules rules{};
  document::Mark mark{};

  [[nodiscard]] const NodeType& type() const noexcept { return spec->type(); }

  friend bool operator==(const NodeDefinition& a, const NodeDefinition& b);
};

/// A workflow as somebody wrote it; every value in it was checked.
struct Definition {
  std::string file;  ///< its name, for messages
  std::string name{};
  std::string description{};
  std::optional<document::Schema> input_schema{};   ///< of the run's input
  std::optional<document::Schema> output_schema{};  ///< of the run's output
  Strategy strategy = Strategy::kWorkQueue;
  FailureStrategy failure_strategy = FailureStrategy::kFailFast;
  std::size_t max_concurrency = 1;
  document::Mark concurrency_mark{};    ///< where it says so; line 0: nowhere that has lines
  bool says_concurrency = false;        ///< otherwise max_concurrency is that of the options
  std::chrono::nanoseconds timeout{0};  ///< of the whole run; 0: none
  std::uint32_t retries = 0;            ///< of nodes that say nothing of their own: attempts after the first
  StrategyHints hints{};
  std::map<const NodeType*, std::size_t> type_limits{};          ///< nodes of a type at the same time
  std::map<std::string, std::size_t, std::less<>> key_limits{};  ///< with a key; of one that has none here: 1
  FuelPolicy fuel{};
  sandbox::PolicyRequest wasm_fuel{};  ///< `wasm.fuel.default`: a limit of all wasm nodes
  sandbox::PolicyRequest policy{};     ///< `limits` and `grants` of all sandboxed nodes: nearer
  std::map<const NodeType*, sandbox::PolicyRequest> type_policies{};  ///< `node_types`: nearer still
  /// `node_types.code.imports`: of code nodes that say nothing of their own.
  std::optional<std::vector<std::string>> code_imports{};
  std::vector<NodeDefinition> nodes{};
  std::vector<Diagnostic> warnings{};

  friend bool operator==(const Definition&, const Definition&) = default;
};

struct DefinitionOptions {
  std::size_t max_concurrency =
      0;                    ///< of a definition that says nothing; 0: one for each CPU, or 4 when that is unknown
  std::string_view text{};  ///< that it was read from, so that what is wrong inside of its strings has its own place
};

inline constexpr std::size_t kMaxDefinitionNodes = 10'000;
inline constexpr std::size_t kMaxDependencies = 1'000;  ///< of one node
inline constexpr std::size_t kMaxEdges = 50'000;        ///< dependencies of all nodes together
inline constexpr std::size_t kMaxConcurrency = 1'024;

/// Reads and checks a definition in YAML: names, kinds and ranges of everything in it, the options of local processors,
/// and the graph (as make_plan does). A name written without a value counts as absent.
///
/// `executor_options.batch_size` may only have the value that changes nothing: 1.
///
/// Errors: what document::parse_yaml reports; otherwise all problems as diagnostics with line and column.
/// unimplemented / workflow.unimplemented when all of them are things known and not in this version; otherwise
/// invalid_argument with the problems' reason, or workflow.invalid_definition when they differ. Reasons:
/// workflow.unknown_key, workflow.missing_key, workflow.wrong_type, workflow.bad_value, workflow.bad_option,
/// workflow.unknown_processor, workflow.too_many_nodes, workflow.too_many_edges, workflow.unimplemented,
/// policy.unknown_key, policy.wrong_type, policy.bad_value, document.bad_schema, document.too_large and those of
/// make_plan.
[[nodiscard]] Result<Definition> read_definition(std::string_view text, std::string_view file,
                                                 const DefinitionOptions& options = {});

/// The same from a document that is parsed already.
[[nodiscard]] Result<Definition> definition_of(const document::Value& root, std::string_view file,
                                               const DefinitionOptions& options = {});

/// What is asked for a sandboxed node, farthest first: what its type has where nobody says otherwise, then by the
/// workflow, by `node_types`, by itself.
[[nodiscard]] std::array<const sandbox::PolicyRequest*, 4> policy_requests(const Definition& definition,
                                                                           const NodeDefinition& node) noexcept;

/// The plan of a definition. Its warnings are the plan's own, not the definition's.
[[nodiscard]] Result<Plan> make_plan(const Definition& definition);
/// The plan of a body. `file`: for messages.
[[nodiscard]] Result<Plan> make_plan(std::span<const NodeDefinition> nodes, std::string_view file);

/// Calls `visit` with every node, those in bodies after the one whose body it is.
template <typename Visit>
void for_each_node(std::span<const NodeDefinition> nodes, const Visit& visit) {
  for (const NodeDefinition& node : nodes) {
    visit(node);
    for_each_node(node.spec->body(), visit);
  }
}

}  // namespace caisson::workflow
