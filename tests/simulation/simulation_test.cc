// Random runs in a simulation: whatever the order in which threads and timers get their turns, each run keeps the
// contract of workflow/scheduler.h, and ends as the model says under every strategy.
//
// CAISSON_SIMULATION_SEED=N runs that seed only.

#include "case.h"
#include "model.h"
#include "watch.h"

#include "base/environment.h"
#include "base/testing/campaign.h"
#include "base/testing/fake_environment.h"
#include "workflow/nested_runs.h"
#include "workflow/scheduler.h"
#include "workflow/testing/simulated_workers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace caisson::simulation {
namespace {

using namespace workflow;

struct World {
  SimulatedWorkers& workers;
  Watch& watch;
};

/// Of one run of a graph: counts the attempts of its node.
class SimulatedRunner final : public NodeRunner {
 public:
  SimulatedRunner(World& world, const Case& graph, NodeIndex node)
      : world_(world), graph_(graph), index_(node), node_(graph.nodes[node]) {}

  bool wants_inputs() const noexcept override { return node_.wants_inputs || node_.nested != nullptr; }
  bool chooses() const noexcept override { return !node_.not_taken.empty(); }

  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    ++attempts_;
    world_.watch.enter(graph_, index_);
    bool in_time = true;
    NodeOutcome nested;
    if (node_.nested != nullptr) {
      nested = run_nested(input);
    } else {
      in_time = pass_time(stop);
    }
    world_.watch.leave(graph_, index_);
    if (node_.nested != nullptr) {
      return nested;
    }
    return in_time ? outcome_of(node_, attempts_, input)
                   : NodeOutcome{.error = Error{Category::kCancelled, "test.stopped", "it was told to"}};
  }

 private:
  /// Whether it was not stopped before the end. What is longer than its timeout ends with that, however late that is.
  [[nodiscard]] bool pass_time(const std::stop_token& stop) const {
    const auto duration = node_.attempt(attempts_).duration;
    if (!node_.obeys) {
      return world_.workers.sleep(duration);
    }
    if (node_.rules.timeout.count() > 0 && duration > node_.rules.timeout) {
      world_.workers.wait_for(stop);
      return false;
    }
    return world_.workers.sleep(duration, stop);
  }

  [[nodiscard]] NodeOutcome run_nested(const NodeInput& input) const;

  World& world_;
  const Case& graph_;
  NodeIndex index_;
  const Node& node_;
  mutable std::size_t attempts_ = 0;  // never two at once
};

class SimulatedGuard final : public Guard {
 public:
  SimulatedGuard(World& world, Condition condition) : world_(world), condition_(condition) {}
  Result<bool> holds(const NodeInput& /*input*/, const std::stop_token& /*stop*/) const override {
    world_.workers.pause();
    if (condition_ == Condition::kError) {
      return Error{Category::kInvalidArgument, "test.condition", "it cannot be told"};
    }
    return condition_ == Condition::kHolds;
  }

 private:
  World& world_;
  Condition condition_;
};

/// What a graph is run with.
struct Setup {
  Setup(World& world, const Case& graph) {
    for (NodeIndex i = 0; i < graph.nodes.size(); ++i) {
      owned.push_back(std::make_unique<SimulatedRunner>(world, graph, i));
      runners.push_back(owned.back().get());
      rules.push_back(graph.nodes[i].rules);
      if (graph.nodes[i].condition != Condition::kNone) {
        rules.back().when = std::make_shared<SimulatedGuard>(world, graph.nodes[i].condition);
      }
    }
  }
  std::vector<std::unique_ptr<NodeRunner>> owned;
  std::vector<const NodeRunner*> runners;
  std::vector<NodeRules> rules;
};

NodeOutcome SimulatedRunner::run_nested(const NodeInput& input) const {
  const Case& graph = *node_.nested;
  const Setup setup(world_, graph);
  return outcome_of(input.nested->run(graph.plan, setup.runners,
                                      {.input = input.payload,
                                       .inputs = input.inputs,
                                       .strategy = static_cast<Strategy>(index_ % 4),
                                       .failure_strategy = graph.failure_strategy,
                                       .max_concurrency = graph.max_concurrency,
                                       .rules = setup.rules}));
}

constexpr Strategy kStrategies[] = {Strategy::kWorkQueue, Strategy::kLevel, Strategy::kReactive, Strategy::kHybrid};

