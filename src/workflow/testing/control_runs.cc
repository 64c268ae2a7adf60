#include "workflow/testing/control_runs.h"

#include "engine/instance.h"
#include "sandbox/policy_resolve.h"
#include "workflow/definition_rules.h"
#include "workflow/expression_evaluator.h"
#include "workflow/scheduler.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace caisson::workflow {

ControlRuns::ControlRuns(const std::string& cache)
    : environment_(base::make_environment()),
      pool_({.threads = 4, .stack_bytes = engine::thread_stack_for(4U << 20)}),
      executor_({.environment = environment_.get(), .pool = &pool_}),
      images_({.environment = environment_.get(), .directory = cache}) {}

ControlRuns::~ControlRuns() = default;

void ControlRuns::add_workflow(const std::string& name, std::string_view text) { workflows_[name] = text; }

std::string ControlRuns::problem(std::string_view text) {
  const auto definition = read_definition(text, "flow.yaml");
  return definition ? "" : definition.error().reason + ": " + definition.error().message;
}

RunRecord ControlRuns::run(std::string_view text, const Payload& input) {
  auto definition = read_definition(text, "flow.yaml");
  RunRecord refused;
  if (!definition) {
    refused.error = definition.error();
    return refused;
  }
  auto section = ControlRuns::section(definition->nodes);
  if (!section) {
    refused.error = section.error();
    return refused;
  }
  return workflow::run((*section)->plan, (*section)->runners,
                       {.failure_strategy = definition->failure_strategy,
                        .max_concurrency = definition->max_concurrency,
                        .groups = groups_,
                        .rules = (*section)->rules,
                        .input = input},
                       pool_, *environment_);
}

std::string ControlRuns::output(std::string_view text, std::string_view node, const Payload& input) {
  const RunRecord record = run(text, input);
  if (record.nodes.empty() && record.error) {
    return record.error->reason + ": " + record.error->message;
  }
  const auto definition = read_definition(text, "flow.yaml");
  const auto index = std::ranges::find(definition->nodes, node, &NodeDefinition::id) - definition->nodes.begin();
  const NodeRecord& found = record.nodes.at(static_cast<std::size_t>(index));
  if (found.error) {
    return found.error->reason + ": " + found.error->message;
  }
  return found.payload ? std::string(found.payload->bytes()) : std::string(to_string(found.state));
}

const sandbox::Policy* ControlRuns::policy_of(const NodeDefinition& node) {
  static const Definition definition;
  const auto requests = policy_requests(definition, node);
  auto policy =
      sandbox::resolve_policy(requests, sandbox::make_ceiling({}, *environment_), {environment_.get(), std::nullopt});
  return &policies_.insert_or_assign(node.id, std::move(policy).value()).first->second;
}

Result<sandbox::Guest> ControlRuns::open_module(const std::string& path, const std::optional<std::string>& /*func*/,
                                                const sandbox::Policy* /*policy*/) {
  return Error{Category::kNotFound, "file.missing", "no module '" + path + "' in this test"};
}

Result<sandbox::Policy> ControlRuns::expression_policy() {
  const std::array<const sandbox::PolicyRequest*, 1> requests{&expression_defaults()};
  return sandbox::resolve_policy(requests, sandbox::make_ceiling({}, *environment_),
                                 {environment_.get(), std::nullopt});
}

Result<std::unique_ptr<Section>> ControlRuns::section(std::span<const NodeDefinition> nodes) {
  CAISSON_TRY(Plan plan, make_plan(nodes, "flow.yaml"));
  auto out = std::make_unique<Section>(Section{std::move(plan), {}, {}, {}});
  DefinitionGroups groups(groups_);
  out->rules = make_rules(nodes, Definition(), groups, *this);
  for (const NodeDefinition& node : nodes) {
    CAISSON_TRY(auto runner, node.spec->open(node, *this));
    out->runners.push_back(runner.get());
    out->owned.push_back(std::move(runner));
  }
  return out;
}

Result<SubWorkflow> ControlRuns::workflow(const WorkflowReference& reference, const NodeDefinition& /*node*/) {
  const auto text = workflows_.find(reference.text);
  if (text == workflows_.end()) {
    return Error{Category::kNotFound, "file.missing", "no workflow '" + reference.text + "' in this test"};
  }
  CAISSON_TRY(const Definition definition, read_definition(text->second, reference.text));
  CAISSON_TRY(auto inner, section(definition.nodes));
  return SubWorkflow{std::move(inner), definition.strategy, definition.failure_strategy, definition.max_concurrency};
}

Result<std::filesystem::path> ControlRuns::interpreter(std::string_view name) {
  return name == "bash"     ? Result<std::filesystem::path>(Error{Category::kPermissionDenied, "policy.refused", "no"})
         : name == "python" ? std::filesystem::path("/usr/bin/python3")
                            : std::filesystem::path("/usr/bin") / name;
}

Status ControlRuns::ended(std::string_view node, std::string_view /*interpreter*/, std::string_view /*run*/,
                          const sandbox::Policy& /*policy*/, const NodeOutcome& /*outcome*/) const {
  return node == "unheard" ? Status(Error{Category::kUnavailable, "observe.audit", "not recorded"}) : Status();
}

Result<std::string> ControlRuns::read_file(const std::string& path, std::uint64_t /*most_bytes*/) {
  return Error{Category::kNotFound, "file.missing", "no file '" + path + "' in this test"};
}

}  // namespace caisson::workflow
