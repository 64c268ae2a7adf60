// What rules do to nodes, on a simulated machine: time passes when nobody can go on.

#include "workflow/nested_runs.h"
#include "workflow/scheduler.h"
#include "workflow/testing/fake_runners.h"
#include "workflow/testing/simulated_workers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::workflow {
namespace {

using namespace std::chrono_literals;

NodeOutcome failed(Category category = Category::kUnavailable) {
  return {.error = Error{category, "test.failure", "no"}};
}

/// A node, its rules and what it does.
struct Work {
  using Function = std::function<NodeOutcome(const NodeInput&, const std::stop_token&)>;

  TestNode plan;
  NodeRules rules{};
  Function function{};  // nothing: puts its id behind its input
  bool chooses = false;
  bool wants_inputs = false;
};

class WorkRunner final : public NodeRunner {
 public:
  explicit WorkRunner(const Work& work) : work_(work) {}
  bool chooses() const noexcept override { return work_.chooses; }
  bool wants_inputs() const noexcept override { return work_.wants_inputs; }
  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    return work_.function ? work_.function(input, stop)
                          : NodeOutcome{.payload = Payload(std::string(input.payload.bytes()) + work_.plan.id)};
  }

 private:
  const Work& work_;
};

/// Nodes that can be run, as a whole or nested.
struct Graph {
  explicit Graph(std::vector<Work> nodes) : work(std::move(nodes)) {
    std::vector<TestNode> all;
    for (const Work& node : work) {
      all.push_back(node.plan);
      rules.push_back(node.rules);
      owned.push_back(std::make_unique<WorkRunner>(node));
      runners.push_back(owned.back().get());
    }
    plan = plan_of(all);
  }

  std::vector<Work> work;
  Plan plan = plan_of({});
  std::vector<NodeRules> rules;
  std::vector<std::unique_ptr<NodeRunner>> owned;
  std::vector<const NodeRunner*> runners;
};

/// Says when nodes began and ended, in milliseconds: `0+a 5a`; `!` failed, `?` will be tried again, `~` skipped, `-`
/// cancelled.
class Story final : public RunSink {
 public:
  void on_event(const RunEvent& event, const RunScope& scope) noexcept override {
    std::visit(
        [&]<typename E>(const E& e) {
          if constexpr (requires { e.node; }) {
            const std::string_view mark = std::is_same_v<E, NodeFailed>      ? "!"
                                          : std::is_same_v<E, NodeRetrying>  ? "?"
                                          : std::is_same_v<E, NodeSkipped>   ? "~"
                                          : std::is_same_v<E, NodeCancelled> ? "-"
                                                                             : "";
            text += fmt::format("{}{}{}{}{}", text.empty() ? "" : " ",
                                std::chrono::duration_cast<std::chrono::milliseconds>(e.at).count(),
                                std::is_same_v<E, NodeStarted> ? "+" : " ", scope.plan.id(e.node), mark);
          } else if constexpr (std::is_same_v<E, StrategySwitched>) {
            switches.emplace_back(e.to);
          }
        },
        event);
  }
  std::string text;
  std::vector<std::string> switches;
};

class SchedulerRules : public testing::Test {
 protected:
  RunRecord run(Graph& graph, std::size_t threads = 2) {
    workers_ = std::make_unique<SimulatedWorkers>(threads, 1, environment);
    options.rules = graph.rules;
    options.max_concurrency = threads;
    options.input = Payload(">");
    RunRecord record;
    EXPECT_TRUE(workers_->run([&] {
      record = workflow::run(graph.plan, graph.runners, options, *workers_, environment, &story);
    })) << "nothing can go on";
    EXPECT_TRUE(workers_->is_empty());
    return record;
  }

  /// Takes that long, and obeys a stop.
  Work::Function takes(std::chrono::nanoseconds time) {
    return [this, time](const NodeInput& input, const std::stop_token& stop) {
      return workers_->sleep(time, stop) ? NodeOutcome{.payload = input.payload} : failed(Category::kCancelled);
    };
  }
  /// Fails so often, then succeeds.
  static Work::Function fails(int times, Category category = Category::kUnavailable) {
    return [times, category, done = std::make_shared<int>(0)](const NodeInput& input, const std::stop_token&) {
      return ++*done <= times ? failed(category) : NodeOutcome{.payload = input.payload};
    };
  }
  static Work::Function nests(Graph& inner, NestedOptions with = {}) {
    return [&inner, with](const NodeInput& input, const std::stop_token&) {
      NestedOptions nested = with;
      nested.input = input.payload;
      nested.rules = inner.rules;
      RunRecord record = input.nested->run(inner.plan, inner.runners, nested);
      return record.error ? NodeOutcome{.error = std::move(record.error)}
                          : NodeOutcome{.payload = std::move(record.result)};
    };
  }

