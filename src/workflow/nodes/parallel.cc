#include "workflow/nodes/parallel.h"

#include "document/parse.h"
#include "document/print.h"
#include "language/program.h"
#include "workflow/internal/body_runs.h"
#include "workflow/internal/control_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;
using Wait = ParallelSpec::Wait;

constexpr std::array<std::string_view, 3> kWaits{"all", "any", "race"};

/// The maps as one, of equal names the last; nothing when one of them is no map.
std::optional<std::string> merged(const RunRecord& record) {
  Value out = Value::map();
  for (const NodeRecord& branch : record.nodes) {
    const auto value = document::parse_json(language::json_of(branch.payload.value_or(Payload())), "",
                                            {.bytes = 16U << 20, .values = 1'000'000, .scalar_bytes = 16U << 20});
    if (!value || value->as_map() == nullptr) {
      return std::nullopt;
    }
    for (const document::Entry& entry : *value->as_map()) {
      const auto old = std::ranges::find(*out.as_map(), entry.name, &document::Entry::name);
      if (old != out.as_map()->end()) {
        old->value = entry.value;
      } else {
        out.set(entry.name, entry.value);
      }
    }
  }
  return document::to_json(out);
}

class ParallelRunner final : public NodeRunner {
 public:
  ParallelRunner(const ParallelSpec& spec, std::string id, std::vector<BodyRuns> branches)
      : wait_(spec.wait),
        max_concurrency_(spec.max_concurrency == 0 ? branches.size() : spec.max_concurrency),
        merges_(spec.merges),
        id_(std::move(id)),
        branches_(std::move(branches)) {}

  [[nodiscard]] bool wants_inputs() const noexcept override { return true; }

  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    std::stop_source decided;  // also by the one who stops the run
    const std::stop_callback forward(stop, [&] { decided.request_stop(); });
    std::mutex mutex;
    std::optional<std::size_t> first;
    const auto each = [&](std::size_t i, const NodeInput& inner, const std::stop_token& inner_stop) {
      NodeInput outer = input;
      outer.nested = inner.nested;
      NodeOutcome out = body_outcome(i, outer, inner_stop);
      const bool decides = wait_ == Wait::kRace || (wait_ == Wait::kAny && !out.error);
      const bool stopped = out.error && out.error->category == Category::kCancelled && decided.stop_requested();
      if (decides && !stopped) {
        const std::scoped_lock lock(mutex);
        if (!first) {
          first = i;
          decided.request_stop();
        }
      }
      return out;
    };
    RunRecord record = run_each(
        input,
        {.scope = id_,
         .count = branches_.size(),
         .max_concurrency = max_concurrency_,
         .failure_strategy = wait_ == Wait::kAll ? FailureStrategy::kFailFast : FailureStrategy::kContinueOnError},
        decided.get_token(), each);
    return outcome_of(std::move(record), first);
  }

 private:
  NodeOutcome body_outcome(std::size_t i, const NodeInput& outer, const std::stop_token& stop) const {
    return branches_[i].run(outer, {.payload = outer.payload}, stop);
  }

  NodeOutcome outcome_of(RunRecord record, std::optional<std::size_t> first) const {
    NodeOutcome out;
    out.usage = std::move(record.totals.usage);
    out.metadata = Value::map({{"branches", static_cast<std::int64_t>(branches_.size())}});
    if (first) {
      const NodeRecord& winner = record.nodes[*first];
      out.metadata.set("first", static_cast<std::int64_t>(*first));
      out.payload = winner.payload;
      if (winner.error) {
        out.error = Error(*winner.error).with_context(fmt::format("branch {}", *first));
      }
      return out;
    }
    for (std::size_t i = 0; i < record.nodes.size() && !out.error; ++i) {
      if (const auto& error = record.nodes[i].error; record.nodes[i].state == NodeState::kFailed && error) {
        out.error = Error(*error).with_context(fmt::format("branch {}", i));
      }
    }
    if (!out.error && record.error) {
      out.error = std::move(record.error);
    }
    if (out.error) {
      return out;
    }
    ResultList list;
    for (const NodeRecord& branch : record.nodes) {
      if (Status added = list.add(branch.payload.value_or(Payload())); !added) {
        out.error = std::move(added).error();
        return out;
      }
    }
    const std::optional<std::string> one = merges_ ? merged(record) : std::nullopt;
    out.payload = Payload(one ? *one : list.json(), Payload::kJson);
    return out;
  }

  Wait wait_;
  std::size_t max_concurrency_;
  bool merges_;
  std::string id_;
  std::vector<BodyRuns> branches_;
};

