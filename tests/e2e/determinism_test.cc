// One definition, local and sandboxed nodes in several ranks, run again and again under both strategies and at several
// concurrencies, every node after a random delay: every run has to give the same bytes.

#include "base/testing/campaign.h"
#include "document/print.h"
#include "runtime/machinery.h"
#include "runtime/runners.h"
#include "workflow/definition.h"
#include "workflow/plan.h"
#include "workflow/scheduler.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace caisson {
namespace {

constexpr std::string_view kInput = "Caisson keeps the water out";
constexpr std::size_t kMostNodesAtOnce = 8;

/// Thirteen nodes in five ranks; three roots, four sandboxed nodes, three that analyse, one of which fails.
constexpr std::string_view kDefinition = R"(
failure_strategy: best_effort
processors:
  - {id: upper, type: local, processor: change_text_case_upper}
  - {id: lower, type: local, processor: change_text_case_lower}
  - {id: sealed, type: wasm, module: wasm_components/hello.wasm}
  - {id: reverse, type: local, processor: reverse_text, depends_on: [upper]}
  - {id: sealed_upper, type: wasm, module: wasm_components/appender_c.wasm, depends_on: [upper]}
  - {id: count, type: local, processor: token_counter, depends_on: [lower], options: {count_type: words}}
  - {id: frequency, type: local, processor: word_frequency_analyzer, depends_on: [lower, sealed]}
  - {id: broken, type: wasm, module: wasm_components/always_fails.wasm, depends_on: [lower]}
  - {id: wrap, type: local, processor: prefix_suffix_adder, depends_on: [reverse, sealed_upper],
     options: {prefix: "<", suffix: ">"}}
  - {id: title, type: local, processor: change_text_case_title, depends_on: [count, frequency]}
  - {id: after_broken, type: local, processor: reverse_text, depends_on: [broken]}
  - {id: sealed_late, type: wasm, module: wasm_components/appender_c.wasm, depends_on: [wrap, title]}
  - {id: last, type: local, processor: prefix_suffix_adder, depends_on: [sealed_late, frequency],
     options: {prefix: "[", suffix: "]"}}
)";