  base::FakeEnvironment environment;
  RunOptions options;
  Story story;
  std::unique_ptr<SimulatedWorkers> workers_;
};

class Answer final : public Guard {
 public:
  explicit Answer(Result<bool> answer) : answer_(std::move(answer)) {}
  Result<bool> holds(const NodeInput& /*input*/, const std::stop_token& /*stop*/) const override { return answer_; }

 private:
  Result<bool> answer_;
};

NodeRules tried(std::uint32_t attempts, Backoff backoff = Backoff::kFixed) {
  return {.retry = {.attempts = attempts, .backoff = backoff, .delay = 10ms, .longest = 25ms}};
}

TEST_F(SchedulerRules, ANodeIsTriedAgainAfterItsWaits) {
  Graph graph({{{"a"}, tried(5, Backoff::kExponential), fails(4)}});
  const RunRecord record = run(graph);
  EXPECT_EQ(story.text, "0+a 0 a? 10+a 10 a? 30+a 30 a? 55+a 55 a? 80+a 80 a");
  EXPECT_EQ(record.status, RunStatus::kSucceeded);
  EXPECT_EQ(record.nodes[0].attempts, 5U);
  EXPECT_EQ(record.totals.attempts, 5U);
}

TEST_F(SchedulerRules, TheLastAttemptThatFailsIsTheFailure) {
  Graph graph({{{"a"}, tried(2), fails(2)}});
  EXPECT_EQ(run(graph).nodes[0].error->reason, "test.failure");
  EXPECT_EQ(story.text, "0+a 0 a? 10+a 10 a!");
}

TEST_F(SchedulerRules, WhatIsDeniedIsNotTriedAgain) {
  Graph graph({{{"a"}, tried(3), fails(1, Category::kPermissionDenied)}});
  run(graph);
  EXPECT_EQ(story.text, "0+a 0 a!");
}

TEST_F(SchedulerRules, AWaitHoldsNoThreadAndNoPlace) {
  Graph graph({{{"a"}, {.retry = tried(2).retry, .groups = {0}}, fails(1)}, {{"b"}, {.groups = {0}}, takes(4ms)}});
  const std::vector<NodeGroup> groups{{1}};
  options.groups = groups;
  run(graph, 1);
  EXPECT_EQ(story.text, "0+a 0 a? 0+b 4 b 10+a 10 a");
}

TEST_F(SchedulerRules, AStopEndsAWait) {
  Graph graph({{{"a"}, {.retry = {.attempts = 2, .delay = 1h, .longest = 1h}}, fails(1)}, {{"b"}, {}, takes(5ms)}});
  graph.work[1].function = [this](const NodeInput&, const std::stop_token&) {
    workers_->sleep(5ms);
    return failed();
  };
  EXPECT_EQ(run(graph).status, RunStatus::kFailed);
  EXPECT_EQ(story.text.substr(story.text.find("5 b!")), "5 b! 5 a-");
}

TEST_F(SchedulerRules, AnAttemptThatTakesTooLongFails) {
  Graph graph({{{"a"}, {.retry = tried(2).retry, .timeout = 5ms}, takes(1h)}});
  const RunRecord record = run(graph);
  EXPECT_EQ(story.text, "0+a 5 a? 15+a 20 a!");
  EXPECT_EQ(record.nodes[0].error->reason, "workflow.timeout");
  EXPECT_EQ(record.nodes[0].error->category, Category::kDeadlineExceeded);
}

TEST_F(SchedulerRules, ARunThatTakesTooLongIsStopped) {
  Graph graph({{{"a"}, {}, takes(1h)}, {{"b", {"a"}}}});
  options.timeout = 7ms;
  const RunRecord record = run(graph);
  EXPECT_EQ(story.text, "0+a 7 a- 7 b-");
  EXPECT_EQ(record.status, RunStatus::kFailed);
  EXPECT_EQ(record.error->reason, "workflow.run_timeout");
}

