#include "workflow/scheduler.h"

#include "base/testing/fake_environment.h"
#include "workflow/testing/fake_runners.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace caisson::workflow {
namespace {

/// Keeps the events of a run, and says them in short: `+a` started, `a` succeeded, `a!` failed, `a~` skipped, `a-`
/// cancelled.
class Recorder final : public RunSink {
 public:
  explicit Recorder(const Plan& plan) : plan_(plan) {}
  void on_event(const RunEvent& event, const RunScope& /*scope*/) noexcept override { events.push_back(event); }

  [[nodiscard]] std::string story() const {
    std::string out;
    for (const RunEvent& event : events) {
      const auto add = [&](NodeIndex node, std::string_view before, std::string_view after) {
        out += fmt::format("{}{}{}{}", out.empty() ? "" : " ", before, plan_.id(node), after);
      };
      if (const auto* started = std::get_if<NodeStarted>(&event)) {
        add(started->node, "+", "");
      } else if (const auto* succeeded = std::get_if<NodeSucceeded>(&event)) {
        add(succeeded->node, "", "");
      } else if (const auto* failed = std::get_if<NodeFailed>(&event)) {
        add(failed->node, "", "!");
      } else if (const auto* skipped = std::get_if<NodeSkipped>(&event)) {
        add(skipped->node, "", "~");
      } else if (const auto* cancelled = std::get_if<NodeCancelled>(&event)) {
        add(cancelled->node, "", "-");
      }
    }
    return out;
  }

  std::vector<RunEvent> events;

 private:
  const Plan& plan_;
};

/// A plan, runners, and a pool. A node without a runner of its own puts its id behind its input.
class Bench {
 public:
  explicit Bench(const std::vector<TestNode>& nodes, std::size_t threads = 8)
      : plan(plan_of(nodes)), sink(plan), pool_({.threads = threads}) {
    for (const TestNode& node : nodes) {
      set(node.id, [id = node.id](const NodeInput& input, const std::stop_token&) {
        return NodeOutcome{.payload = Payload(std::string(input.payload.bytes()) + id)};
      });
    }
    options.input = Payload(">");
  }

  void set(const std::string& id, FunctionRunner::Function function) {
    runners_[id] = std::make_unique<FunctionRunner>(std::move(function));
  }
  void fail(const std::string& id) { runners_[id] = std::make_unique<FailingRunner>(); }
  void remove(const std::string& id) { runners_[id].reset(); }

  RunRecord run() {
    std::vector<const NodeRunner*> runners;
    for (NodeIndex i = 0; i < plan.size(); ++i) {
      runners.push_back(runners_[std::string(plan.id(i))].get());
    }
    return workflow::run(plan, runners, options, pool_, environment, &sink);
  }

  [[nodiscard]] NodeIndex index(std::string_view id) const {
    for (NodeIndex i = 0; i < plan.size(); ++i) {
      if (plan.id(i) == id) {
        return i;
      }
    }
    throw std::out_of_range(std::string(id));
  }

  Plan plan;
  RunOptions options;
  Recorder sink;
  base::FakeEnvironment environment;

