#include "cli/run_trace.h"

#include "document/parse.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace caisson::cli {
namespace {

using Kind = RunEvent::Kind;
using std::chrono::microseconds;

RunEvent node(Kind kind, std::string_view id, microseconds at, std::uint32_t attempt = 1) {
  return {.kind = kind, .name = "node.any", .node = id, .at = at, .attempt = attempt};
}

RunEvent nested(Kind kind, std::string_view id, microseconds at) {
  RunEvent event = node(kind, id, at);
  event.scope = "b[0]";
  return event;
}

TEST(RunTrace, HasASliceForEachAttemptInALaneOfItsOwn) {
  RunTrace trace;
  trace.begin("flow.yaml");
  const Error busy{Category::kUnavailable, "test.busy", "busy"};
  trace.add({.kind = Kind::kRunStarted, .name = "run.started"});
  trace.add(node(Kind::kNodeStarted, "a", microseconds(1)));
  trace.add(node(Kind::kNodeStarted, "b", microseconds(2)));
  RunEvent retrying = node(Kind::kNodeRetrying, "a", microseconds(4));
  retrying.name = "node.retrying";
  retrying.error = &busy;
  trace.add(retrying);
  trace.add(nested(Kind::kNodeStarted, "x", microseconds(4)));
  trace.add(node(Kind::kNodeStarted, "a", microseconds(6), 2));
  trace.add(nested(Kind::kNodeSucceeded, "x", microseconds(7)));
  trace.add(node(Kind::kNodeSucceeded, "b", microseconds(8)));
  trace.add(node(Kind::kNodeCancelled, "a", microseconds(9), 2));
  trace.add({.kind = Kind::kRunFinished, .name = "run.finished", .at = microseconds(10)});
  EXPECT_EQ(trace.json(), R"({"displayTimeUnit": "ms", "traceEvents": [
{"ph":"M","name":"process_name","pid":1,"tid":0,"args":{"name":"flow.yaml"}},
{"ph":"X","name":"a","cat":"node","pid":1,"tid":1,"ts":1.0,"dur":3.0,"args":{"attempt":1,"outcome":"failed","reason":"test.busy"}},
{"ph":"X","name":"b","cat":"node","pid":1,"tid":2,"ts":2.0,"dur":6.0,"args":{"attempt":1,"outcome":"succeeded"}},
{"ph":"X","name":"b[0]/x","cat":"node","pid":1,"tid":1,"ts":4.0,"dur":3.0,"args":{"attempt":1,"outcome":"succeeded"}},
{"ph":"X","name":"a","cat":"node","pid":1,"tid":3,"ts":6.0,"dur":3.0,"args":{"attempt":2,"outcome":"cancelled"}},
{"ph":"i","s":"p","name":"node.retrying","cat":"run","pid":1,"tid":0,"ts":4.0,"args":{"node":"a"}}
]}
)");
}

TEST(RunTrace, RunsStandOneBehindTheOther) {
  RunTrace trace;
  for (const char* file : {"one.yaml", "two.yaml"}) {
    trace.begin(file);
    trace.add(node(Kind::kNodeStarted, "a", microseconds(1)));
    trace.add(node(Kind::kNodeSucceeded, "a", microseconds(2)));
    trace.add({.kind = Kind::kRunFinished, .name = "run.finished", .at = microseconds(5)});
  }
  const std::string json = trace.json();
  EXPECT_NE(json.find(R"("pid":1,"tid":1,"ts":1.0,)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("pid":2,"tid":1,"ts":6.0,)"), std::string::npos) << json;
}

TEST(RunTrace, IsADocumentAtAnyTimeAndWhateverIsInIt) {
  RunTrace trace;
  EXPECT_TRUE(document::parse_json(trace.json(), "trace.json"));
  trace.begin("\xff\"\n");
  trace.add(node(Kind::kNodeStarted, "\"},{\x1b", microseconds(1)));
  trace.add(node(Kind::kNodeWaiting, "w", microseconds(3)));
  const auto read = document::parse_json(trace.json(), "trace.json");
  ASSERT_TRUE(read);
  const auto& events = *read->find("traceEvents")->as_list();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(*events[1].find("args")->find("outcome")->as_string(), "running");
  EXPECT_EQ(*events[1].find("dur")->as_number(), 2.0);
}

}  // namespace
}  // namespace caisson::cli
