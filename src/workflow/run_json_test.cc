#include "workflow/run_json.h"

#include "document/print.h"
#include "workflow/testing/sample_run.h"

#include <gtest/gtest.h>

#include <string>

namespace caisson::workflow {
namespace {

std::string json(const document::Value& value) { return document::to_json(value, document::JsonStyle::kIndented); }

TEST(RunJson, OfASuccessfulRun) {
  SampleRun run = sample_run({{.id = "a", .payload = Payload("A")},
                              {.id = "b",
                               .type = &kWasmType,
                               .intent = Intent::kAnalyze,
                               .depends_on = {"a"},
                               .payload = Payload(std::string("\xff\x00", 2), Payload::kBytes),
                               .metadata = document::Value::map({{"k", 1}})}},
                             {.max_concurrency = 2, .input = Payload("in")});
  run.record.nodes[1].usage = sandbox::Usage{.wall = std::chrono::microseconds(1500),
                                             .cpu = std::chrono::microseconds(1250),
                                             .fuel = 12,
                                             .memory_bytes = 65536,
                                             .input_bytes = 1,
                                             .output_bytes = 2};
  EXPECT_EQ(json(to_value(run.definition, run.plan, run.record)), R"({
  "definition": "flow.yaml",
  "strategy": "work_queue",
  "failure_strategy": "fail_fast",
  "max_concurrency": 2,
  "status": "succeeded",
  "duration_ms": 4.2,
  "output": "A",
  "media_type": "text/plain; charset=utf-8",
  "totals": {
    "nodes": 2,
    "started": 2,
    "succeeded": 2,
    "failed": 0,
    "skipped": 0,
    "cancelled": 0,
    "usage": {
      "wall_ms": 0.0,
      "cpu_ms": 0.0,
      "fuel": 0,
      "memory_bytes": 0,
      "memory_over_baseline_bytes": 0,
      "input_bytes": 0,
      "output_bytes": 0
    }
  },
  "nodes": [
    {
      "id": "a",
      "type": "local",
      "intent": "transform",
      "level": 0,
      "state": "succeeded",
      "started_ms": 0.0,
      "finished_ms": 0.5,
      "output": "A",
      "media_type": "text/plain; charset=utf-8"
    },
    {
      "id": "b",
      "type": "wasm",
      "intent": "analyze",
      "level": 1,
      "state": "succeeded",
      "started_ms": 1.0,
      "finished_ms": 1.5,
      "output": {
        "base64": "/wA="
      },
      "media_type": "application/octet-stream",
      "metadata": {
        "k": 1
      },
      "usage": {
        "wall_ms": 1.5,
        "cpu_ms": 1.25,
        "fuel": 12,
        "memory_bytes": 65536,
        "memory_over_baseline_bytes": 0,
        "input_bytes": 1,
        "output_bytes": 2
      }
    }
  ]
})");
}

TEST(RunJson, OfAFailedRun) {
  const SampleRun run = sample_run({{.id = "a",
                                     .type = &kWasmType,
                                     .state = NodeState::kFailed,
                                     .error = Error{Category::kGuestFault, "sandbox.trap", "unreachable"}},
                                    {.id = "b", .depends_on = {"a"}, .state = NodeState::kSkipped, .because = "a"}},
                                   {.failure_strategy = FailureStrategy::kContinueOnError});
  const document::Value value = to_value(run.definition, run.plan, run.record);
  EXPECT_EQ(*value.find("status")->as_string(), "failed");
  EXPECT_EQ(value.find("output"), nullptr);
  EXPECT_EQ(json(*value.find("error")), R"({
  "category": "guest_fault",
  "reason": "workflow.node_failed",
  "message": "node 'a' failed: unreachable",
  "code": 500,
  "kind": "ProcessorFailed"
})");
  EXPECT_EQ(json(*value.find("nodes")), R"([
  {
    "id": "a",
    "type": "wasm",
    "intent": "transform",
    "level": 0,
    "state": "failed",
    "started_ms": 0.0,
    "finished_ms": 0.5,
    "error": {
      "category": "guest_fault",
      "reason": "sandbox.trap",
      "message": "unreachable",
      "code": 500,
      "kind": "ProcessorFailed",
      "wasm_kind": "ExecutionError"
    }
  },
  {
    "id": "b",
    "type": "local",
    "intent": "transform",
    "level": 1,
    "state": "skipped",
    "error": {
      "category": "failed_precondition",
      "reason": "workflow.dependency_failed",
      "message": "not run because 'a' failed",
      "code": 500,
      "kind": "DependencyFailed"
    },
    "cause": "failure",
    "because": "a"
  }
])");
}

TEST(RunJson, OfAnErrorWithDiagnostics) {
  Error error{Category::kInvalidArgument, "workflow.invalid_definition", "bad"};
  error.diagnostics.push_back({Severity::kError, "workflow.bad_id", "an id is empty", {"f.yaml", 3, 5}});
  error.diagnostics.push_back({Severity::kWarning, "workflow.diamond", "a joins b", {}});
  EXPECT_EQ(json(to_value(error)), R"({
  "category": "invalid_argument",
  "reason": "workflow.invalid_definition",
  "message": "bad",
  "code": 400,
  "diagnostics": [
    {
      "severity": "error",
      "reason": "workflow.bad_id",
      "message": "an id is empty",
      "file": "f.yaml",
      "line": 3,
      "column": 5
    },
    {
      "severity": "warning",
      "reason": "workflow.diamond",
      "message": "a joins b"
    }
  ]
})");
}

TEST(RunJson, SaysHowOftenAndWhyNot) {
  SampleRun run =
      sample_run({{.id = "a", .state = NodeState::kFailed, .error = Error{Category::kUnavailable, "x.y", "z"}},
                  {.id = "b", .state = NodeState::kSkipped, .because = "a"}},
                 {});
  run.record.nodes[0].attempts = 2;
  run.record.nodes[0].failure_counts = false;
  run.record.nodes[1].cause = SkipCause::kBranch;
  run.record.totals.attempts = 2;
  run.record.was_stopped = true;
  run.record.error = Error{Category::kDeadlineExceeded, "workflow.run_timeout", "late"};
  run.record.switches.push_back({std::chrono::milliseconds(1), "critical_path", "many wait"});
  const document::Value out = to_value(run.definition, run.plan, run.record);
  EXPECT_EQ(*out.find("stopped_by")->as_string(), "workflow.run_timeout");
  EXPECT_EQ(document::to_json(*out.find("strategy_switches")),
            R"([{"at_ms":1.0,"to":"critical_path","why":"many wait"}])");
  EXPECT_EQ(*out.find("totals")->find("attempts")->as_integer(), 2);
  const auto& nodes = *out.find("nodes")->as_list();
  EXPECT_EQ(*nodes[0].find("attempts")->as_integer(), 2);
  EXPECT_EQ(*nodes[0].find("failure_counts")->as_bool(), false);
  EXPECT_EQ(*nodes[1].find("cause")->as_string(), "branch");
  EXPECT_EQ(*nodes[1].find("because")->as_string(), "a");
  EXPECT_EQ(nodes[1].find("error"), nullptr) << "nothing went wrong";
}

}  // namespace
}  // namespace caisson::workflow
