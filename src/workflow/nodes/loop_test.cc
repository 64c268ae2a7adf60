// When the time of a loop is over, on a simulated machine.

#include "workflow/nodes/loop.h"

#include "workflow/scheduler.h"
#include "workflow/testing/control_runs.h"
#include "workflow/testing/fake_runners.h"
#include "workflow/testing/simulated_workers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace caisson::workflow {
namespace {

using namespace std::chrono_literals;

/// Sets a loop up whose body is one node: it takes as many milliseconds as its item says, and gives it back.
class BodyOfMilliseconds final : public NodeSetup {
 public:
  explicit BodyOfMilliseconds(SimulatedWorkers& workers) : workers_(workers) {}

  [[nodiscard]] Result<std::unique_ptr<Section>> section(std::span<const NodeDefinition> nodes) override {
    CAISSON_TRY(Plan plan, make_plan(nodes, "flow.yaml"));
    auto out = std::make_unique<Section>(Section{std::move(plan), {}, {}, std::vector<NodeRules>(1)});
    out->owned.push_back(std::make_unique<FunctionRunner>([this](const NodeInput& input, const std::stop_token& stop) {
      const std::chrono::milliseconds time(std::stoi(std::string(input.payload.bytes())));
      return workers_.sleep(time, stop) ? NodeOutcome{.payload = input.payload}
                                        : NodeOutcome{.error = Error{Category::kCancelled, "test.stopped", "stopped"}};
    }));
    out->runners.push_back(out->owned.back().get());
    return out;
  }

  [[nodiscard]] const sandbox::Executor& executor() override { return others_.executor(); }
  [[nodiscard]] const sandbox::Policy* policy_of(const NodeDefinition& node) override {
    return others_.policy_of(node);
  }
  [[nodiscard]] Result<sandbox::Guest> open_module(const std::string& path, const std::optional<std::string>& func,
                                                   const sandbox::Policy* policy) override {
    return others_.open_module(path, func, policy);
  }
  [[nodiscard]] Result<sandbox::Policy> expression_policy() override { return others_.expression_policy(); }
  [[nodiscard]] Result<sandbox::Guest> bind(const language::Program& program) override { return others_.bind(program); }
  [[nodiscard]] Result<SubWorkflow> workflow(const WorkflowReference& reference, const NodeDefinition& node) override {
    return others_.workflow(reference, node);
  }
  [[nodiscard]] Result<std::filesystem::path> interpreter(std::string_view name) override {
    return others_.interpreter(name);
  }
  [[nodiscard]] const NativeCalls& native_calls() override { return others_; }
  [[nodiscard]] const base::Environment& environment() override { return others_.environment(); }
  [[nodiscard]] Result<std::string> read_file(const std::string& path, std::uint64_t most_bytes) override {
    return others_.read_file(path, most_bytes);
  }

 private:
  SimulatedWorkers& workers_;
  ControlRuns others_{CAISSON_TEST_IMAGE_CACHE};
};

class LoopTime : public testing::Test {
 protected:
  /// What a loop over these items gives, and how many milliseconds it takes.
  std::string run(const std::string& fields, RunOptions options = {}) {
    const auto definition = read_definition("processors:\n  - {id: again, type: loop, " + fields +
                                                ", body: [{id: b, type: local, processor: reverse_text}]}\n",
                                            "flow.yaml");
    if (!definition) {
      return definition.error().message;
    }
    base::FakeEnvironment environment;
    SimulatedWorkers workers(4, 1, environment);
    BodyOfMilliseconds setup(workers);
    const NodeDefinition& node = definition->nodes.front();
    const auto runner = node.spec->open(node, setup);
    const auto plan = make_plan(*definition);
    const NodeRunner* const runners[] = {runner->get()};
    options.max_concurrency = 4;
    const auto begin = environment.now();
    RunRecord record;
    EXPECT_TRUE(workers.run([&] { record = workflow::run(*plan, runners, options, workers, environment); }));
    EXPECT_TRUE(workers.is_empty()) << "a timer is left";
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(environment.now() - begin).count();
    const NodeRecord& loop = record.nodes.front();
    return fmt::format("{} ms: {}", took,
                       loop.payload ? loop.payload->bytes()
                       : loop.error ? loop.error->reason
                                    : to_string(loop.state));
  }
};

TEST_F(LoopTime, ARoundThatIsTooLongIsStopped) {
  EXPECT_EQ(run("items: [10, 20, 500, 10], max_duration: 100ms"),
            R"(100 ms: {"results":[10,20],"iterations":2,"stopped_by":"max_duration"})");
  EXPECT_EQ(run("items: [10, 20], max_duration: 100ms"),
            R"(30 ms: {"results":[10,20],"iterations":2,"stopped_by":"items"})");
  EXPECT_EQ(run("items: [500], max_duration: 100ms"),
            R"(100 ms: {"results":[],"iterations":0,"stopped_by":"max_duration"})");
}

TEST_F(LoopTime, SoAreRoundsThatRunAtTheSameTime) {
  EXPECT_EQ(run("items: [10, 500, 20, 500, 10], parallel: 2, max_duration: 100ms"),
            R"(100 ms: {"results":[10,null,20,null,null],"iterations":2,"stopped_by":"max_duration"})");
  EXPECT_EQ(run("items: [10, 20, 30], parallel: true, max_duration: 100ms"),
            R"(30 ms: {"results":[10,20,30],"iterations":3,"stopped_by":"items"})");
}

TEST_F(LoopTime, AnEarlierEndOfTheRunIsNoEndOfTheLoop) {
  RunOptions options;
  options.timeout = 50ms;
  EXPECT_EQ(run("items: [500], max_duration: 100ms", options), "50 ms: cancelled");
  EXPECT_EQ(run("items: [500, 500], parallel: 2, max_duration: 100ms", options), "50 ms: cancelled");
}

TEST_F(LoopTime, AFailureIsNone) {
  EXPECT_NE(run("items: [10, x], max_duration: 100ms").find("workflow.exception"), std::string::npos);
}

}  // namespace
}  // namespace caisson::workflow
