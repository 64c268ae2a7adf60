#include "runtime/runners.h"

#include "base/control.h"
#include "base/digest.h"
#include "base/unicode.h"
#include "language/images.h"
#include "runtime/definitions.h"
#include "runtime/native_settings.h"
#include "sandbox/audit_record.h"
#include "sandbox/policy_print.h"
#include "workflow/definition_rules.h"
#include "workflow/failing_runner.h"
#include "workflow/mapping.h"
#include "workflow/node_setup.h"
#include "workflow/schema_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace caisson::runtime {

namespace {

namespace fs = std::filesystem;

/// A file that was found.
struct Found {
  fs::path path;
  std::string bytes;
};

/// A file that a definition names: from the working directory, then from the folder of the definition.
Result<Found> read_named(const std::string& name, const std::string& definition_file,
                         const base::Environment& environment, std::uint64_t most) {
  const fs::path path(name);
  Result<std::string> bytes = environment.read_file(path, most);
  if (bytes) {
    return Found{path, *std::move(bytes)};
  }
  if (bytes.error().category != Category::kNotFound) {
    return std::move(bytes).error();
  }
  const fs::path beside = fs::path(definition_file).parent_path() / path;
  if (path.is_absolute() || beside == path) {
    return Error{Category::kNotFound, "file.missing", "there is no such file"};
  }
  bytes = environment.read_file(beside, most);
  if (!bytes && bytes.error().category == Category::kNotFound) {
    return Error{Category::kNotFound, "file.missing",
                 fmt::format("there is no such file, neither '{}' in the working directory nor '{}'",
                             base::printable(path.native()), base::printable(beside.native()))};
  }
  return bytes ? Result<Found>(Found{beside, *std::move(bytes)}) : Result<Found>(std::move(bytes).error());
}

constexpr std::uint64_t kMostDefinitionBytes = 1U << 20;

/// What the definitions of one run have in common.
struct Family {
  Machinery& machinery;
  std::string_view run;
  std::size_t nodes_left = workflow::kMaxDefinitionNodes;  ///< of workflows inside of others
  bool only_checks = false;                                ///< nothing will run: what cannot be used is an error
  std::vector<workflow::NodeGroup> groups{};               ///< of all definitions, as NodeRules::groups counts them
};

/// Workflows that run one another, the outermost first.
using Callers = std::vector<base::Digest>;

Result<std::unique_ptr<workflow::Section>> make_section(std::span<const workflow::NodeDefinition> nodes,
                                                        const workflow::Definition& definition, class Setup& setup);

/// What the nodes of one definition are set up with.
class Setup final : public workflow::NodeSetup {
 public:
  Setup(const workflow::Definition& definition, const Policies& policies, const Surroundings& surroundings,
        Family& family, Callers callers)
      : definition_(definition),
        policies_(policies),
        surroundings_(surroundings),
        family_(family),
        callers_(std::move(callers)),
        groups_(family.groups) {}

  /// The digest of the module that was opened last, as soon as its bytes were read.
  [[nodiscard]] const std::optional<base::Digest>& module() const noexcept { return module_; }
  void forget_module() { module_.reset(); }
  [[nodiscard]] Family& family() noexcept { return family_; }
  [[nodiscard]] workflow::DefinitionGroups& groups() noexcept { return groups_; }

  const sandbox::Executor& executor() override { return family_.machinery.executor(); }
  const base::Environment& environment() override { return family_.machinery.environment(); }

  const sandbox::Policy* policy_of(const workflow::NodeDefinition& node) override {
    const auto found = policies_.find(node.id);
    return found == policies_.end() ? nullptr : &found->second;
  }

  Result<sandbox::Policy> expression_policy() override {
    return runtime::expression_policy(surroundings_, family_.machinery.environment());
  }

