#include "workflow/nodes/loop.h"

#include "document/print.h"
#include "sandbox/limit_table.h"
#include "workflow/internal/body_runs.h"
#include "workflow/internal/control_fields.h"
#include "workflow/internal/time_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

class LoopRunner final : public NodeRunner {
 public:
  LoopRunner(const LoopSpec& spec, std::string id, NodeExpressions expressions, BodyRuns body)
      : items_(spec.items),
        while_holds_(spec.while_holds),
        item_var_(spec.item_var),
        max_iterations_(spec.max_iterations),
        max_duration_(spec.max_duration),
        parallel_(spec.parallel),
        id_(std::move(id)),
        expressions_(std::move(expressions)),
        body_(std::move(body)) {}

  [[nodiscard]] bool wants_inputs() const noexcept override { return true; }

  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    NodeOutcome out;
    Rounds rounds;
    sandbox::Usage usage;
    std::optional<TimeLimit> limit;
    if (max_duration_ && input.nested != nullptr) {
      limit.emplace(input.nested->timer(), *max_duration_, stop);
    }
    Status done = run_rounds(input, limit ? limit->token() : stop, usage, rounds);
    if (!done && limit && limit->caused(done.error())) {
      rounds.stopped_by = "max_duration";
      done = {};
    }
    out.usage = std::move(usage);
    out.metadata = Value::map(
        {{"iterations", static_cast<std::int64_t>(rounds.count)}, {"stopped_by", std::string(rounds.stopped_by)}});
    if (!done) {
      out.error = done.error();
      return out;
    }
    out.payload = Payload(fmt::format(R"({{"results":{},"iterations":{},"stopped_by":"{}"}})", rounds.results.json(),
                                      rounds.count, rounds.stopped_by),
                          Payload::kJson);
    return out;
  }

 private:
  struct Rounds {
    ResultList results;
    std::size_t count = 0;
    std::string_view stopped_by = "failure";
  };

  [[nodiscard]] std::size_t most() const { return max_iterations_.value_or(LoopSpec::kStandardIterations); }

  Status run_rounds(const NodeInput& input, const std::stop_token& stop, sandbox::Usage& usage, Rounds& rounds) const {
    std::optional<std::vector<Payload>> items;
    if (items_) {
      CAISSON_TRY(items, items_of(*items_, expressions_, input, stop, usage));
    }
    if (items && parallel_ > 1) {
      return run_together(input, *items, stop, usage, rounds);
    }
    Payload last("null", Payload::kJson);
    for (;; ++rounds.count) {
      if (items && rounds.count == items->size()) {
        rounds.stopped_by = "items";
        return {};
      }
      const Payload payload = items ? (*items)[rounds.count] : rounds.count == 0 ? input.payload : last;
      const Payload index(fmt::format("{}", rounds.count), Payload::kJson);
      std::vector<NamedPayload> names{{kIndexName, index}, {kLastName, last}};
      if (items) {
        names.push_back({item_var_, payload});
      }
      if (while_holds_) {
        CAISSON_TRY(const bool again, holds(*while_holds_, input, names, stop, usage));
        if (!again) {
          rounds.stopped_by = "while";
          return {};
        }
      }
      if (rounds.count == most()) {
        rounds.stopped_by = "max_iterations";
        return max_iterations_ ? Status() : Status(endless());
      }
      NodeOutcome outcome = body_.run(
          input, {.scope = fmt::format("{}[{}]", id_, rounds.count), .payload = payload, .names = std::move(names)},
          stop);
      if (outcome.usage) {
        add_usage(usage, *outcome.usage);
      }
      if (outcome.error) {
        return std::move(*outcome.error).with_context(fmt::format("iteration {}", rounds.count));
      }
      last = outcome.payload.value_or(Payload());
      CAISSON_CHECK(rounds.results.add(last));
    }
  }

  Result<bool> holds(const Expression& expression, const NodeInput& input, const std::vector<NamedPayload>& names,
                     const std::stop_token& stop, sandbox::Usage& usage) const {
    NodeInput seen = input;
    seen.inputs.insert(seen.inputs.begin(), names.begin(), names.end());
    Evaluation evaluation = expressions_.evaluate(expression, seen, ExpressionUse::kTruth, stop);
    if (evaluation.usage) {
      add_usage(usage, *evaluation.usage);
    }
    if (evaluation.error) {
      return *std::move(evaluation.error);
    }
    return evaluation.truth;
  }

  Status run_together(const NodeInput& input, const std::vector<Payload>& items, const std::stop_token& stop,
                      sandbox::Usage& usage, Rounds& rounds) const {
    if (items.size() > most() && !max_iterations_) {
      return endless();
    }
    const std::size_t count = std::min(items.size(), most());
    rounds.stopped_by = count == items.size() ? "items" : "max_iterations";
    if (count == 0) {
      return {};
    }
    RunRecord record =
        run_each(input, {.scope = id_, .count = count, .max_concurrency = parallel_}, stop,
                 [&](std::size_t i, const NodeInput& inner, const std::stop_token& inner_stop) {
                   NodeInput outer = input;
                   outer.nested = inner.nested;
                   return body_.run(
                       outer,
                       {.payload = items[i],
                        .names = {{kIndexName, Payload(fmt::format("{}", i), Payload::kJson)}, {item_var_, items[i]}}},
                       inner_stop);
                 });
    add_usage(usage, record.totals.usage);
    for (std::size_t i = 0; i < record.nodes.size(); ++i) {
      if (const auto& error = record.nodes[i].error) {
        return Error(*error).with_context(fmt::format("iteration {}", i));
      }
    }
    for (const NodeRecord& round : record.nodes) {
      const bool ended = round.state == NodeState::kSucceeded;
      CAISSON_CHECK(rounds.results.add(ended ? round.payload.value_or(Payload()) : Payload("null", Payload::kJson)));
      rounds.count += ended ? 1 : 0;
    }
    return record.error ? Status(*std::move(record.error)) : Status();
  }

  static Error endless() {
    return {Category::kResourceExhausted, "workflow.loop_limit",
            fmt::format("the loop went round {} times and was not done; `max_iterations: N` lets it go on, up to {}",
                        LoopSpec::kStandardIterations, LoopSpec::kMostIterations)};
  }

  std::optional<ItemSource> items_;
  std::optional<Expression> while_holds_;
  std::string item_var_;
  std::optional<std::size_t> max_iterations_;
  std::optional<std::chrono::nanoseconds> max_duration_;
  std::size_t parallel_;
  std::string id_;
  NodeExpressions expressions_;
  BodyRuns body_;
};

