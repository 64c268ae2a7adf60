// Which events a run tells, and what their fold makes of them.

#include "workflow/run_events.h"

#include "base/testing/fake_environment.h"
#include "base/thread_pool.h"
#include "workflow/event_json.h"
#include "workflow/internal/body_runs.h"
#include "workflow/scheduler.h"
#include "workflow/testing/fake_runners.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace caisson::workflow {
namespace {

using std::chrono::milliseconds;

/// `started a`, `each[1]: succeeded x`: the events of nodes and the names of the others.
class Recorder final : public RunSink {
 public:
  void on_event(const RunEvent& event, const RunScope& scope) noexcept override {
    std::string line = scope.path.empty() ? "" : fmt::format("{}: ", scope.path);
    line += event_name(event);
    std::visit(
        [&](const auto& e) {
          if constexpr (requires { e.node; }) {
            line += fmt::format(" {}", scope.plan.id(e.node));
          }
          if constexpr (requires { e.attempt; }) {
            line += e.attempt > 1 ? fmt::format(" {}", e.attempt) : "";
          }
        },
        event);
    lines.push_back(std::move(line));
    has_record = has_record || scope.record != nullptr;
    if (scope.path.empty()) {
      outermost.push_back(event);
    }
  }

  [[nodiscard]] std::size_t index(std::string_view line) const {
    return static_cast<std::size_t>(std::ranges::find(lines, line) - lines.begin());
  }
  [[nodiscard]] bool has(std::string_view line) const { return index(line) < lines.size(); }

  std::vector<std::string> lines;
  std::vector<RunEvent> outermost;
  bool has_record = false;
};

class RunEvents : public ::testing::Test {
 protected:
  RunRecord run(const Plan& plan, std::span<const NodeRunner* const> runners, const RunOptions& options) {
    return workflow::run(plan, runners, options, pool_, environment_, &sink);
  }

  Recorder sink;

 private:
  base::ThreadPool pool_{{.threads = 4}};
  base::FakeEnvironment environment_;
};

/// Fails as `unavailable` so many times; each attempt uses a millisecond and ten bytes of fuel.
class Flaky final : public NodeRunner {
 public:
  explicit Flaky(int failures) : left_(failures) {}

  NodeOutcome run(const NodeInput& input, const std::stop_token& /*stop*/) const override {
    NodeOutcome out;
    out.usage = sandbox::Usage{.wall = milliseconds(1), .fuel = 10, .memory_bytes = 100};
    if (left_-- > 0) {
      out.error = Error{Category::kUnavailable, "test.busy", "busy"};
    } else {
      out.payload = input.payload;
    }
    return out;
  }