  Result<sandbox::Guest> open_module(const std::string& path, const std::optional<std::string>& func,
                                     const sandbox::Policy* policy) override {
    const auto open = [&]() -> Result<sandbox::Guest> {
      CAISSON_TRY(engine::ModuleCache * modules,
                  family_.machinery.modules(policy == nullptr ? 0 : policy->limits.stack_bytes));
      CAISSON_TRY(const std::string bytes, read_module(path, modules->max_module_bytes()));
      module_ = base::sha256(bytes);
      CAISSON_TRY(auto module, modules->get(bytes));
      CAISSON_TRY(sandbox::Guest guest, sandbox::bind_guest(std::move(module), func));
      if (policy != nullptr) {
        CAISSON_CHECK(sandbox::check_guest(guest, policy->grants));
      }
      return guest;
    };
    Result<sandbox::Guest> guest = open();
    if (!guest) {
      return std::move(guest).error().with_context(fmt::format("module '{}'", base::printable(path)));
    }
    return guest;
  }

  Result<sandbox::Guest> bind(const language::Program& program) override {
    CAISSON_TRY(sandbox::Guest guest, family_.machinery.images().bind(program));
    module_ = guest.module->info().digest;
    return guest;
  }

  Result<std::string> read_file(const std::string& path, std::uint64_t most_bytes) override {
    CAISSON_TRY(Found found, read_named(path, definition_.file, family_.machinery.environment(), most_bytes));
    return std::move(found.bytes);
  }

  Result<fs::path> interpreter(std::string_view name) override {
    return native_interpreter(surroundings_.configurations.native(), name, environment());
  }
  const workflow::NativeCalls& native_calls() override { return family_.machinery.native_calls(); }

  Result<std::unique_ptr<workflow::Section>> section(std::span<const workflow::NodeDefinition> nodes) override {
    return make_section(nodes, definition_, *this);
  }

  Result<workflow::SubWorkflow> workflow(const workflow::WorkflowReference& reference,
                                         const workflow::NodeDefinition& node) override {
    auto out = open_workflow(reference, node);
    if (!out) {
      return std::move(out).error().with_context(fmt::format("workflow '{}'", base::printable(reference.text)));
    }
    return out;
  }

 private:
  Result<std::string> read_module(const std::string& path, std::uint64_t max_bytes) {
    const std::uint64_t most = base::holds(base::Control::kModuleSize) ? max_bytes : 1ULL << 30;
    Result<std::string> bytes = read_file(path, most);
    if (!bytes && bytes.error().reason == "file.too_large") {
      return Error{Category::kResourceExhausted, "engine.module_too_large",
                   bytes.error().message + "; an operator can accept more: `compile.module` in a configuration"};
    }
    return bytes;
  }

  Result<Found> read_workflow(const workflow::WorkflowReference& reference) {
    if (!reference.is_name) {
      return read_named(reference.text, definition_.file, environment(), kMostDefinitionBytes);
    }
    for (const std::string_view end : {".yaml", ".yml", ".json", ".lua"}) {
      const fs::path path = fs::path(definition_.file).parent_path() / (reference.text + std::string(end));
      Result<std::string> bytes = environment().read_file(path, kMostDefinitionBytes);
      if (bytes) {
        return Found{path, *std::move(bytes)};
      }
      if (bytes.error().category != Category::kNotFound) {
        return std::move(bytes).error();
      }
    }
    return Error{
        Category::kNotFound, "file.missing",
        fmt::format("there is no {0}.yaml, {0}.yml, {0}.json or {0}.lua beside the definition", reference.text)};
  }

  Result<workflow::SubWorkflow> open_workflow(const workflow::WorkflowReference& reference,
                                              const workflow::NodeDefinition& node) {
    CAISSON_TRY(const Found found, read_workflow(reference));
    Callers callers = callers_;
    const base::Digest digest = base::sha256(found.bytes);
    if (std::ranges::find(callers, digest) != callers.end()) {
      return Error{Category::kInvalidArgument, "workflow.cycle",
                   "it runs itself, directly or by way of others; a workflow inside of itself would have no end"};
    }
    callers.push_back(digest);
    if (callers.size() > workflow::kMaxWorkflowDepth) {
      return Error{Category::kResourceExhausted, "workflow.too_deep",
                   fmt::format("workflows run one another more than {} deep", workflow::kMaxWorkflowDepth)};
    }
    Surroundings surroundings = surroundings_;
    CAISSON_TRY(surroundings.folder, definition_folder(found.path.native(), environment()));
    surroundings.within.push_back(node.policy);
    CAISSON_TRY(const workflow::Definition inner,
                read_definition({.text = found.bytes, .file = found.path.native(), .folder = surroundings.folder},
                                surroundings.configurations, family_.machinery,
                                {.max_concurrency = definition_.max_concurrency}));
    std::size_t nodes = 0;
    workflow::for_each_node(inner.nodes, [&](const workflow::NodeDefinition&) { ++nodes; });
    if (nodes > family_.nodes_left) {
      return Error{
          Category::kResourceExhausted, "workflow.too_many_nodes",
          fmt::format("workflows inside of others have more than {} nodes in all", workflow::kMaxDefinitionNodes)};
    }
    family_.nodes_left -= nodes;
    CAISSON_TRY(const Policies policies, resolve_policies(inner, surroundings, environment()));
    Setup setup(inner, policies, surroundings, family_, std::move(callers));
    CAISSON_TRY(auto section, make_section(inner.nodes, inner, setup));
    return workflow::SubWorkflow{std::move(section), inner.strategy, inner.failure_strategy, inner.max_concurrency};
  }