TEST_F(SchedulerRules, AConditionDecidesWhetherANodeRuns) {
  Graph graph({{{"yes"}, {.when = std::make_shared<Answer>(true)}},
               {{"no"}, {.when = std::make_shared<Answer>(false)}},
               {{"join", {"yes", "no"}}, {}, {}, false, true},
               {{"alone", {"no"}}}});
  graph.work[2].function = [](const NodeInput& input, const std::stop_token&) {
    EXPECT_EQ(input.inputs[0].payload.bytes(), ">yes");
    EXPECT_EQ(input.inputs[1].payload, Payload("null", Payload::kJson));
    return NodeOutcome{.payload = input.payload};
  };
  const RunRecord record = run(graph);
  EXPECT_EQ(record.status, RunStatus::kSucceeded);
  EXPECT_EQ(record.nodes[1].cause, SkipCause::kCondition);
  EXPECT_EQ(record.nodes[2].payload->bytes(), ">yes");
  EXPECT_EQ(record.nodes[3].cause, SkipCause::kDependency);
  EXPECT_EQ(record.totals.skipped, 2U);
}

TEST_F(SchedulerRules, AConditionThatCannotBeToldFailsItsNodeAndIsNotTriedAgain) {
  const auto broken = std::make_shared<Answer>(Error{Category::kUnavailable, "test.broken", "no"});
  Graph graph({{{"a"}, {.when = broken, .retry = tried(3).retry}}});
  EXPECT_EQ(run(graph).nodes[0].error->reason, "test.broken");
  EXPECT_EQ(story.text, "0+a 0 a!");
}

TEST_F(SchedulerRules, AJoinRunsWhenOneBranchWasTaken) {
  Graph graph(
      {{{"choice"}, {}, {}, true}, {{"left", {"choice"}}}, {{"right", {"choice"}}}, {{"join", {"left", "right"}}}});
  graph.work[0].function = [](const NodeInput& input, const std::stop_token&) {
    return NodeOutcome{.payload = input.payload, .not_taken = {"left"}};
  };
  const RunRecord record = run(graph);
  EXPECT_EQ(record.nodes[1].cause, SkipCause::kBranch);
  EXPECT_EQ(record.nodes[1].because, 0U);
  EXPECT_EQ(record.nodes[3].payload->bytes(), ">rightjoin");
}

TEST_F(SchedulerRules, OfSeveralThatDidNotChooseANodeTheFirstInThePlanIsNamed) {
  for (const bool first_is_slow : {false, true}) {
    Graph graph({{{"a"}, {}, {}, true}, {{"b"}, {}, {}, true}, {{"c", {"a", "b"}}}});
    for (const std::size_t i : {0U, 1U}) {
      graph.work[i].function = [this, wait = (i == 0) == first_is_slow](const NodeInput& input,
                                                                        const std::stop_token&) {
        workers_->sleep(wait ? 5ms : 1ms);
        return NodeOutcome{.payload = input.payload, .not_taken = {"c"}};
      };
    }
    EXPECT_EQ(run(graph).nodes[2].because, 0U);
  }
}

TEST_F(SchedulerRules, AFailureThatDoesNotCountIsAnInput) {
  Graph graph({{{"a"}, {.failure_counts = false}, fails(1)}, {{"b", {"a"}}, {}, {}, false, true}});
  graph.work[1].function = [](const NodeInput& input, const std::stop_token&) {
    EXPECT_EQ(input.inputs[0].payload.bytes(), R"({"error":{"reason":"test.failure","message":"no"}})");
    return NodeOutcome{.payload = input.payload};
  };
  const RunRecord record = run(graph);
  EXPECT_EQ(record.status, RunStatus::kSucceeded);
  EXPECT_EQ(record.nodes[0].state, NodeState::kFailed);
  EXPECT_EQ(record.result->bytes(), ">");
}

