#include "workflow/internal/body_runs.h"

#include "document/print.h"
#include "language/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace caisson::workflow {

namespace {

Error no_nested_runs() {
  return {Category::kInternal, "workflow.no_runner", "the run that this node is part of runs no nodes inside of nodes"};
}

class EachRunner final : public NodeRunner {
 public:
  using Each = std::function<NodeOutcome(std::size_t, const NodeInput&, const std::stop_token&)>;
  EachRunner(std::size_t index, const Each& each) : index_(index), each_(each) {}

  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    return each_(index_, input, stop);
  }

 private:
  std::size_t index_;
  const Each& each_;
};

/// `nearer`, and of `others` those with other names.
std::vector<NamedPayload> together(const std::vector<NamedPayload>& nearer, const std::vector<NamedPayload>& others) {
  std::vector<NamedPayload> out = nearer;
  std::ranges::copy_if(others, std::back_inserter(out), [&](const NamedPayload& other) {
    return std::ranges::find(nearer, other.name, &NamedPayload::name) == nearer.end();
  });
  return out;
}

}  // namespace

Result<BodyRuns> BodyRuns::open(std::span<const NodeDefinition> body, NodeSetup& setup) {
  CAISSON_TRY(std::unique_ptr<Section> section, setup.section(body));
  return BodyRuns(SubWorkflow{.section = std::move(section), .max_concurrency = kMaxConcurrency});
}

BodyRuns::BodyRuns(SubWorkflow workflow) : body_(std::move(workflow)) {}

NodeOutcome BodyRuns::run(const NodeInput& outer, const BodyInput& input, const std::stop_token& stop) const {
  NodeOutcome out;
  if (outer.nested == nullptr) {
    out.error = no_nested_runs();
    return out;
  }
  const NestedOptions options{.scope = input.scope,
                              .input = input.payload,
                              .inputs = together(input.names, outer.inputs),
                              .strategy = body_.strategy,
                              .failure_strategy = body_.failure_strategy,
                              .max_concurrency = body_.max_concurrency,
                              .rules = body_.section->rules,
                              .stop = stop};
  RunRecord record = outer.nested->run(body_.section->plan, body_.section->runners, options);
  out.usage = std::move(record.totals.usage);
  out.error = std::move(record.error);
  if (out.error && out.error->reason == "workflow.node_failed") {  // the one that did says why
    const std::vector<NodeIndex> failed = failed_nodes(body_.section->plan, record);
    if (!failed.empty() && record.nodes[failed.front()].error) {
      out.error->reason = record.nodes[failed.front()].error->reason;
    }
  }
  out.payload = std::move(record.result);
  return out;
}

RunRecord run_each(const NodeInput& outer, const EachOptions& options, const std::stop_token& stop,
                   const std::function<NodeOutcome(std::size_t, const NodeInput&, const std::stop_token&)>& each) {
  std::vector<std::string> ids;
  std::vector<PlanNode> nodes;
  std::vector<std::unique_ptr<EachRunner>> runners;
  std::vector<const NodeRunner*> borrowed;
  ids.reserve(options.count);
  for (std::size_t i = 0; i < options.count; ++i) {
    ids.push_back(fmt::format("[{}]", i));
    nodes.push_back({ids.back(), {}, Intent::kTransform, {}});
    runners.push_back(std::make_unique<EachRunner>(i, each));
    borrowed.push_back(runners.back().get());
  }
  RunRecord failed;
  if (outer.nested == nullptr) {
    failed.error = no_nested_runs();
    return failed;
  }
  const Result<Plan> plan = make_plan(nodes, "");
  if (!plan) {
    failed.error = plan.error();
    return failed;
  }
  NodeRules rule;
  rule.retry = options.retry;
  const std::vector<NodeRules> rules(options.count, rule);
  return outer.nested->run(*plan, borrowed,
                           {.scope = options.scope,
                            .input = outer.payload,
                            .failure_strategy = options.failure_strategy,
                            .max_concurrency = std::max<std::size_t>(1, options.max_concurrency),
                            .rules = rules,
                            .stop = stop});
}

Status ResultList::add(const Payload& payload) {
  const std::string json = language::json_of(payload);
  if (text_.size() + json.size() + 2 > kMostBytes) {
    return Error{Category::kResourceExhausted, "workflow.result_too_large",
                 fmt::format("all results together are more than {} MiB; let the body give less", kMostBytes >> 20)};
  }
  text_ += text_.size() > 1 ? "," : "";
  text_ += json;
  return {};
}

Payload payload_of(const document::Value& value) {
  if (const std::string* text = value.as_string()) {
    return Payload(*text);
  }
  return Payload(document::to_json(value), Payload::kJson);
}

}  // namespace caisson::workflow
