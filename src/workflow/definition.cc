#include "workflow/definition.h"

#include "base/suggest.h"
#include "base/unicode.h"
#include "document/parse.h"
#include "sandbox/limit_table.h"
#include "workflow/definition_schema.h"
#include "workflow/internal/fields.h"
#include "workflow/internal/head_fields.h"
#include "workflow/internal/node_list.h"
#include "workflow/internal/node_reading.h"
#include "workflow/internal/plan_check.h"
#include "workflow/internal/policy_fields.h"
#include "workflow/internal/rule_fields.h"
#include "workflow/nodes/code_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace caisson::workflow {

namespace {

using document::Value;

constexpr std::array<std::string_view, 14> kTopNames{
    "configVersion",    "name",          "description", "env",
    "input_schema",     "output_schema", "strategy",    "failure_strategy",
    "executor_options", "wasm",          "processors",  "limits",
    "grants",           "node_types"};
constexpr std::array<std::string_view, 6> kOtherNamesOfNodes{"nodes", "steps", "tasks", "jobs", "stages", "pipeline"};
constexpr std::array<std::string_view, 3> kFailureStrategies{"fail_fast", "continue_on_error", "best_effort"};

std::size_t standard_concurrency() {
  const std::size_t cpus = std::thread::hardware_concurrency();
  return cpus == 0 ? 4 : std::min(cpus, kMaxConcurrency);
}

/// Of nodes that may have problems: such as have no type have no body.
std::size_t edges_of(std::span<const NodeDefinition> nodes) {
  std::size_t edges = 0;
  for (const NodeDefinition& node : nodes) {
    edges += node.depends_on.size() + (node.spec == nullptr ? 0 : edges_of(node.spec->body()));
  }
  return edges;
}

class DefinitionReader {
 public:
  DefinitionReader(const Value& root, std::string_view file, std::string_view text)
      : root_(root), problems_(file, text), fields_(root, "", problems_) {
    definition_.file = file;
  }

  Result<Definition> read(const DefinitionOptions& options) && {
    fields_.allow_only(kTopNames, [](std::string_view name) {
      const bool others = std::ranges::find(kOtherNamesOfNodes, name) != kOtherNamesOfNodes.end();
      return others ? std::string(" (did you mean 'processors'?)") : std::string();
    });
    read_head(fields_, definition_, problems_);
    read_strategies();
    definition_.max_concurrency = options.max_concurrency > 0 ? options.max_concurrency : standard_concurrency();
    if (const Value* executor = fields_.map("executor_options")) {
      read_executor_options(*executor, definition_, problems_);
    }
    if (const Value* wasm = fields_.map("wasm")) {
      read_wasm(*wasm);
    }
    read_policies();
    read_nodes();
    if (!problems_.has_errors()) {
      check_with_schema(root_, problems_);
    }
    if (problems_.has_errors()) {
      return problems_.to_error();
    }
    definition_.warnings = problems_.warnings();
    return std::move(definition_);
  }

 private:
  void read_strategies() {
    if (const std::string* name = fields_.string("strategy")) {
      const auto known = strategy_from(*name);
      definition_.strategy = known.value_or(Strategy::kWorkQueue);
      if (!known) {
        problems_.error("workflow.bad_value",
                        fmt::format("unknown strategy '{}'; it must be one of {}{}", shown(*name),
                                    fmt::join(strategy_names(), ", "), base::did_you_mean(*name, strategy_names())),
                        fields_.find("strategy")->mark());
      }
    }
    if (const std::string* name = fields_.string("failure_strategy")) {
      const auto known = failure_strategy_from(*name);
      definition_.failure_strategy = known.value_or(FailureStrategy::kFailFast);
      if (!known) {
        problems_.error("workflow.bad_value",
                        fmt::format("unknown failure_strategy '{}'; it must be one of {}{}", shown(*name),
                                    fmt::join(kFailureStrategies, ", "), base::did_you_mean(*name, kFailureStrategies)),
                        fields_.find("failure_strategy")->mark());
      }
    }
  }

  void read_wasm(const Value& value) {
    Fields wasm(value, "wasm", problems_);
    wasm.allow_only(std::array<std::string_view, 1>{"fuel"});
    const Value* block = wasm.map("fuel");
    if (block == nullptr) {
      return;
    }
    Fields fuel(*block, "wasm.fuel", problems_);
    fuel.allow_only(std::array<std::string_view, 3>{"default", "minimum", "maximum"});
    const auto read = [&](std::string_view name, std::uint64_t& target) {
      if (const auto number = fuel.whole(name, 1, INT64_MAX)) {
        target = static_cast<std::uint64_t>(*number);
      }
    };
    FuelPolicy policy;
    read("default", policy.standard);
    read("minimum", policy.minimum);
    read("maximum", policy.maximum);
    if (policy.minimum > policy.maximum) {
      problems_.error("workflow.bad_value",
                      fmt::format("wasm.fuel: minimum {} is above maximum {}", policy.minimum, policy.maximum),
                      block->mark());
      return;
    }
    definition_.fuel = policy;
    if (const Value* standard = fuel.find("default")) {
      set_fuel(definition_.policy, policy.standard, *standard, definition_.file);
    }
  }