TEST_F(SchedulerRules, AGroupLetsThroughAsManyAsItsLimitInTheirOrder) {
  std::vector<Work> nodes;
  for (const char* id : {"a", "b", "c", "d"}) {
    nodes.push_back({{id}, {.groups = {0}}, takes(10ms)});
  }
  nodes.push_back({{"free"}, {}, takes(1ms)});
  Graph graph(std::move(nodes));
  const std::vector<NodeGroup> groups{{1}};
  options.groups = groups;
  run(graph, 3);
  std::vector<std::string> begun;
  for (std::size_t at = story.text.find('+'); at != std::string::npos; at = story.text.find('+', at + 1)) {
    begun.push_back(story.text.substr(at + 1, story.text.find(' ', at) - at - 1));
  }
  EXPECT_EQ(environment.now() - base::FakeEnvironment().now(), 40ms) << story.text;
  std::erase(begun, "free");
  EXPECT_TRUE(std::ranges::is_sorted(begun)) << story.text;
}

TEST_F(SchedulerRules, TheHigherPriorityGoesFirst) {
  Graph graph(
      {{{"low"}, {.priority = -5}}, {{"normal"}}, {{"high"}, {.priority = 5}}, {{"long"}}, {{"tail", {"long"}}}});
  run(graph, 1);
  EXPECT_EQ(story.text, "0+high 0 high 0+long 0 long 0+normal 0 normal 0+tail 0 tail 0+low 0 low");
}

TEST_F(SchedulerRules, ARunHasOnlySoManySteps) {
  Graph graph({{{"a"}, tried(9), fails(9)}, {{"b"}, {}, takes(1h)}});
  options.max_steps = 3;
  const RunRecord record = run(graph);
  EXPECT_EQ(record.status, RunStatus::kFailed);
  EXPECT_EQ(record.error->reason, "workflow.too_many_steps");
  EXPECT_EQ(std::ranges::count(story.text, '+'), 3) << story.text;
}

TEST_F(SchedulerRules, OutputsAreLimitedEachAndTogether) {
  const auto gives = [](std::size_t bytes) {
    return [bytes](const NodeInput&, const std::stop_token&) {
      return NodeOutcome{.payload = Payload(std::string(bytes, 'x'))};
    };
  };
  Graph graph({{{"a"}, {}, gives(1000)},
               {{"b", {"a"}}, {}, gives(1001)},
               {{"c", {"a"}}, {}, gives(900)},
               {{"d", {"a"}}, {}, gives(255)}});
  options.max_payload_bytes = 1000;
  options.max_output_bytes = 1500;
  options.failure_strategy = FailureStrategy::kContinueOnError;
  const RunRecord record = run(graph, 1);
  EXPECT_EQ(record.nodes[0].state, NodeState::kSucceeded);
  EXPECT_EQ(record.nodes[1].error->reason, "workflow.payload_too_large");
  EXPECT_EQ(record.nodes[2].error->reason, "workflow.too_much_output");
  EXPECT_EQ(record.nodes[3].state, NodeState::kSucceeded);
}

TEST_F(SchedulerRules, NestedNodesShareTheConcurrencyOfTheRun) {
  std::size_t in_flight = 0;
  std::size_t most = 0;
  std::vector<Work> nodes;
  for (int i = 0; i < 8; ++i) {
    nodes.push_back({{fmt::format("n{}", i)}, {}, [&](const NodeInput& input, const std::stop_token&) {
                       most = std::max(most, ++in_flight);
                       workers_->sleep(5ms);
                       --in_flight;
                       return NodeOutcome{.payload = input.payload};
                     }});
  }
  Graph inner(nodes);
  Graph graph({{{"x"}, {}, nests(inner, {.max_concurrency = 8})}, {{"y"}, {}, nests(inner, {.max_concurrency = 8})}});
  EXPECT_EQ(run(graph, 3).status, RunStatus::kSucceeded);
  EXPECT_EQ(most, 3U);
}

TEST_F(SchedulerRules, RunsNestDeeplyOnOneThread) {
  std::vector<std::unique_ptr<Graph>> graphs;
  graphs.push_back(std::make_unique<Graph>(std::vector<Work>{{{"last"}, tried(2), fails(1)}}));
  for (int depth = 0; depth < 50; ++depth) {
    std::vector<Work> around{{{"a"}, {}, nests(*graphs.back())}, {{"b", {"a"}}}};
    graphs.push_back(std::make_unique<Graph>(std::move(around)));
  }
  const RunRecord record = run(*graphs.back(), 1);
  ASSERT_TRUE(record.result);
  EXPECT_EQ(record.result->bytes(), ">" + std::string(50, 'b'));
}