 private:
  base::ThreadPool pool_;
  std::map<std::string, std::unique_ptr<NodeRunner>> runners_;
};

void wait_for(const std::atomic<bool>& flag) {
  while (!flag) {
    std::this_thread::yield();
  }
}

std::string output(const RunRecord& record, NodeIndex node) {
  const auto& payload = record.nodes[node].payload;
  return payload ? std::string(payload->bytes()) : "(none)";
}

/// Every test of this group runs with every strategy and several concurrencies.
class EveryStrategy : public testing::TestWithParam<std::tuple<Strategy, std::size_t>> {
 protected:
  void configure(RunOptions& options) const {
    options.strategy = std::get<0>(GetParam());
    options.max_concurrency = std::get<1>(GetParam());
  }
};
INSTANTIATE_TEST_SUITE_P(Scheduler, EveryStrategy,
                         testing::Combine(testing::Values(Strategy::kWorkQueue, Strategy::kLevel, Strategy::kReactive,
                                                          Strategy::kHybrid),
                                          testing::Values(1U, 2U, 8U)),
                         [](const auto& chosen) {
                           return fmt::format("{}_{}", to_string(std::get<0>(chosen.param)), std::get<1>(chosen.param));
                         });

TEST_P(EveryStrategy, PayloadsFollowTheTransformNodes) {
  Bench bench({{"a"}, {"b", {"a"}, Intent::kAnalyze}, {"c", {"a"}, Intent::kAnalyze}, {"d", {"b", "c"}}});
  configure(bench.options);
  const RunRecord record = bench.run();
  EXPECT_EQ(record.status, RunStatus::kSucceeded);
  EXPECT_EQ(output(record, 1), ">ab");
  EXPECT_EQ(output(record, 2), ">ac");
  EXPECT_EQ(output(record, 3), ">ad");
  ASSERT_TRUE(record.result);
  EXPECT_EQ(record.result->bytes(), ">ad");
  EXPECT_EQ(record.error, std::nullopt);
  EXPECT_EQ(record.totals.started, 4U);
  EXPECT_EQ(record.totals.succeeded, 4U);
}

TEST_P(EveryStrategy, TheRecordIsTheFoldOfItsEvents) {
  Bench bench({{"a"}, {"b", {"a"}}, {"c", {"a"}}, {"d", {"b"}}, {"e", {"c"}}});
  configure(bench.options);
  bench.options.failure_strategy = FailureStrategy::kBestEffort;
  bench.options.context = document::Value::map({{"config_file", "x.yaml"}});
  bench.fail("c");
  bench.set("b", [&](const NodeInput&, const std::stop_token&) {
    bench.environment.advance(std::chrono::milliseconds(5));
    return NodeOutcome{.payload = Payload("B"),
                       .metadata = document::Value::map({{"k", 1}}),
                       .usage = sandbox::Usage{.fuel = 7, .memory_bytes = 100}};
  });
  const RunRecord record = bench.run();
  EXPECT_EQ(fold(bench.plan, bench.sink.events), record);
  EXPECT_EQ(record.duration, std::chrono::milliseconds(5));
  EXPECT_EQ(record.totals.usage.fuel, 7U);
  EXPECT_EQ(record.nodes[1].finished, std::chrono::milliseconds(5));
}

TEST_P(EveryStrategy, FailFastCancelsWhatHasNotStarted) {
  Bench bench({{"a"}, {"b", {"a"}}, {"c", {"b"}}, {"d", {"c"}}});
  configure(bench.options);
  bench.fail("b");
  const RunRecord record = bench.run();
  EXPECT_EQ(bench.sink.story(), "+a a +b b! c- d-");
  EXPECT_EQ(record.status, RunStatus::kFailed);
  EXPECT_EQ(record.result, std::nullopt);
  ASSERT_TRUE(record.error);
  EXPECT_EQ(record.error->reason, "workflow.node_failed");
  EXPECT_EQ(record.error->category, Category::kInternal);
  EXPECT_EQ(record.error->message, "node 'b' failed: Simulated processor failure");
  EXPECT_EQ(record.totals.started, 2U);
  EXPECT_EQ(record.totals.cancelled, 2U);
}

TEST_P(EveryStrategy, ContinueOnErrorFinishesWhatDoesNotDependOnTheFailure) {
  Bench bench({{"a"},
               {"bad", {"a"}},
               {"good", {"a"}},
               {"after_bad", {"bad"}},
               {"end", {"after_bad", "good"}},
               {"fine", {"good"}}});
  configure(bench.options);
  bench.options.failure_strategy = FailureStrategy::kContinueOnError;
  bench.fail("bad");
  const RunRecord record = bench.run();
  EXPECT_EQ(record.status, RunStatus::kFailed);
  EXPECT_EQ(record.result, std::nullopt);
  EXPECT_EQ(output(record, bench.index("fine")), ">agoodfine");
  for (const char* skipped : {"after_bad", "end"}) {
    const NodeRecord& node = record.nodes[bench.index(skipped)];
    EXPECT_EQ(node.state, NodeState::kSkipped) << skipped;
    EXPECT_EQ(node.because, bench.index("bad")) << skipped;
    EXPECT_EQ(node.started, std::nullopt) << skipped;
  }
  EXPECT_EQ(record.error->reason, "workflow.node_failed");
}

TEST_P(EveryStrategy, ContinueOnErrorListsEveryFailureAndASkippedNodeNamesTheFirst) {
  Bench bench({{"late"}, {"z", {"late"}}, {"early"}, {"join", {"z", "early"}}});
  configure(bench.options);
  bench.options.failure_strategy = FailureStrategy::kContinueOnError;
  bench.fail("z");
  bench.fail("early");
  const RunRecord record = bench.run();
  EXPECT_EQ(record.error->reason, "workflow.multiple_failed");
  EXPECT_EQ(record.error->message,
            "2 nodes failed: 'early': Simulated processor failure; 'z': Simulated processor failure");
  EXPECT_EQ(record.nodes[bench.index("join")].because, bench.index("early"));
}

TEST_P(EveryStrategy, BestEffortSucceedsWithWhatSucceeded) {
  Bench bench({{"a"}, {"bad", {"a"}}, {"good", {"a"}}, {"end", {"bad", "good"}}});
  configure(bench.options);
  bench.options.failure_strategy = FailureStrategy::kBestEffort;
  bench.fail("bad");
  const RunRecord record = bench.run();
  EXPECT_EQ(record.status, RunStatus::kSucceeded);
  EXPECT_EQ(record.error, std::nullopt);
  ASSERT_TRUE(record.result);
  EXPECT_EQ(record.result->bytes(), ">agood");
  EXPECT_EQ(failed_nodes(bench.plan, record), std::vector<NodeIndex>{bench.index("bad")});
  EXPECT_EQ(record.nodes[bench.index("end")].state, NodeState::kSkipped);
}

TEST_P(EveryStrategy, BestEffortGivesTheInputWhenOnlyAnalyzeNodesSucceeded) {
  Bench bench({{"count", {}, Intent::kAnalyze}, {"bad"}});
  configure(bench.options);
  bench.options.failure_strategy = FailureStrategy::kBestEffort;
  bench.fail("bad");
  const RunRecord record = bench.run();
  EXPECT_EQ(record.status, RunStatus::kSucceeded);
  EXPECT_EQ(record.result->bytes(), ">");
}

TEST_P(EveryStrategy, BestEffortFailsWhenNothingSucceeded) {
  Bench bench({{"bad"}, {"worse"}, {"after", {"bad"}}});
  configure(bench.options);
  bench.options.failure_strategy = FailureStrategy::kBestEffort;
  bench.fail("bad");
  bench.fail("worse");
  const RunRecord record = bench.run();
  EXPECT_EQ(record.status, RunStatus::kFailed);
  EXPECT_EQ(record.error->reason, "workflow.multiple_failed");
  EXPECT_EQ(record.result, std::nullopt);
}

TEST_P(EveryStrategy, WhatARunnerDoesWrongIsTheFailureOfItsNodeAlone) {
  Bench bench(
      {{"throws"}, {"throws_int"}, {"silent"}, {"missing"}, {"silent_but_analyzes", {}, Intent::kAnalyze}, {"fine"}});
  configure(bench.options);
  bench.options.failure_strategy = FailureStrategy::kContinueOnError;
  bench.set("throws",
            [](const NodeInput&, const std::stop_token&) -> NodeOutcome { throw std::runtime_error("oops"); });
  bench.set("throws_int", [](const NodeInput&, const std::stop_token&) -> NodeOutcome { throw 1; });
  const auto silent = [](const NodeInput&, const std::stop_token&) { return NodeOutcome{}; };
  bench.set("silent", silent);
  bench.set("silent_but_analyzes", silent);
  bench.remove("missing");
  const RunRecord record = bench.run();
  EXPECT_EQ(record.nodes[0].error->reason, "workflow.exception");
  EXPECT_EQ(record.nodes[0].error->category, Category::kInternal);
  EXPECT_EQ(record.nodes[0].error->message, "the node's runner threw: oops");
  EXPECT_EQ(record.nodes[1].error->reason, "workflow.exception");
  EXPECT_EQ(record.nodes[2].error->reason, "workflow.invalid_response");
  EXPECT_EQ(record.nodes[3].error->reason, "workflow.no_runner");
  EXPECT_EQ(record.nodes[4].state, NodeState::kSucceeded);
  EXPECT_EQ(record.nodes[4].payload, std::nullopt);
  EXPECT_EQ(record.nodes[5].state, NodeState::kSucceeded);
  EXPECT_EQ(record.totals.failed, 4U);
}

TEST_P(EveryStrategy, AFailureKeepsItsUsageAndMetadata) {
  Bench bench({{"a"}});
  configure(bench.options);
  bench.set("a", [](const NodeInput&, const std::stop_token&) {
    return NodeOutcome{.error = Error{Category::kResourceExhausted, "sandbox.fuel", "out of fuel"},
                       .metadata = document::Value::map({{"k", "v"}}),
                       .usage = sandbox::Usage{.fuel = 99}};
  });
  const RunRecord record = bench.run();
  EXPECT_EQ(record.nodes[0].usage->fuel, 99U);
  EXPECT_EQ(record.nodes[0].metadata, document::Value::map({{"k", "v"}}));
  EXPECT_EQ(record.error->category, Category::kResourceExhausted);
}

TEST_P(EveryStrategy, AStopBeforeTheStartCancelsEverything) {
  Bench bench({{"a"}, {"b", {"a"}}, {"c"}});
  configure(bench.options);
  std::stop_source stop;
  stop.request_stop();
  bench.options.stop = stop.get_token();
  const RunRecord record = bench.run();
  EXPECT_EQ(bench.sink.story(), "a- c- b-");
  EXPECT_EQ(record.status, RunStatus::kCancelled);
  EXPECT_EQ(record.error->category, Category::kCancelled);
  EXPECT_EQ(record.error->message, "the run was stopped when 0 of 3 nodes had succeeded");
}

TEST_P(EveryStrategy, AStopFromOutsideReachesTheNodeThatRuns) {
  Bench bench({{"a"}, {"b", {"a"}}, {"c", {"b"}}});
  configure(bench.options);
  std::stop_source stop;
  bench.options.stop = stop.get_token();
  bench.set("b", [&](const NodeInput&, const std::stop_token& token) {
    EXPECT_FALSE(token.stop_requested());
    stop.request_stop();
    EXPECT_TRUE(token.stop_requested());
    return NodeOutcome{.error = Error{Category::kCancelled, "test.stopped", "stopped"},
                       .usage = sandbox::Usage{.fuel = 5}};
  });
  const RunRecord record = bench.run();
  EXPECT_EQ(bench.sink.story(), "+a a +b b- c-");
  EXPECT_EQ(record.status, RunStatus::kCancelled);
  EXPECT_EQ(record.nodes[1].usage->fuel, 5U);
}

TEST_P(EveryStrategy, AStopThatComesTooLateChangesNothing) {
  Bench bench({{"a"}, {"b", {"a"}}});
  configure(bench.options);
  std::stop_source stop;
  bench.options.stop = stop.get_token();
  bench.set("b", [&](const NodeInput& input, const std::stop_token&) {
    stop.request_stop();
    return NodeOutcome{.payload = input.payload};
  });
  EXPECT_EQ(bench.run().status, RunStatus::kSucceeded);
}

TEST_P(EveryStrategy, ANodeThatSaysCancelledWithoutBeingToldHasFailed) {
  Bench bench({{"a"}});
  configure(bench.options);
  bench.set("a", [](const NodeInput&, const std::stop_token&) {
    return NodeOutcome{.error = Error{Category::kCancelled, "test.stopped", "stopped"}};
  });
  const RunRecord record = bench.run();
  EXPECT_EQ(record.nodes[0].state, NodeState::kFailed);
  EXPECT_EQ(record.status, RunStatus::kFailed);
}

TEST_P(EveryStrategy, ARunOfNothingSucceedsWithTheInput) {
  Bench bench({});
  configure(bench.options);
  const RunRecord record = bench.run();
  EXPECT_EQ(record.status, RunStatus::kSucceeded);
  EXPECT_EQ(record.result->bytes(), ">");
  EXPECT_EQ(bench.sink.events.size(), 2U);
}

TEST_P(EveryStrategy, NeverMoreNodesInFlightThanAllowed) {
  std::vector<TestNode> nodes;
  for (int i = 0; i < 200; ++i) {
    nodes.push_back({fmt::format("n{}", i), i < 20 ? std::vector<std::string>{}
                                                   : std::vector<std::string>{fmt::format("n{}", i - 20),
                                                                              fmt::format("n{}", (i * 7) % (i - 10))}});
  }
  Bench bench(nodes);
  configure(bench.options);
  const std::size_t enough = std::min<std::size_t>(2, bench.options.max_concurrency);
  std::atomic<std::size_t> in_flight{0};
  std::atomic<std::size_t> most{0};
  for (const TestNode& node : nodes) {
    bench.set(node.id, [&](const NodeInput& input, const std::stop_token&) {
      const std::size_t now = ++in_flight;
      for (std::size_t seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
      }
      // The first node waits for company, where company is allowed: on a busy machine it may be long in coming.
      const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
      while (most < enough && std::chrono::steady_clock::now() < patience) {
        std::this_thread::yield();
      }
      for (int i = 0; i < 20; ++i) {
        std::this_thread::yield();
      }
      --in_flight;
      return NodeOutcome{.payload = input.payload};
    });
  }
  EXPECT_EQ(bench.run().status, RunStatus::kSucceeded);
  EXPECT_LE(most, bench.options.max_concurrency);
  EXPECT_GE(most, enough);
}

TEST_P(EveryStrategy, LongChainsAndWideGraphsEnd) {
  constexpr std::size_t kCount = 100'000;
  std::vector<TestNode> chain;
  std::vector<TestNode> wide;
  for (std::size_t i = 0; i < kCount; ++i) {
    wide.push_back({fmt::format("n{}", i)});
    chain.push_back(wide.back());
    if (i > 0) {
      chain.back().depends_on = {wide[i - 1].id};
    }
  }
  const EchoRunner echo;
  const std::vector<const NodeRunner*> runners(kCount, &echo);
  base::ThreadPool pool({.threads = 8});
  const base::FakeEnvironment environment;
  RunOptions options;
  configure(options);
  options.input = Payload("x");
  for (const Plan& plan : {plan_of(chain), plan_of(wide)}) {
    const RunRecord record = run(plan, runners, options, pool, environment);
    EXPECT_EQ(record.totals.succeeded, kCount);
    EXPECT_EQ(record.result->bytes(), "x");
  }
}

TEST_P(EveryStrategy, APoolSmallerThanTheConcurrencyIsEnough) {
  Bench bench({{"a"}, {"b"}, {"c", {"a", "b"}}}, 1);
  configure(bench.options);
  EXPECT_EQ(bench.run().totals.succeeded, 3U);
}

TEST(Scheduler, OfReadyNodesTheOneFarthestFromTheEndGoesFirst) {
  Bench bench({{"late", {"x"}}, {"y"}, {"x"}, {"deep", {"late"}}, {"mid", {"y"}}, {"z"}});
  EXPECT_EQ(bench.run().status, RunStatus::kSucceeded);
  EXPECT_EQ(bench.sink.story(), "+x x +late late +y y +deep deep +mid mid +z z");
}

TEST(Scheduler, OfEquallyFarNodesTheDefinitionsOrderCounts) {
  Bench bench({{"p"}, {"far", {"q"}}, {"q", {"p"}}, {"near", {"p"}}});
  EXPECT_EQ(bench.run().status, RunStatus::kSucceeded);
  EXPECT_EQ(bench.sink.story(), "+p p +q q +far far +near near");
}

/// Two nodes that each wait until the other one runs: ends only if both are in flight at once.
void meet(Bench& bench, const std::string& one, const std::string& other, std::deque<std::atomic<bool>>& flags) {
  auto& here = flags.emplace_back(false);
  auto& there = flags.emplace_back(false);
  const auto runner = [](std::atomic<bool>& mine, std::atomic<bool>& theirs) {
    return [&mine, &theirs](const NodeInput& input, const std::stop_token&) {
      mine = true;
      wait_for(theirs);
      return NodeOutcome{.payload = input.payload};
    };
  };
  bench.set(one, runner(here, there));
  bench.set(other, runner(there, here));
}

TEST(Scheduler, IndependentNodesRunAtTheSameTime) {
  for (const Strategy strategy : {Strategy::kWorkQueue, Strategy::kLevel, Strategy::kReactive, Strategy::kHybrid}) {
    Bench bench({{"first"}, {"b", {"first"}}, {"c", {"first"}}, {"d", {"b", "c"}}, {"e", {"d"}}, {"f", {"d"}}});
    std::deque<std::atomic<bool>> flags;
    meet(bench, "b", "c", flags);
    meet(bench, "e", "f", flags);
    bench.options.strategy = strategy;
    bench.options.max_concurrency = 2;
    EXPECT_EQ(bench.run().status, RunStatus::kSucceeded);
  }
}

TEST(Scheduler, WorkQueueDoesNotWaitForARank) {
  Bench bench({{"a"}, {"slow"}, {"b", {"a"}}});
  std::atomic<bool> b_runs{false};
  bench.set("b", [&](const NodeInput& input, const std::stop_token&) {
    b_runs = true;
    return NodeOutcome{.payload = input.payload};
  });
  bench.set("slow", [&](const NodeInput& input, const std::stop_token&) {
    wait_for(b_runs);
    return NodeOutcome{.payload = input.payload};
  });
  bench.options.max_concurrency = 2;
  EXPECT_EQ(bench.run().status, RunStatus::kSucceeded);
  // Whichever of the two workers is late: 'slow' ends after 'b' has begun, in the record as in fact.
  const std::string story = " " + bench.sink.story() + " ";
  EXPECT_LT(story.find(" +b "), story.find(" slow ")) << story;
}

TEST(Scheduler, LevelWaitsForARank) {
  for (int i = 0; i < 50; ++i) {
    Bench bench({{"a"}, {"slow"}, {"b", {"a"}}});
    std::atomic<bool> a_done{false};
    bench.set("slow", [&](const NodeInput& input, const std::stop_token&) {
      wait_for(a_done);
      for (int spin = 0; spin < 100; ++spin) {
        std::this_thread::yield();
      }
      return NodeOutcome{.payload = input.payload};
    });
    bench.set("a", [&](const NodeInput& input, const std::stop_token&) {
      a_done = true;
      return NodeOutcome{.payload = input.payload};
    });
    bench.options.strategy = Strategy::kLevel;
    bench.options.max_concurrency = 2;
    bench.run();
    const std::string story = bench.sink.story();
    EXPECT_LT(story.find(" slow"), story.find("+b")) << story;
  }
}

TEST(Scheduler, FailFastTellsNodesInFlightToStop) {
  Bench bench({{"bad"}, {"long"}, {"after", {"long"}}});
  std::atomic<bool> long_runs{false};
  bench.set("long", [&](const NodeInput&, const std::stop_token& stop) {
    long_runs = true;
    while (!stop.stop_requested()) {
      std::this_thread::yield();
    }
    return NodeOutcome{.error = Error{Category::kCancelled, "test.stopped", "stopped"}};
  });
  bench.set("bad", [&](const NodeInput&, const std::stop_token&) {
    wait_for(long_runs);
    return NodeOutcome{.error = Error{Category::kGuestFault, "test.bad", "bad"}};
  });
  bench.options.max_concurrency = 2;
  const RunRecord record = bench.run();
  EXPECT_EQ(record.status, RunStatus::kFailed);
  EXPECT_EQ(record.nodes[1].state, NodeState::kCancelled);
  EXPECT_NE(record.nodes[1].started, std::nullopt);
  EXPECT_EQ(record.nodes[2].state, NodeState::kCancelled);
  EXPECT_EQ(record.nodes[2].started, std::nullopt);
  EXPECT_EQ(record.error->reason, "workflow.node_failed");
  EXPECT_EQ(record.error->category, Category::kGuestFault);
}

TEST(Scheduler, FailFastKeepsEveryFailureThatWasInFlight) {
  Bench bench({{"x"}, {"y"}, {"never"}});
  std::atomic<int> running{0};
  const auto fail_together = [&](std::string message) {
    return [&running, message](const NodeInput&, const std::stop_token&) {
      ++running;
      while (running < 2) {
        std::this_thread::yield();
      }
      return NodeOutcome{.error = Error{Category::kGuestFault, "test.bad", message}};
    };
  };
  bench.set("x", fail_together("one"));
  bench.set("y", fail_together("two"));
  bench.options.max_concurrency = 2;
  const RunRecord record = bench.run();
  EXPECT_EQ(record.error->reason, "workflow.multiple_failed");
  EXPECT_EQ(record.error->message, "2 nodes failed: 'x': one; 'y': two");
  EXPECT_EQ(record.nodes[2].state, NodeState::kCancelled);
}

TEST(Scheduler, ConcurrencyZeroCountsAsOne) {
  Bench bench({{"a"}, {"b"}});
  bench.options.max_concurrency = 0;
  const RunRecord record = bench.run();
  EXPECT_EQ(record.status, RunStatus::kSucceeded);
  EXPECT_EQ(record.run.max_concurrency, 1U);
}

TEST(Scheduler, SeveralRunsShareAPool) {
  const Plan plan = plan_of({{"a"}, {"b", {"a"}}, {"c", {"a"}}, {"d", {"b", "c"}}});
  const EchoRunner echo;
  const std::vector<const NodeRunner*> runners(plan.size(), &echo);
  base::ThreadPool pool({.threads = 2});
  const base::FakeEnvironment environment;
  std::atomic<std::size_t> succeeded{0};
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 4; ++i) {
      callers.emplace_back([&] {
        for (int round = 0; round < 200; ++round) {
          succeeded += run(plan, runners, {.max_concurrency = 4}, pool, environment).totals.succeeded;
        }
      });
    }
  }
  EXPECT_EQ(succeeded, 4U * 200U * 4U);
}

}  // namespace
}  // namespace caisson::workflow