/// What is wrong; empty: nothing.
std::string compare(const Ending& is, const Ending& expected, const Case& graph, bool stopped) {
  const bool same_status = is.run == expected.run;
  if (!stopped && (graph.failure_strategy != FailureStrategy::kFailFast || expected.run.starts_with("succeeded"))) {
    for (std::size_t i = 0; i < is.nodes.size(); ++i) {
      if (is.nodes[i] != expected.nodes[i]) {
        return fmt::format("is       {}\nexpected {}", is.nodes[i].story, expected.nodes[i].story);
      }
    }
    return same_status ? "" : fmt::format("the run is {}\nexpected   {}", is.run, expected.run);
  }
  // What was stopped has done what it would have done without that, or has not done it.
  for (std::size_t i = 0; i < is.nodes.size(); ++i) {
    const bool cut = is.nodes[i].state == NodeState::kCancelled || is.nodes[i].state == NodeState::kSkipped;
    const bool nested = graph.nodes[i].nested != nullptr;  // what ran in it may have been stopped as well
    if (!cut && !nested && is.nodes[i] != expected.nodes[i]) {
      return fmt::format("is       {}\nexpected {}", is.nodes[i].story, expected.nodes[i].story);
    }
  }
  if (!stopped && is.run.starts_with("failed") != expected.run.starts_with("failed")) {
    return fmt::format("the run is {}\nexpected   {}", is.run, expected.run);
  }
  return "";
}

/// Runs a scenario under a strategy. Returns what is wrong; empty: nothing.
std::string play(const Scenario& scenario, const Ending& expected, Strategy strategy, std::uint64_t seed,
                 std::map<std::string, std::size_t>& seen) {
  base::FakeEnvironment environment;
  SimulatedWorkers workers(scenario.threads, seed, environment, 32);
  Watch watch(scenario, environment);
  World world{workers, watch};
  const Setup setup(world, *scenario.graph);
  std::stop_source stop;
  RunRecord record;
  workers.on_rest([&] { watch.rest(); });
  const bool ended = workers.run([&] {
    base::Timer::Id cancel = 0;
    if (scenario.cancelled_after) {
      cancel = workers.timer().after(*scenario.cancelled_after, [&] {
        watch.stopped();
        stop.request_stop();
      });
    }
    record = run(scenario.graph->plan, setup.runners,
                 {.id = "simulated",
                  .strategy = strategy,
                  .hints = scenario.hints,
                  .failure_strategy = scenario.graph->failure_strategy,
                  .max_concurrency = scenario.graph->max_concurrency,
                  .groups = scenario.groups,
                  .rules = setup.rules,
                  .timeout = scenario.timeout,
                  .max_steps = scenario.max_steps,
                  .max_payload_bytes = kMostBytes,
                  .input = Payload("in"),
                  .stop = stop.get_token()},
                 workers, environment, &watch);
    workers.timer().cancel(cancel);
  });
  for (const auto& [what, count] : watch.seen()) {
    seen[what] += count;
  }
  if (!watch.problem().empty()) {
    return watch.problem();
  }
  if (!ended) {
    return "nothing can go on, and the run has not ended";
  }
  watch.ended(record);
  if (!watch.problem().empty()) {
    return watch.problem();
  }
  if (!workers.is_empty()) {
    return "something is still waiting for its time when the run has ended";
  }
  return compare(ending_of(*scenario.graph, record), expected, *scenario.graph, scenario.may_be_stopped());
}

TEST(Simulation, EveryRunKeepsTheContract) {
  const auto only = base::make_environment()->variable("CAISSON_SIMULATION_SEED");
  const std::uint64_t first = only ? std::stoull(*only) : 1;
  const std::uint64_t count = only ? 1 : static_cast<std::uint64_t>(base::testing::campaign("simulated_runs"));
  std::map<std::string, std::size_t> seen;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const Scenario scenario = random_scenario(seed);
    const Ending expected = expected_ending(*scenario.graph, Payload("in"));
    for (const Strategy strategy : kStrategies) {
      const std::string problem =
          play(scenario, expected, strategy, seed * 4 + static_cast<std::uint64_t>(strategy), seen);
      ASSERT_EQ(problem, "") << to_string(strategy) << ", again with CAISSON_SIMULATION_SEED=" << seed;
    }
  }
  if (!only) {
    for (const char* what :
         {"retry", "fail_fast", "failure", "branch", "condition", "dependency", "switch", "group", "order", "rest"}) {
      EXPECT_GT(seen[what], count / 4) << what;
    }
  }
}

}  // namespace
}  // namespace caisson::simulation