TEST_F(SchedulerRules, AStopReachesNestedNodes) {
  Graph inner({{{"long"}, {}, takes(1h)}, {{"after", {"long"}}}});
  Graph graph({{{"outer"}, {}, nests(inner)}});
  options.timeout = 3ms;
  const RunRecord record = run(graph);
  EXPECT_EQ(story.text, "0+outer 0+long 3 long- 3 after- 3 outer-");
  EXPECT_EQ(record.error->reason, "workflow.run_timeout");
}

TEST_F(SchedulerRules, AFailureInANestedRunEndsThatRunOnly) {
  Graph inner({{{"bad"}, {}, fails(1)}, {{"after", {"bad"}}}});
  Graph graph({{{"outer"}, {.failure_counts = false}, nests(inner)}, {{"next", {"outer"}}}});
  EXPECT_EQ(run(graph).status, RunStatus::kSucceeded);
  EXPECT_EQ(story.text, "0+outer 0+bad 0 bad! 0 after- 0 outer! 0+next 0 next");
}

/// Both threads wait in nested runs for a place that a node of the run itself was called to, which therefore cannot
/// come.
TEST_F(SchedulerRules, NestedNodesGoOnWhenTheRunItselfHasNoThreadForItsTurn) {
  Graph one({{{"one"}, {.groups = {0}}}});
  Graph two({{{"two"}, {.groups = {0}}}});
  Graph graph({{{"holder"}, {.groups = {0}}, takes(5ms)},
               {{"after", {"holder"}}, {}, nests(two)},
               {{"waits"}, {.priority = 1, .groups = {0}}, takes(5ms)},
               {{"nests"}, {}, nests(one)}});
  graph.rules[0].priority = 2;
  const std::vector<NodeGroup> groups{{1}};
  options.groups = groups;
  EXPECT_EQ(run(graph).status, RunStatus::kSucceeded);
}

TEST_F(SchedulerRules, HybridGoesByUrgencyWhileMuchOfUnequalWeightWaits) {
  std::vector<Work> nodes{{{"first"}}};
  for (int i = 0; i < 20; ++i) {
    nodes.push_back({{fmt::format("n{}", i), {"first"}}, {}, takes(1ms)});
  }
  std::string before = "first";
  for (int i = 0; i < 9; ++i) {
    nodes.push_back({{fmt::format("tail{}", i), {before}}, {}, takes(1ms)});
    before = fmt::format("tail{}", i);
  }
  options.strategy = Strategy::kHybrid;
  Graph graph(nodes);
  run(graph);
  EXPECT_EQ(story.switches, (std::vector<std::string>{"critical_path", "first_come"}));
  EXPECT_LE(environment.now() - base::FakeEnvironment().now(), 16ms);  // as a list by urgency: 29 nodes, 2 workers

  story.switches.clear();
  nodes.erase(nodes.begin() + 21, nodes.end());
  Graph equal(nodes);
  run(equal);
  EXPECT_TRUE(story.switches.empty());
}

TEST_F(SchedulerRules, AHintMakesHybridGoByUrgencyFromTheBeginning) {
  options.strategy = Strategy::kHybrid;
  options.hints.enable_critical_path_optimization = true;
  Graph graph({{{"first"}}, {{"short", {"first"}}}, {{"long", {"first"}}}, {{"tail", {"long"}}}});
  run(graph, 1);
  EXPECT_EQ(story.switches, std::vector<std::string>{"critical_path"});
  EXPECT_EQ(story.text, "0+first 0 first 0+long 0 long 0+short 0 short 0+tail 0 tail");
}

TEST_F(SchedulerRules, AHintMakesHybridEndABranchBeforeItBeginsTheNext) {
  options.strategy = Strategy::kHybrid;
  options.hints.optimize_for_memory = true;
  Graph graph({{{"first"}},
               {{"a", {"first"}}},
               {{"b", {"first"}}},
               {{"c", {"first"}}},
               {{"a2", {"a"}}},
               {{"b2", {"b"}}},
               {{"c2", {"c"}}}});
  run(graph, 1);
  EXPECT_EQ(story.text, "0+first 0 first 0+a 0 a 0+a2 0 a2 0+c 0 c 0+c2 0 c2 0+b 0 b 0+b2 0 b2");
}

}  // namespace
}  // namespace caisson::workflow