  void read_policies() {
    const sandbox::LimitRow& fuel = *sandbox::find_limit("fuel");
    const bool of_wasm = definition_.policy.find(fuel) != nullptr;  // from `wasm.fuel.default`
    read_policy(fields_, definition_.policy, definition_.file, problems_);
    if (of_wasm) {
      auto& limits = definition_.policy.limits;
      const auto written = std::ranges::find(limits, &fuel, &sandbox::LimitRequest::row);
      definition_.wasm_fuel.limits.push_back(std::move(*written));
      limits.erase(written);
    }
    const Value* types = fields_.map("node_types");
    if (types == nullptr) {
      return;
    }
    Fields by_type(*types, "node_types", problems_);
    std::vector<std::string_view> names;
    std::ranges::transform(node_types(), std::back_inserter(names), &NodeType::name);
    by_type.allow_only(names);
    for (const NodeType* type : node_types()) {
      const Value* policy = by_type.map(type->name);
      if (policy == nullptr) {
        continue;
      }
      Fields fields(*policy, fmt::format("node_types.{}", type->name), problems_);
      constexpr std::array<std::string_view, 4> kNames = {"limits", "grants", "max_concurrency", "imports"};
      fields.allow_only(std::span(kNames).first(type == &kCodeType ? 4 : 3));
      if (type == &kCodeType) {
        definition_.code_imports = read_imports(fields, problems_);
      }
      read_type_limit(fields, *type, definition_, problems_);
      if (!type->has_policy()) {
        refuse_policy(fields, type->name, problems_);
        continue;
      }
      read_policy(fields, definition_.type_policies[type], definition_.file, problems_);
    }
  }

  void read_nodes() {
    if (fields_.find("processors") == nullptr) {
      fields_.missing("processors", "list at least one node under it");
      return;
    }
    if (const Value* map = fields_.find("processors"); map->as_map() != nullptr) {
      fields_.wrong_kind("processors", *map, "a list (begin each node with a dash: `- id: a`)");
      return;
    }
    const Value* list = fields_.list("processors");
    if (list == nullptr) {
      return;
    }
    if (list->as_list()->empty()) {
      problems_.error("workflow.bad_value", "processors must have at least one node", list->mark());
      return;
    }
    if (list->as_list()->size() > kMaxDefinitionNodes) {
      problems_.error("workflow.too_many_nodes",
                      fmt::format("processors has {} nodes; at most {} are allowed in a definition",
                                  list->as_list()->size(), kMaxDefinitionNodes),
                      list->mark());
      return;
    }
    definition_.nodes = read_node_list(gather_bodies(*list->as_list(), problems_), definition_, problems_);
    if (const std::size_t edges = edges_of(definition_.nodes); edges > kMaxEdges) {
      problems_.error("workflow.too_many_edges",
                      fmt::format("the nodes have {} dependencies together; at most {} are allowed in a definition",
                                  edges, kMaxEdges),
                      list->mark());
      return;
    }
    check_graph(plan_nodes(definition_.nodes), problems_);
    check_ids_in_bodies(definition_.nodes, problems_);
    if (!problems_.has_errors()) {
      check_keys(definition_, list->mark(), problems_);
    }
  }

  const Value& root_;
  Problems problems_;
  Fields fields_;
  Definition definition_;
};

}  // namespace

bool operator==(const NodeDefinition& a, const NodeDefinition& b) {
  const bool same_spec = (a.spec == nullptr) == (b.spec == nullptr) &&
                         (a.spec == nullptr || (&a.type() == &b.type() && a.spec->equals(*b.spec)));
  return same_spec && a.id == b.id && a.depends_on == b.depends_on && a.intent == b.intent && a.policy == b.policy &&
         a.input_schema == b.input_schema && a.output_schema == b.output_schema &&
         a.input_mappings == b.input_mappings && a.output_selection == b.output_selection && a.rules == b.rules &&
         a.mark == b.mark;
}

Result<Definition> read_definition(std::string_view text, std::string_view file, const DefinitionOptions& options) {
  CAISSON_TRY(const Value root, document::parse_yaml(text, file));
  DefinitionOptions of_text = options;
  of_text.text = text;
  return definition_of(root, file, of_text);
}

Result<Definition> definition_of(const Value& root, std::string_view file, const DefinitionOptions& options) {
  if (root.as_map() == nullptr) {
    Problems problems(file);
    problems.error("workflow.wrong_type",
                   fmt::format("a workflow must be a map with 'processors', got {}", to_string(root.kind())),
                   root.mark());
    return problems.to_error();
  }
  return DefinitionReader(root, file, options.text).read(options);
}

std::array<const sandbox::PolicyRequest*, 4> policy_requests(const Definition& definition,
                                                             const NodeDefinition& node) noexcept {
  static const sandbox::PolicyRequest nothing;
  const auto of_type = definition.type_policies.find(&node.type());
  return {&node.spec->defaults(definition), &definition.policy,
          of_type == definition.type_policies.end() ? &nothing : &of_type->second, &node.policy};
}

Result<Plan> make_plan(const Definition& definition) { return make_plan(definition.nodes, definition.file); }

Result<Plan> make_plan(std::span<const NodeDefinition> nodes, std::string_view file) {
  return make_plan(plan_nodes(nodes), file);
}

}  // namespace caisson::workflow
