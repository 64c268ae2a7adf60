#include "workflow/nodes/recursive.h"

#include "document/print.h"
#include "language/program.h"
#include "workflow/internal/body_runs.h"
#include "workflow/internal/control_fields.h"
#include "workflow/internal/node_expression.h"
#include "workflow/nodes/loop.h"
#include "workflow/nodes/workflow.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

constexpr std::string_view kResult = "result";

class RecursiveRunner final : public NodeRunner {
 public:
  RecursiveRunner(const RecursiveSpec& spec, const Expression& converged, std::string id, NodeExpressions expressions,
                  BodyRuns body)
      : converged_(converged),
        max_iterations_(spec.max_iterations),
        context_key_(spec.context_key),
        id_(std::move(id)),
        expressions_(std::move(expressions)),
        body_(std::move(body)) {}

  [[nodiscard]] bool wants_inputs() const noexcept override { return true; }

  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    NodeOutcome out;
    out.usage.emplace();
    std::size_t count = 0;
    Payload last = input.payload;
    ResultList all;
    const auto converged = run_rounds(input, stop, *out.usage, count, last, all);
    out.metadata = Value::map({{"iterations", static_cast<std::int64_t>(count)}});
    if (!converged) {
      out.error = converged.error();
      return out;
    }
    out.payload = Payload(
        fmt::format(R"({{"result":{},"iterations":{},"converged":{}}})", language::json_of(last), count, *converged),
        Payload::kJson);
    return out;
  }

 private:
  /// Whether the condition held at the end.
  Result<bool> run_rounds(const NodeInput& input, const std::stop_token& stop, sandbox::Usage& usage,
                          std::size_t& count, Payload& last, ResultList& all) const {
    NodeInput outer = input;
    outer.inputs.clear();  // what this node waits for is none of the other workflow's
    while (count < max_iterations_) {
      const Payload index(fmt::format("{}", count), Payload::kJson);
      std::vector<NamedPayload> names{{kIndexName, index}};
      if (context_key_) {
        names.push_back({*context_key_, Payload(all.json(), Payload::kJson)});
      }
      NodeOutcome outcome = body_.run(
          outer, {.scope = fmt::format("{}[{}]", id_, count), .payload = last, .names = std::move(names)}, stop);
      if (outcome.usage) {
        add_usage(usage, *outcome.usage);
      }
      if (outcome.error) {
        return std::move(*outcome.error).with_context(fmt::format("iteration {}", count));
      }
      ++count;
      last = outcome.payload.value_or(Payload());
      if (context_key_) {
        CAISSON_CHECK(all.add(last));
      }
      NodeInput seen = input;
      const std::array<NamedPayload, 2> more{NamedPayload{kResult, last}, NamedPayload{kIndexName, index}};
      seen.inputs.insert(seen.inputs.begin(), more.begin(), more.end());
      Evaluation evaluation = expressions_.evaluate(converged_, seen, ExpressionUse::kTruth, stop);
      if (evaluation.usage) {
        add_usage(usage, *evaluation.usage);
      }
      if (evaluation.error) {
        return *std::move(evaluation.error);
      }
      if (evaluation.truth) {
        return true;
      }
    }
    return false;
  }

  Expression converged_;
  std::size_t max_iterations_;
  std::optional<std::string> context_key_;
  std::string id_;
  NodeExpressions expressions_;
  BodyRuns body_;
};

constexpr std::array<std::string_view, 9> kFields{"recursive_sources", "convergence_condition", "max_iterations",
                                                  "agent_package",     "workflow_ref",          "file",
                                                  "preserve_context",  "context_key",           "name"};

std::shared_ptr<const NodeSpec> read_recursive(NodeReading& reading) {
  auto spec = std::make_shared<RecursiveSpec>();
  Fields& fields = reading.fields;
  const Value* agent = fields.find("agent_package");
  const bool has_workflow =
      fields.find("workflow_ref") != nullptr || fields.find("file") != nullptr || fields.find("name") != nullptr;
  if (agent != nullptr && has_workflow) {
    reading.problems.error("workflow.bad_value",
                           fmt::format("{}: write exactly one of 'agent_package' and 'workflow_ref'", fields.what()),
                           agent->mark());
  } else if (agent != nullptr) {
    reading.problems.error("workflow.unimplemented",
                           fmt::format("{}: agent_package is not in this version; use workflow_ref", fields.what()),
                           agent->mark());
  } else {
    spec->reference = read_workflow_reference(reading);
  }
  spec->sources = read_ids(reading, "recursive_sources");
  for (const Dependency& source : spec->sources) {
    auto& waits_for = reading.node.depends_on;
    if (std::ranges::find(waits_for, source) == waits_for.end()) {
      waits_for.push_back(source);
    }
  }
  if (fields.find("convergence_condition") == nullptr) {
    fields.missing("convergence_condition", "say when it is done: `convergence_condition: result.score >= 0.9`");
  }
  constexpr std::array<std::string_view, 2> kNames{kResult, kIndexName};
  spec->converged = read_expression(reading, "convergence_condition", kNames);
  spec->max_iterations = static_cast<std::size_t>(
      fields.whole("max_iterations", 1, static_cast<std::int64_t>(RecursiveSpec::kMostIterations))
          .value_or(RecursiveSpec::kStandardIterations));
  const std::string key = read_variable(reading, "context_key", "context");
  if (reading.fields.flag("preserve_context").value_or(true)) {
    spec->context_key = key;
  }
  return spec;
}

}  // namespace

const NodeType kRecursiveType{.name = "recursive",
                              .fields = kFields,
                              .options = {},
                              .runs = NodeType::Runs::kInSandbox,
                              .data = NodeType::Data::kValues,
                              .contains = NodeType::Contains::kNodes,
                              .shape = {"[/", "\\]", "parallelogram"},
                              .read = read_recursive};

bool RecursiveSpec::equals(const NodeSpec& other) const {
  const auto& that = static_cast<const RecursiveSpec&>(other);
  return reference == that.reference && sources == that.sources && converged == that.converged &&
         max_iterations == that.max_iterations && context_key == that.context_key;
}

const sandbox::PolicyRequest& RecursiveSpec::defaults(const Definition& /*definition*/) const {
  return loop_defaults();
}

Status RecursiveSpec::check(const NodeDefinition& node, NodeSetup& setup) const {
  const auto workflow = setup.workflow(reference, node);
  return workflow ? Status() : Status(workflow.error());
}

Result<std::unique_ptr<NodeRunner>> RecursiveSpec::open(const NodeDefinition& node, NodeSetup& setup) const {
  if (!converged) {
    return Error{Category::kInternal, "workflow.no_runner", "the node was read without its convergence_condition"};
  }
  CAISSON_TRY(SubWorkflow workflow, setup.workflow(reference, node));
  CAISSON_TRY(NodeExpressions expressions, NodeExpressions::open(node, setup));
  return std::unique_ptr<NodeRunner>(std::make_unique<RecursiveRunner>(
      *this, *converged, node.id, std::move(expressions), BodyRuns(std::move(workflow))));
}

}  // namespace caisson::workflow