  const workflow::Definition& definition_;
  const Policies& policies_;
  const Surroundings& surroundings_;
  Family& family_;
  Callers callers_;
  workflow::DefinitionGroups groups_;
  std::optional<base::Digest> module_;
};

Result<std::unique_ptr<workflow::NodeRunner>> make_runner(const workflow::NodeDefinition& node, Setup& setup) {
  if (setup.family().only_checks) {
    const Status usable = node.spec->check(node, setup);
    return usable ? workflow::make_failing_runner({Category::kInternal, "workflow.no_runner", "it was only checked"})
                  : Result<std::unique_ptr<workflow::NodeRunner>>(
                        Error(usable.error()).with_context(fmt::format("node '{}'", base::printable(node.id))));
  }
  setup.forget_module();
  auto runner = node.spec->open(node, setup);
  if (runner) {
    return workflow::with_mappings(workflow::with_schemas(*std::move(runner), node), node);
  }
  Error error = std::move(runner).error();
  const sandbox::Policy* policy = setup.policy_of(node);
  if (observe::Audit* audit = setup.family().machinery.audit(); audit != nullptr && policy != nullptr) {
    CAISSON_CHECK(sandbox::audit_refusal(
        *audit,
        {.run = setup.family().run, .node = node.id, .module = setup.module(), .policy = sandbox::digest_of(*policy)},
        error));
  }
  return workflow::make_failing_runner(std::move(error));
}

Result<std::unique_ptr<workflow::Section>> make_section(std::span<const workflow::NodeDefinition> nodes,
                                                        const workflow::Definition& definition, Setup& setup) {
  CAISSON_TRY(workflow::Plan plan, workflow::make_plan(nodes, definition.file));
  auto out = std::make_unique<workflow::Section>(workflow::Section{std::move(plan), {}, {}, {}});
  out->rules = workflow::make_rules(nodes, definition, setup.groups(), setup);
  for (const workflow::NodeDefinition& node : nodes) {
    CAISSON_TRY(auto runner, make_runner(node, setup));
    out->runners.push_back(runner.get());
    out->owned.push_back(std::move(runner));
  }
  return out;
}

}  // namespace

std::vector<Diagnostic> check_nodes(const workflow::Definition& definition, const Policies& policies,
                                    const Surroundings& surroundings, Machinery& machinery) {
  Family family{.machinery = machinery, .run = {}, .only_checks = true};
  Setup setup(definition, policies, surroundings, family, {});
  std::vector<Diagnostic> problems;
  workflow::for_each_node(definition.nodes, [&](const workflow::NodeDefinition& node) {
    if (const Status usable = node.spec->check(node, setup); !usable) {
      problems.push_back({Severity::kError,
                          usable.error().reason,
                          fmt::format("node '{}': {}", base::printable(node.id), usable.error().message),
                          {definition.file, node.mark.line, node.mark.column}});
    }
  });
  return problems;
}

Result<PreparedRun> prepare_run(const workflow::Definition& definition, const Policies& policies,
                                const Surroundings& surroundings, std::string_view run, Machinery& machinery) {
  Family family{.machinery = machinery, .run = run};
  Setup setup(definition, policies, surroundings, family, {});
  CAISSON_TRY(auto section, make_section(definition.nodes, definition, setup));
  return PreparedRun{std::move(section), std::move(family.groups)};
}

}  // namespace caisson::runtime
