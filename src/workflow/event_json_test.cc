#include "workflow/event_json.h"

#include "document/print.h"
#include "workflow/run_record.h"
#include "workflow/testing/fake_runners.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace caisson::workflow {
namespace {

using std::chrono::microseconds;

class EventJson : public ::testing::Test {
 protected:
  [[nodiscard]] std::string json(const RunEvent& event, std::string_view scope = {}) const {
    return document::to_json(to_value(event, {plan, scope}, {"r1", "flow.yaml"}));
  }

  const Plan plan = plan_of({{"a"}, {"b", {"a"}}});
};

const sandbox::Usage kUsage{.wall = microseconds(1500), .fuel = 12, .log_bytes = 2};
constexpr std::string_view kUsageJson =
    R"("usage":{"wall_ms":1.5,"cpu_ms":0.0,"fuel":12,"memory_bytes":0,"memory_over_baseline_bytes":0,)"
    R"("input_bytes":0,"output_bytes":0,"log_bytes":2})";

SandboxDetails details() {
  SandboxDetails out;
  out.captured.standard_output = "said";
  out.captured.log.push_back({1, "hi"});
  out.violations.push_back({});
  out.violations.back().description = "no";
  return out;
}

TEST_F(EventJson, OfARun) {
  EXPECT_EQ(json(RunStarted{.strategy = Strategy::kLevel, .max_concurrency = 3, .input = Payload("12345")}),
            R"({"event":"run.started","run":"r1","at_ms":0.0,"definition":"flow.yaml","strategy":"level",)"
            R"("failure_strategy":"fail_fast","max_concurrency":3,"nodes":2,"levels":2,"input_bytes":5})");
  EXPECT_EQ(json(RunStarted{.at = microseconds(2500)}, "each[3]"),
            R"({"event":"run.started","run":"r1","scope":"each[3]","at_ms":2.5,"strategy":"work_queue",)"
            R"("failure_strategy":"fail_fast","max_concurrency":1,"nodes":2,"levels":2,"input_bytes":0})");
  EXPECT_EQ(json(LevelStarted{microseconds(1), 1}),
            R"({"event":"level.started","run":"r1","at_ms":0.001,"level":1,"nodes":1})");
  EXPECT_EQ(json(StrategySwitched{microseconds(1), "critical_path", "many wait"}),
            R"({"event":"strategy.switched","run":"r1","at_ms":0.001,"to":"critical_path","why":"many wait"})");
}

TEST_F(EventJson, OfTheEndOfARunHasWhatBecameOfIt) {
  RunRecord record = empty_record(plan);
  apply(plan, record,
        RunFinished{microseconds(4000), Error{Category::kDeadlineExceeded, "workflow.run_timeout", "late"}});
  const std::string out =
      document::to_json(to_value(RunFinished{microseconds(4000)}, {plan, {}, &record}, {"r1", "f"}));
  EXPECT_TRUE(out.starts_with(
      R"({"event":"run.finished","run":"r1","at_ms":4.0,"status":"failed","error":{"category":"deadline_exceeded",)"
      R"("reason":"workflow.run_timeout","message":"late")"))
      << out;
  EXPECT_NE(out.find(R"("stopped_by":"workflow.run_timeout","totals":{"nodes":2,"started":0,)"), std::string::npos)
      << out;
}

TEST_F(EventJson, OfANode) {
  EXPECT_EQ(json(NodeWaiting{1, microseconds(1), "key db"}),
            R"({"event":"node.waiting","run":"r1","node":"b","at_ms":0.001,"group":"key db"})");
  EXPECT_EQ(json(NodeStarted{1, microseconds(1), 2}),
            R"({"event":"node.started","run":"r1","node":"b","at_ms":0.001,"attempt":2})");
  EXPECT_EQ(json(NodeLogged{1, microseconds(1), {3, "line"}}),
            R"({"event":"node.log","run":"r1","node":"b","at_ms":0.001,"level":"warning","text":"line"})");
  EXPECT_EQ(json(NodeEmitted{1, microseconds(1), {"topic", "\xff"}}),
            R"({"event":"node.emitted","run":"r1","node":"b","at_ms":0.001,"topic":"topic","data":{"base64":"/w=="}})");
  EXPECT_EQ(json(NodeSkipped{1, microseconds(1), 0, SkipCause::kBranch}),
            R"({"event":"node.skipped","run":"r1","node":"b","at_ms":0.001,"cause":"branch","because":"a"})");
  EXPECT_EQ(json(NodeCancelled{1, microseconds(1)}),
            R"({"event":"node.cancelled","run":"r1","node":"b","at_ms":0.001})");
  EXPECT_EQ(json(NodeCancelled{.node = 1, .at = microseconds(1), .attempt = 3}),
            R"({"event":"node.cancelled","run":"r1","node":"b","at_ms":0.001,"attempt":3})");
}

TEST_F(EventJson, OfTheEndOfANodeHasWhatItUsedAndSaid) {
  const std::string success = json(NodeSucceeded{.node = 0,
                                                 .at = microseconds(7),
                                                 .payload = Payload("\xff", Payload::kBytes),
                                                 .metadata = document::Value::map({{"k", 1}}),
                                                 .usage = kUsage,
                                                 .details = details()});
  EXPECT_EQ(success, R"({"event":"node.succeeded","run":"r1","node":"a","at_ms":0.007,"attempt":1,"output_bytes":1,)"
                     R"("media_type":"application/octet-stream","metadata":{"k":1},)" +
                         std::string(kUsageJson) + R"(,"stdout":"said","violations":[{"kind":)" +
                         document::to_json(to_string(details().violations.front().kind)) + R"(,"severity":)" +
                         document::to_json(to_string(details().violations.front().severity)) +
                         R"(,"description":"no"}]})");
  const Error error{Category::kUnavailable, "test.busy", "busy"};
  EXPECT_EQ(json(NodeFailed{.node = 0, .error = error, .counts = false, .usage = kUsage, .attempt = 2}),
            R"({"event":"node.failed","run":"r1","node":"a","at_ms":0.0,"attempt":2,"error":{"category":"unavailable",)"
            R"("reason":"test.busy","message":"busy","code":500,"kind":"ProcessorFailed"},"failure_counts":false,)" +
                std::string(kUsageJson) + "}");
  EXPECT_EQ(json(NodeRetrying{.node = 0, .attempt = 1, .delay = microseconds(500), .error = error, .usage = kUsage}),
            R"({"event":"node.retrying","run":"r1","node":"a","at_ms":0.0,"attempt":1,"delay_ms":0.5,"error":)"
            R"({"category":"unavailable","reason":"test.busy","message":"busy","code":500,"kind":"ProcessorFailed"},)" +
                std::string(kUsageJson) + "}");
}

TEST_F(EventJson, IsOneLineWhateverIsInIt) {
  const Plan hostile = plan_of({{"a\"}\\"}});
  const std::string line = document::to_json(to_value(NodeStarted{}, {hostile, "x\ny\r"}, {"r\x1b", "f"}));
  EXPECT_EQ(line.find_first_of("\n\r\x1b"), std::string::npos) << line;
}

}  // namespace
}  // namespace caisson::workflow
