#include "workflow/nodes/map.h"

#include "document/print.h"
#include "workflow/internal/body_runs.h"
#include "workflow/internal/control_fields.h"
#include "workflow/nodes/loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

/// Several items as one payload.
Result<std::vector<Payload>> in_chunks(std::vector<Payload> items, std::size_t size) {
  if (size == 0) {
    return items;
  }
  std::vector<Payload> out;
  for (std::size_t i = 0; i < items.size(); i += size) {
    ResultList list;
    for (std::size_t j = i; j < std::min(items.size(), i + size); ++j) {
      CAISSON_CHECK(list.add(items[j]));
    }
    out.emplace_back(list.json(), Payload::kJson);
  }
  return out;
}

Payload error_as_payload(const Error& error) {
  return Payload(
      document::to_json(Value::map({{"error", Value::map({{"reason", error.reason}, {"message", error.message}})}})),
      Payload::kJson);
}

class MapRunner final : public NodeRunner {
 public:
  MapRunner(const MapSpec& spec, std::string id, NodeExpressions expressions, BodyRuns body)
      : items_(spec.items),
        item_var_(spec.item_var),
        concurrency_(spec.concurrency == 0 ? kMaxConcurrency : spec.concurrency),
        chunk_(spec.chunk),
        attempts_(spec.item_attempts),
        keeps_errors_(spec.keeps_errors),
        id_(std::move(id)),
        expressions_(std::move(expressions)),
        body_(std::move(body)) {}

  [[nodiscard]] bool wants_inputs() const noexcept override { return true; }

  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    NodeOutcome out;
    sandbox::Usage usage;
    if (Status done = run_items(input, stop, usage, out); !done) {
      out.error = std::move(done).error();
    }
    out.usage = std::move(usage);
    return out;
  }

 private:
  Status run_items(const NodeInput& input, const std::stop_token& stop, sandbox::Usage& usage, NodeOutcome& out) const {
    CAISSON_TRY(std::vector<Payload> whole, items_of(items_, expressions_, input, stop, usage));
    CAISSON_TRY(const std::vector<Payload> items, in_chunks(std::move(whole), chunk_));
    RetryRule retry;
    retry.attempts = attempts_;
    const EachOptions options{
        .scope = id_,
        .count = items.size(),
        .max_concurrency = concurrency_,
        .failure_strategy = keeps_errors_ ? FailureStrategy::kContinueOnError : FailureStrategy::kFailFast,
        .retry = retry};
    RunRecord record;
    if (!items.empty()) {
      record = run_each(input, options, stop,
                        [&](std::size_t index, const NodeInput& inner, const std::stop_token& inner_stop) {
                          return run_item(items, index, input, inner, inner_stop);
                        });
      add_usage(usage, record.totals.usage);
    }
    ResultList results;
    std::int64_t failed = 0;
    for (std::size_t i = 0; i < record.nodes.size(); ++i) {
      const NodeRecord& item = record.nodes[i];
      if (item.error && !keeps_errors_) {
        return Error(*item.error).with_context(fmt::format("item {}", i));
      }
      failed += item.error ? 1 : 0;
      CAISSON_CHECK(results.add(item.error ? error_as_payload(*item.error) : item.payload.value_or(Payload())));
    }
    const bool whole_list = record.nodes.size() == items.size() && record.status != RunStatus::kCancelled;
    if (record.error && (!keeps_errors_ || !whole_list)) {
      return *std::move(record.error);
    }
    out.payload = Payload(results.json(), Payload::kJson);
    out.metadata = Value::map({{"items", static_cast<std::int64_t>(items.size())}, {"failed", failed}});
    return {};
  }

  NodeOutcome run_item(const std::vector<Payload>& items, std::size_t index, const NodeInput& outer,
                       const NodeInput& inner, const std::stop_token& stop) const {
    NodeInput input = outer;
    input.nested = inner.nested;
    return body_.run(
        input,
        {.payload = items[index],
         .names = {{item_var_, items[index]}, {kIndexName, Payload(fmt::format("{}", index), Payload::kJson)}}},
        stop);
  }

  ItemSource items_;
  std::string item_var_;
  std::size_t concurrency_;
  std::size_t chunk_;
  std::uint32_t attempts_;
  bool keeps_errors_;
  std::string id_;
  NodeExpressions expressions_;
  BodyRuns body_;
};

constexpr std::array<std::string_view, 8> kFields{"items", "items_source", "item_var",     "body",
                                                  "chunk", "concurrency",  "item_retries", "item_errors"};

std::shared_ptr<const NodeSpec> read_map(NodeReading& reading) {
  auto spec = std::make_shared<MapSpec>();
  Fields& fields = reading.fields;
  spec->items = read_items(reading);
  spec->item_var = read_variable(reading, "item_var", spec->item_var);
  spec->concurrency =
      static_cast<std::size_t>(fields.whole("concurrency", 1, static_cast<std::int64_t>(kMaxConcurrency)).value_or(0));
  spec->chunk = static_cast<std::size_t>(fields.whole("chunk", 1, static_cast<std::int64_t>(kMostItems)).value_or(0));
  spec->item_attempts =
      1 + static_cast<std::uint32_t>(fields.whole("item_retries", 0, RetryRule::kMostAttempts - 1).value_or(0));
  if (const std::string* word = fields.string("item_errors")) {
    spec->keeps_errors = *word == "keep";
    if (*word != "keep" && *word != "fail") {
      reading.problems.error(
          "workflow.bad_value",
          fmt::format("{}: item_errors must be 'fail' or 'keep', got '{}'", fields.what(), shown(*word)),
          fields.find("item_errors")->mark());
    }
  }
  spec->nodes = read_required_body(reading, {spec->item_var, std::string(kIndexName)});
  return spec;
}

}  // namespace

const NodeType kMapType{.name = "map",
                        .fields = kFields,
                        .options = {},
                        .runs = NodeType::Runs::kInSandbox,
                        .data = NodeType::Data::kValues,
                        .contains = NodeType::Contains::kNodes,
                        .shape = {"[/", "/]", "parallelogram"},
                        .read = read_map};

bool MapSpec::equals(const NodeSpec& other) const {
  const auto& that = static_cast<const MapSpec&>(other);
  return items == that.items && item_var == that.item_var && nodes == that.nodes && concurrency == that.concurrency &&
         chunk == that.chunk && item_attempts == that.item_attempts && keeps_errors == that.keeps_errors;
}

const sandbox::PolicyRequest& MapSpec::defaults(const Definition& /*definition*/) const { return loop_defaults(); }

Result<std::unique_ptr<NodeRunner>> MapSpec::open(const NodeDefinition& node, NodeSetup& setup) const {
  CAISSON_TRY(NodeExpressions expressions, NodeExpressions::open(node, setup));
  CAISSON_TRY(BodyRuns runs, BodyRuns::open(nodes, setup));
  return std::unique_ptr<NodeRunner>(
      std::make_unique<MapRunner>(*this, node.id, std::move(expressions), std::move(runs)));
}

}  // namespace caisson::workflow