constexpr std::array<std::string_view, 8> kFields{"items", "items_source",   "item_var",     "body",
                                                  "while", "max_iterations", "max_duration", "parallel"};

std::size_t read_parallel(NodeReading& reading) {
  const Value* value = reading.fields.find("parallel");
  if (value != nullptr && value->as_bool() != nullptr) {
    return *value->as_bool() ? kMaxConcurrency : 1;
  }
  return static_cast<std::size_t>(
      reading.fields.whole("parallel", 1, static_cast<std::int64_t>(kMaxConcurrency)).value_or(1));
}

std::shared_ptr<const NodeSpec> read_loop(NodeReading& reading) {
  auto spec = std::make_shared<LoopSpec>();
  Fields& fields = reading.fields;
  const auto refuse = [&](std::string_view name, std::string_view why) {
    reading.problems.error("workflow.bad_value", fmt::format("{}: {}", fields.what(), why), fields.find(name)->mark());
  };
  const bool has_items = fields.find("items") != nullptr || fields.find("items_source") != nullptr;
  const bool has_while = fields.find("while") != nullptr;
  if (has_items || !has_while) {
    spec->items = read_items(reading);
  }
  spec->item_var = read_variable(reading, "item_var", spec->item_var);
  std::vector<std::string_view> names{kIndexName, kLastName};
  if (spec->items) {
    names.push_back(spec->item_var);
  }
  spec->while_holds = read_expression(reading, "while", names);
  if (const auto most = fields.whole("max_iterations", 1, static_cast<std::int64_t>(LoopSpec::kMostIterations))) {
    spec->max_iterations = static_cast<std::size_t>(*most);
  }
  spec->max_duration = reading.fields.duration("max_duration", std::chrono::nanoseconds(1));
  spec->parallel = read_parallel(reading);
  if (spec->parallel > 1 && has_while) {
    refuse("while", "a parallel loop cannot have 'while': its rounds do not come one after the other");
  }
  std::vector<std::string> known{std::string(kIndexName)};
  if (spec->parallel == 1) {
    known.emplace_back(kLastName);
  }
  if (spec->items) {
    known.push_back(spec->item_var);
  }
  spec->nodes = read_required_body(reading, std::move(known));
  return spec;
}

}  // namespace

const NodeType kLoopType{.name = "loop",
                         .fields = kFields,
                         .options = {},
                         .runs = NodeType::Runs::kInSandbox,
                         .data = NodeType::Data::kValues,
                         .contains = NodeType::Contains::kNodes,
                         .shape = {"[/", "\\]", "parallelogram"},
                         .read = read_loop};

bool LoopSpec::equals(const NodeSpec& other) const {
  const auto& that = static_cast<const LoopSpec&>(other);
  return items == that.items && while_holds == that.while_holds && item_var == that.item_var && nodes == that.nodes &&
         max_iterations == that.max_iterations && max_duration == that.max_duration && parallel == that.parallel;
}

const sandbox::PolicyRequest& LoopSpec::defaults(const Definition& /*definition*/) const { return loop_defaults(); }

Result<std::unique_ptr<NodeRunner>> LoopSpec::open(const NodeDefinition& node, NodeSetup& setup) const {
  CAISSON_TRY(NodeExpressions expressions, NodeExpressions::open(node, setup));
  CAISSON_TRY(BodyRuns runs, BodyRuns::open(nodes, setup));
  return std::unique_ptr<NodeRunner>(
      std::make_unique<LoopRunner>(*this, node.id, std::move(expressions), std::move(runs)));
}

const sandbox::PolicyRequest& loop_defaults() {
  static const sandbox::PolicyRequest defaults = [] {
    sandbox::PolicyRequest out = expression_defaults();
    const auto minute = static_cast<std::uint64_t>(std::chrono::nanoseconds(std::chrono::seconds(60)).count());
    out.set(*sandbox::find_limit("memory"), 64ULL << 20, {});
    out.set(*sandbox::find_limit("cpu"), minute, {});
    out.set(*sandbox::find_limit("timeout"), minute, {});
    return out;
  }();
  return defaults;
}

}  // namespace caisson::workflow
