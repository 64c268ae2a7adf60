// Events of a run, as an embedder is told them.

#include <caisson/runtime.h>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace caisson {
namespace {

class RunEventsTest : public testing::Test {
 protected:
  RunEventsTest() {
    RuntimeOptions options;
    options.cache_folder = "";
    options.read_configuration = false;
    runtime_ = Runtime::create(std::move(options)).value();
  }

  caisson::Run run(std::string_view definition) {
    workflow_ = runtime_->load_text(definition, "flow.yaml").value();
    RunOptions options;
    options.id = "run 1";
    options.on_event = [this](const RunEvent& event) {
      names_ += std::string(event.name);
      for (const std::string_view more : {event.node, event.text}) {
        names_ += more.empty() ? "" : " " + std::string(more);
      }
      names_ += '\n';
      last_ = event.json();
      last_error_ = event.error == nullptr ? "" : event.error->reason;
      nodes_ = event.nodes;
      run_ = event.run;
    };
    return runtime_->run(*workflow_, Payload("text"), options).value();
  }

  std::unique_ptr<Runtime> runtime_;
  std::shared_ptr<const Workflow> workflow_;
  std::string names_;
  std::string last_;
  std::string last_error_;
  std::string run_;
  std::size_t nodes_ = 0;
};

TEST_F(RunEventsTest, AreToldInTheirOrder) {
  const caisson::Run one =
      run("executor_options: {max_concurrency: 1}\n"
          "processors:\n"
          "  - {id: a, type: local, processor: reverse_text}\n"
          "  - {id: b, type: local, processor: reverse_text, depends_on: [a]}\n");
  EXPECT_EQ(one.status(), RunStatus::kSucceeded);
  EXPECT_EQ(names_, "run.started\nnode.started a\nnode.succeeded a\nnode.started b\nnode.succeeded b\nrun.finished\n");
  EXPECT_EQ(nodes_, 2U);
  EXPECT_EQ(run_, "run 1");
  EXPECT_TRUE(last_.starts_with(R"({"event":"run.finished","run":"run 1","at_ms":)")) << last_;
  EXPECT_NE(last_.find(R"("status":"succeeded")"), std::string::npos) << last_;
  EXPECT_EQ(last_error_, "");
}

TEST_F(RunEventsTest, WhatCodeTellsIsToldWhileItRuns) {
  const caisson::Run one =
      run("processors:\n"
          "  - {id: a, type: code, language: lua, grants: {imports: [emit]},\n"
          "     code: \"print('one') caisson.emit('topic', 'data') caisson.log('warn', 'two') error('three')\"}\n");
  EXPECT_EQ(one.status(), RunStatus::kFailed);
  EXPECT_EQ(names_,
            "run.started\nnode.started a\nnode.log a one\nnode.emitted a topic\nnode.log a two\nnode.failed a\n"
            "run.finished\n");
}

TEST_F(RunEventsTest, TheLastOneKnowsWhetherTheResultFits) {
  const caisson::Run one =
      run("output_schema: {type: integer}\n"
          "processors:\n"
          "  - {id: a, type: local, processor: reverse_text}\n");
  EXPECT_EQ(one.status(), RunStatus::kFailed);
  EXPECT_EQ(last_error_, "workflow.output_schema");
  EXPECT_NE(last_.find(R"("status":"failed")"), std::string::npos) << last_;
  EXPECT_TRUE(names_.ends_with("node.succeeded a\nrun.finished\n")) << names_;
}

}  // namespace
}  // namespace caisson