/// Works for a random while without sleeping, and lets others run meanwhile.
void delay(std::minstd_rand& random) {
  const auto turns = random() % 24;
  for (std::uint_fast32_t turn = 0; turn < turns; ++turn) {
    for (std::uint_fast32_t spin = random() % 400; spin > 0; --spin) {
      std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    std::this_thread::yield();
  }
}

/// How many nodes of a run are being run, and the most there were at once.
struct InFlight {
  std::atomic<int> now{0};
  std::atomic<int> most{0};

  void enter() {
    const int mine = ++now;
    for (int seen = most; mine > seen && !most.compare_exchange_weak(seen, mine);) {
    }
  }
  void leave() { --now; }
};

/// A node of the definition, with a random delay before and after it.
class DelayedRunner final : public workflow::NodeRunner {
 public:
  DelayedRunner(const workflow::NodeRunner& inner, InFlight& in_flight, unsigned seed)
      : inner_(inner), in_flight_(in_flight), seed_(seed) {}

  workflow::NodeOutcome run(const workflow::NodeInput& input, const std::stop_token& stop) const override {
    std::minstd_rand random(seed_);
    in_flight_.enter();
    delay(random);
    workflow::NodeOutcome outcome = inner_.run(input, stop);
    delay(random);
    in_flight_.leave();
    return outcome;
  }

 private:
  const workflow::NodeRunner& inner_;
  InFlight& in_flight_;
  const unsigned seed_;
};

/// Everything in a record that must not depend on timing, as text.
std::string fingerprint(const workflow::RunRecord& record) {
  std::string out = fmt::format("{} {}\n", workflow::to_string(record.status),
                                record.result ? record.result->bytes() : std::string_view("nothing"));
  for (const workflow::NodeRecord& node : record.nodes) {
    out += fmt::format("{} {} {} {} {}\n", workflow::to_string(node.state),
                       node.payload ? node.payload->bytes() : std::string_view("nothing"),
                       node.payload ? node.payload->media_type() : std::string_view(), document::to_json(node.metadata),
                       node.error ? node.error->reason + ": " + node.error->message : std::string());
  }
  return out;
}

/// The definition with everything that runs it.
class Workshop {
 public:
  Workshop()
      : machinery_({.cache_folder = "", .compile = CompileMode::kHere, .threads = kMostNodesAtOnce},
                   base::make_environment()),
        definition_(workflow::read_definition(kDefinition, CAISSON_SOURCE_DIR "/examples/determinism.yaml").value()),
        plan_(workflow::make_plan(definition_).value()),
        prepared_(runtime::prepare_run(definition_, policies(definition_), {}, "a run", machinery_).value()) {}

  /// What a sandbox may have where nobody says anything.
  static runtime::Policies policies(const workflow::Definition& definition) {
    runtime::Policies out;
    workflow::for_each_node(definition.nodes, [&](const workflow::NodeDefinition& node) { out[node.id]; });
    return out;
  }

  [[nodiscard]] workflow::RunRecord run(workflow::Strategy strategy, std::size_t concurrency, unsigned seed,
                                        InFlight& in_flight) {
    std::vector<std::unique_ptr<DelayedRunner>> delayed;
    std::vector<const workflow::NodeRunner*> borrowed;
    for (const workflow::NodeRunner* runner : prepared_.section->runners) {
      delayed.push_back(
          std::make_unique<DelayedRunner>(*runner, in_flight, seed * 31 + static_cast<unsigned>(delayed.size())));
      borrowed.push_back(delayed.back().get());
    }
    workflow::RunOptions options;
    options.strategy = strategy;
    options.failure_strategy = definition_.failure_strategy;
    options.max_concurrency = concurrency;
    options.input = Payload(std::string(kInput));
    return workflow::run(plan_, borrowed, options, machinery_.pool(kMostNodesAtOnce), machinery_.environment());
  }

 private:
  runtime::Machinery machinery_;
  const workflow::Definition definition_;
  const workflow::Plan plan_;
  const runtime::PreparedRun prepared_;
};

TEST(Determinism, RandomDelaysStrategyAndConcurrencyDoNotChangeAByte) {
  Workshop workshop;
  InFlight alone;
  const workflow::RunRecord first = workshop.run(workflow::Strategy::kWorkQueue, 1, 0, alone);
  ASSERT_EQ(first.status, workflow::RunStatus::kSucceeded) << (first.error ? first.error->message : "");
  ASSERT_EQ(first.totals.failed, 1U);
  ASSERT_EQ(first.totals.skipped, 1U);
  // Two texts reach `sealed_late`, of `wrap` and of `title`; of equally deep nodes the smaller id wins (ADR 0005).
  ASSERT_EQ(first.result, Payload("[Caisson Keeps the Water Out-wasm]"));
  const std::string expected = fingerprint(first);

  // Every round is a run under each of the six settings.
  const auto rounds = static_cast<unsigned>(base::testing::campaign("determinism_runs"));
  unsigned overlapping = 0;
  for (unsigned round = 1; round <= rounds; ++round) {
    bool overlapped = true;
    for (const auto strategy : {workflow::Strategy::kWorkQueue, workflow::Strategy::kLevel}) {
      for (const std::size_t concurrency : {std::size_t{1}, std::size_t{2}, kMostNodesAtOnce}) {
        InFlight in_flight;
        const workflow::RunRecord record = workshop.run(strategy, concurrency, round, in_flight);
        ASSERT_EQ(fingerprint(record), expected)
            << "round " << round << ", " << workflow::to_string(strategy) << ", concurrency " << concurrency;
        ASSERT_LE(in_flight.most, static_cast<int>(concurrency)) << "more nodes ran at once than were allowed";
        if (concurrency == kMostNodesAtOnce) {
          overlapped = overlapped && in_flight.most >= 2;
        }
      }
    }
    overlapping += overlapped ? 1 : 0;
  }
  // A scheduler that runs one node at a time would pass everything above.
  EXPECT_GE(overlapping, rounds - rounds / 10) << "of " << rounds << " rounds";
  RecordProperty("overlapping", static_cast<int>(overlapping));
}

}  // namespace
}  // namespace caisson