 private:
  mutable std::atomic<int> left_;
};

NodeRules tried_again(std::uint32_t attempts) {
  NodeRules rules;
  rules.retry = {.attempts = attempts, .backoff = Backoff::kFixed, .delay = milliseconds(1)};
  return rules;
}

TEST_F(RunEvents, EveryAttemptIsToldAndItsUsageCounts) {
  const Plan plan = plan_of({{"a"}});
  const Flaky flaky(2);
  const std::vector<const NodeRunner*> runners{&flaky};
  const std::vector<NodeRules> rules{tried_again(3)};
  const RunRecord record = run(plan, runners, {.rules = rules});
  EXPECT_EQ(sink.lines,
            (std::vector<std::string>{"run.started", "node.started a", "node.retrying a", "node.started a 2",
                                      "node.retrying a 2", "node.started a 3", "node.succeeded a 3", "run.finished"}));
  EXPECT_EQ(record.status, RunStatus::kSucceeded);
  EXPECT_EQ(record.nodes[0].attempts, 3U);
  EXPECT_EQ(record.nodes[0].usage->fuel, 30U);
  EXPECT_EQ(record.totals.attempts, 3U);
  EXPECT_EQ(record.totals.usage.wall, milliseconds(3));
  EXPECT_EQ(record.totals.usage.memory_bytes, 100U);
  EXPECT_EQ(fold(plan, sink.outermost), record);
  EXPECT_TRUE(sink.has_record);
}

TEST_F(RunEvents, UsageOfAttemptsCountsInANodeThatFails) {
  const Plan plan = plan_of({{"a"}});
  const Flaky flaky(5);
  const std::vector<const NodeRunner*> runners{&flaky};
  const std::vector<NodeRules> rules{tried_again(2)};
  const RunRecord record = run(plan, runners, {.rules = rules});
  EXPECT_EQ(record.status, RunStatus::kFailed);
  EXPECT_EQ(record.totals.usage.fuel, 20U);
  EXPECT_TRUE(sink.has("node.failed a 2"));
}

TEST_F(RunEvents, ALevelBeginsBeforeItsNodesAndAfterTheLastOnes) {
  const Plan plan = plan_of({{"a"}, {"b"}, {"c", {"a"}}});
  const EchoRunner echo;
  const std::vector<const NodeRunner*> runners(plan.size(), &echo);
  const RunRecord record = run(plan, runners, {.strategy = Strategy::kLevel, .max_concurrency = 2});
  ASSERT_EQ(std::ranges::count(sink.lines, "level.started"), 2);
  EXPECT_EQ(sink.index("level.started"), 1U);
  const auto second = std::find(sink.lines.begin() + 2, sink.lines.end(), "level.started") - sink.lines.begin();
  EXPECT_LT(sink.index("node.succeeded a"), second);
  EXPECT_LT(sink.index("node.succeeded b"), second);
  EXPECT_GT(sink.index("node.started c"), second);
  EXPECT_EQ(fold(plan, sink.outermost), record);
}

TEST_F(RunEvents, ANodeThatFindsNoPlaceInItsGroupWaits) {
  const Plan plan = plan_of({{"a"}, {"b"}});
  std::atomic<bool> waits{false};
  // The first of the two holds the only place until the other stands in line, which the stream tells.
  const FunctionRunner slow([&](const NodeInput& input, const std::stop_token&) {
    while (!waits) {
      std::this_thread::yield();
    }
    return NodeOutcome{.payload = input.payload};
  });
  const std::vector<const NodeRunner*> runners(plan.size(), &slow);
  NodeRules rule;
  rule.groups = {0};
  const std::vector<NodeRules> rules(plan.size(), rule);
  const std::vector<NodeGroup> groups{{1, "key db"}};

  class Watch final : public RunSink {
   public:
    Watch(Recorder& recorder, std::atomic<bool>& waits) : recorder_(recorder), waits_(waits) {}
    void on_event(const RunEvent& event, const RunScope& scope) noexcept override {
      recorder_.on_event(event, scope);
      waits_ = waits_ || std::holds_alternative<NodeWaiting>(event);
    }

   private:
    Recorder& recorder_;
    std::atomic<bool>& waits_;
  } watch(sink, waits);
  base::ThreadPool pool({.threads = 2});
  const base::FakeEnvironment environment;
  const RunRecord record =
      workflow::run(plan, runners, {.max_concurrency = 2, .groups = groups, .rules = rules}, pool, environment, &watch);
  EXPECT_EQ(record.status, RunStatus::kSucceeded);
  const std::string waiting = sink.has("node.waiting a") ? "a" : "b";
  EXPECT_LT(sink.index("node.waiting " + waiting), sink.index("node.started " + waiting));
  EXPECT_EQ(std::ranges::count_if(sink.lines, [](const auto& l) { return l.starts_with("node.waiting"); }), 1);
}

TEST_F(RunEvents, NestedRunsHaveTheirScopeAndAreNotInTheOuterFold) {
  const Plan plan = plan_of({{"each"}});
  const Plan body = plan_of({{"x"}});
  const EchoRunner echo;
  const std::vector<const NodeRunner*> inner{&echo};
  const FunctionRunner each([&](const NodeInput& input, const std::stop_token& stop) {
    RunRecord record = run_each(input, {.scope = "each", .count = 2, .max_concurrency = 2}, stop,
                                [&](std::size_t, const NodeInput& item, const std::stop_token&) {
                                  RunRecord one = item.nested->run(body, inner, {.input = item.payload});
                                  return NodeOutcome{.payload = one.result};
                                });
    return NodeOutcome{.error = record.error, .payload = record.result};
  });
  const std::vector<const NodeRunner*> runners{&each};
  const RunRecord record = run(plan, runners, {.max_concurrency = 2});
  EXPECT_EQ(record.status, RunStatus::kSucceeded);
  EXPECT_EQ(record.totals.started, 1U);
  for (const char* line :
       {"each: run.started", "each: node.started [1]", "each[0]: run.started", "each[0]: node.started x",
        "each[1]: node.succeeded x", "each[1]: run.finished", "node.succeeded each"}) {
    EXPECT_TRUE(sink.has(line)) << line;
  }
  EXPECT_EQ(fold(plan, sink.outermost), record);
}

TEST_F(RunEvents, TheFirstChangesOfStrategyAreKept) {
  const Plan plan = plan_of({{"a"}});
  RunRecord record = empty_record(plan);
  for (std::size_t i = 0; i < kKeptSwitches + 5; ++i) {
    apply(plan, record, StrategySwitched{milliseconds(i), "first_come", "why"});
  }
  EXPECT_EQ(record.switches.size(), kKeptSwitches);
  EXPECT_EQ(record.switches.front().at, milliseconds(0));
}

TEST_F(RunEvents, ANodeThatWasStoppedBetweenAttemptsKeepsWhatItUsed) {
  const Plan plan = plan_of({{"a"}});
  RunRecord record = empty_record(plan);
  const sandbox::Usage used{.fuel = 7};
  const SandboxDetails said{.exit_code = 3};
  apply(plan, record, NodeStarted{});
  apply(plan, record, NodeRetrying{.usage = used, .details = said});
  apply(plan, record, NodeCancelled{});
  EXPECT_EQ(record.nodes[0].state, NodeState::kCancelled);
  EXPECT_EQ(record.nodes[0].usage, used);
  EXPECT_EQ(record.nodes[0].details, said);
}

}  // namespace
}  // namespace caisson::workflow