constexpr std::array<std::string_view, 4> kFields{"branches", "wait", "max_concurrency", "merge_outputs"};

void read_branches(NodeReading& reading, ParallelSpec& spec) {
  if (reading.fields.find("branches") == nullptr) {
    reading.fields.missing("branches", "list the branches, each a list of nodes or of their ids");
    return;
  }
  const Value* list = reading.fields.list("branches");
  if (list == nullptr) {
    return;
  }
  if (list->as_list()->empty() || list->as_list()->size() > ParallelSpec::kMostBranches) {
    reading.problems.error(
        "workflow.bad_value",
        fmt::format("{}: there must be from 1 to {} branches", reading.fields.what(), ParallelSpec::kMostBranches),
        list->mark());
    return;
  }
  for (const Value& branch : *list->as_list()) {
    Value nodes = branch.as_list() != nullptr ? branch : Value::list({branch});  // one node alone
    nodes.set_mark(branch.mark());
    std::ranges::move(read_body(reading, nodes, {}), std::back_inserter(spec.nodes));
    spec.ends.push_back(spec.nodes.size());
  }
}

std::shared_ptr<const NodeSpec> read_parallel(NodeReading& reading) {
  auto spec = std::make_shared<ParallelSpec>();
  Fields& fields = reading.fields;
  read_branches(reading, *spec);
  if (const std::string* wait = fields.string("wait")) {
    const auto known = std::ranges::find(kWaits, *wait);
    if (known == kWaits.end()) {
      reading.problems.error(
          "workflow.bad_value",
          fmt::format("{}: wait must be 'all', 'any' or 'race', got '{}'", fields.what(), shown(*wait)),
          fields.find("wait")->mark());
    } else {
      spec->wait = static_cast<Wait>(known - kWaits.begin());
    }
  }
  spec->max_concurrency = static_cast<std::size_t>(
      fields.whole("max_concurrency", 1, static_cast<std::int64_t>(kMaxConcurrency)).value_or(0));
  spec->merges = reading.fields.flag("merge_outputs").value_or(true);
  return spec;
}

}  // namespace

const NodeType kParallelType{.name = "parallel",
                             .fields = kFields,
                             .options = {},
                             .runs = NodeType::Runs::kInSandbox,
                             .data = NodeType::Data::kValues,
                             .contains = NodeType::Contains::kNodes,
                             .shape = {"[\\", "\\]", "parallelogram"},
                             .read = read_parallel};

bool ParallelSpec::equals(const NodeSpec& other) const {
  const auto& that = static_cast<const ParallelSpec&>(other);
  return nodes == that.nodes && ends == that.ends && wait == that.wait && max_concurrency == that.max_concurrency &&
         merges == that.merges;
}

Result<std::unique_ptr<NodeRunner>> ParallelSpec::open(const NodeDefinition& node, NodeSetup& setup) const {
  std::vector<BodyRuns> branches;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    CAISSON_TRY(BodyRuns branch, BodyRuns::open(std::span(nodes).subspan(begin, end - begin), setup));
    branches.push_back(std::move(branch));
    begin = end;
  }
  return std::unique_ptr<NodeRunner>(std::make_unique<ParallelRunner>(*this, node.id, std::move(branches)));
}

}  // namespace caisson::workflow
