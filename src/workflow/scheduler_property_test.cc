#include "workflow/scheduler.h"

#include "base/testing/campaign.h"
#include "base/testing/fake_environment.h"
#include "workflow/testing/fake_runners.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace caisson::workflow {
namespace {

constexpr std::array kStrategies{Strategy::kWorkQueue, Strategy::kLevel, Strategy::kReactive, Strategy::kHybrid};

/// How many random graphs each property is tried on.
std::int64_t graphs() { return base::testing::campaign("random_graphs"); }

struct Case {
  std::vector<TestNode> nodes;
  std::set<NodeIndex> failing;
};

/// Up to 60 nodes in a mixed order, some of which analyze, and some fail.
Case random_case(std::mt19937& random, bool with_failures) {
  Case out;
  const std::size_t count = 2 + random() % 59;
  std::vector<std::size_t> place(count);
  for (std::size_t i = 0; i < count; ++i) {
    place[i] = i;
  }
  std::ranges::shuffle(place, random);
  out.nodes.resize(count);
  const std::size_t density = 2 + random() % 12;
  for (std::size_t i = 0; i < count; ++i) {
    TestNode& node = out.nodes[place[i]];
    node.id = fmt::format("n{}", random() % 1000 * 100 + i);
    node.intent = random() % 3 == 0 ? Intent::kAnalyze : Intent::kTransform;
    for (std::size_t d = 0; d < i; ++d) {
      if (random() % (density + i - d) == 0) {
        node.depends_on.push_back(out.nodes[place[d]].id);
      }
    }
    if (with_failures && random() % 8 == 0) {
      out.failing.insert(static_cast<NodeIndex>(place[i]));
    }
  }
  return out;
}

/// What the input and everything done to it make; two different histories never give the same text.
std::string worked(std::string_view id, std::string_view input) {
  return fmt::format("{}({:x})", id, std::hash<std::string_view>()(input));
}

/// Works for a random while, without sleeping.
void delay(std::minstd_rand& random) {
  const auto spins = random() % 3000;
  for (std::uint_fast32_t i = 0; i < spins; ++i) {
    if (i % 512 == 0) {
      std::this_thread::yield();
    }
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
}

class Runners {
 public:
  Runners(const Plan& plan, const Case& c, unsigned seed) {
    for (NodeIndex i = 0; i < plan.size(); ++i) {
      own_.push_back(
          std::make_unique<FunctionRunner>([this, id = std::string(plan.id(i)), fails = c.failing.contains(i), seed, i](
                                               const NodeInput& input, const std::stop_token&) {
            if (++in_flight_ > 1) {
              overlapped_ = true;
            }
            std::minstd_rand random(seed + i);
            delay(random);
            --in_flight_;
            if (fails) {
              return NodeOutcome{.error = Error{Category::kGuestFault, "test.failure", id + " fails"}};
            }
            return NodeOutcome{.payload = Payload(worked(id, input.payload.bytes())),
                               .metadata = document::Value::map({{"by", id}})};
          }));
      list.push_back(own_.back().get());
    }
  }

  [[nodiscard]] bool overlapped() const { return overlapped_; }

  std::vector<const NodeRunner*> list;

 private:
  std::vector<std::unique_ptr<FunctionRunner>> own_;
  std::atomic<int> in_flight_{0};
  std::atomic<bool> overlapped_{false};
};

/// The rules, said another way and without a scheduler: what becomes of each node when failures stop only what depends
/// on them.
RunRecord expected(const Plan& plan, const Case& c, const RunOptions& options) {
  std::vector<RunEvent> events{
      RunStarted{options.strategy, options.failure_strategy, options.max_concurrency, options.input, options.context}};
  std::vector<std::set<NodeIndex>> before(plan.size());
  std::vector<std::string> outputs(plan.size());
  std::vector<std::size_t> position(plan.size());
  std::vector<RunEvent> skipped;
  for (std::size_t at = 0; at < plan.size(); ++at) {
    const NodeIndex node = plan.order()[at];
    position[node] = at;
    for (const NodeIndex d : plan.dependencies(node)) {
      before[node].insert(d);
      before[node].insert(before[d].begin(), before[d].end());
    }
    std::optional<NodeIndex> because;
    std::optional<NodeIndex> source;
    for (const NodeIndex a : before[node]) {
      // A failing node whose own ancestor fails is skipped, and so is not the reason.
      const bool fails =
          c.failing.contains(a) && std::ranges::none_of(before[a], [&](NodeIndex b) { return c.failing.contains(b); });
      if (fails && (!because || position[a] < position[*because])) {
        because = a;
      }
      if (plan.intent(a) == Intent::kTransform && (!source || plan.outranks(a, *source))) {
        source = a;
      }
    }
    if (because) {
      skipped.emplace_back(NodeSkipped{node, {}, *because});
      continue;
    }
    events.emplace_back(NodeStarted{node, {}});
    const std::string id(plan.id(node));
    if (c.failing.contains(node)) {
      events.emplace_back(NodeFailed{node, {}, Error{Category::kGuestFault, "test.failure", id + " fails"}});
    } else {
      outputs[node] = worked(id, source ? outputs[*source] : options.input.bytes());
      events.emplace_back(
          NodeSucceeded{node, {}, Payload(outputs[node]), document::Value::map({{"by", id}}), std::nullopt});
    }
  }
  events.insert(events.end(), skipped.begin(), skipped.end());
  events.emplace_back(RunFinished{});
  return fold(plan, events);
}

TEST(SchedulerProperty, TheRecordDoesNotDependOnStrategyConcurrencyOrTiming) {
  std::mt19937 random(7);
  const base::FakeEnvironment environment;
  base::ThreadPool pool({.threads = 8});
  for (std::int64_t graph = 0, all = graphs(); graph < all; ++graph) {
    const Case c = random_case(random, graph % 2 == 1);
    const Plan plan = plan_of(c.nodes);
    for (const FailureStrategy failure : {FailureStrategy::kContinueOnError, FailureStrategy::kBestEffort}) {
      for (const Strategy strategy : kStrategies) {
        for (const std::size_t concurrency : {1U, 2U, 8U}) {
          const RunOptions options{.strategy = strategy,
                                   .failure_strategy = failure,
                                   .max_concurrency = concurrency,
                                   .input = Payload("in")};
          const Runners runners(plan, c, static_cast<unsigned>(random()));
          RunRecord record = run(plan, runners.list, options, pool, environment);
          record.switches.clear();  // of hybrid: these are timing
          ASSERT_EQ(record, expected(plan, c, options)) << "graph " << graph << ", concurrency " << concurrency;
        }
      }
    }
  }
}

TEST(SchedulerProperty, FailFastEndsWithEveryNodeAccountedFor) {
  std::mt19937 random(8);
  const base::FakeEnvironment environment;
  base::ThreadPool pool({.threads = 8});
  for (std::int64_t graph = 0, all = graphs(); graph < all; ++graph) {
    const Case c = random_case(random, true);
    const Plan plan = plan_of(c.nodes);
    for (const Strategy strategy : kStrategies) {
      for (const std::size_t concurrency : {1U, 2U, 8U}) {
        RunOptions options{.strategy = strategy, .max_concurrency = concurrency, .input = Payload("in")};
        const Runners runners(plan, c, static_cast<unsigned>(random()));
        const RunRecord record = run(plan, runners.list, options, pool, environment);
        options.failure_strategy = FailureStrategy::kContinueOnError;
        const RunRecord rest = expected(plan, c, options);
        ASSERT_EQ(record.status, c.failing.empty() ? RunStatus::kSucceeded : RunStatus::kFailed);
        ASSERT_LE(record.totals.failed, concurrency);
        ASSERT_EQ(record.totals.skipped, 0U);
        ASSERT_EQ(record.totals.succeeded + record.totals.failed + record.totals.cancelled, plan.size());
        for (NodeIndex node = 0; node < plan.size(); ++node) {
          const NodeRecord& is = record.nodes[node];
          if (is.state != NodeState::kCancelled) {  // what ran did what it does in any run
            ASSERT_EQ(is, rest.nodes[node]);
          } else {
            ASSERT_EQ(is.started, std::nullopt);
          }
        }
      }
    }
  }
}

TEST(SchedulerProperty, NodesOverlapAtConcurrencyEight) {
  std::mt19937 random(9);
  const base::FakeEnvironment environment;
  base::ThreadPool pool({.threads = 8});
  int overlapped = 0;
  for (std::int64_t graph = 0, all = graphs(); graph < all; ++graph) {
    Case c = random_case(random, false);
    for (std::size_t extra = 0; extra < 16; ++extra) {  // every graph has something to run at the same time
      c.nodes.push_back({fmt::format("extra{}", extra)});
    }
    const Plan plan = plan_of(c.nodes);
    const Runners runners(plan, c, static_cast<unsigned>(random()));
    EXPECT_EQ(run(plan, runners.list, {.max_concurrency = 8}, pool, environment).status, RunStatus::kSucceeded);
    overlapped += runners.overlapped() ? 1 : 0;
    const Runners alone(plan, c, static_cast<unsigned>(random()));
    EXPECT_EQ(run(plan, alone.list, {.max_concurrency = 1}, pool, environment).status, RunStatus::kSucceeded);
    EXPECT_FALSE(alone.overlapped());
  }
  EXPECT_GE(overlapped, graphs() * 9 / 10);
}

}  // namespace
}  // namespace caisson::workflow
