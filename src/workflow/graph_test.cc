#include "workflow/graph.h"

#include "workflow/testing/sample_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace caisson::workflow {
namespace {

TEST(Graph, AsMermaid) {
  const SampleRun run = sample_run({{.id = "prepare input"},
                                    {.id = "größe", .type = &kWasmType, .depends_on = {"prepare input"}},
                                    {.id = "count", .intent = Intent::kAnalyze, .depends_on = {"prepare input"}},
                                    {.id = "end", .depends_on = {"größe", "count"}}},
                                   {});
  EXPECT_EQ(to_mermaid(run.definition, run.plan), R"(flowchart TD
  n0["prepare input"]
  n1{{"größe"}}
  n2["count"]:::analyze
  n3["end"]
  n0 --> n1
  n0 --> n2
  n1 --> n3
  n2 -.-> n3
  classDef analyze stroke-dasharray: 4 3
)");
}

TEST(Graph, AsDot) {
  const SampleRun run = sample_run({{.id = "a"},
                                    {.id = "w", .type = &kWasmType, .intent = Intent::kAnalyze, .depends_on = {"a"}},
                                    {.id = "z", .depends_on = {"w"}}},
                                   {});
  EXPECT_EQ(to_dot(run.definition, run.plan), R"(digraph workflow {
  n0 [label="a", shape=box];
  n1 [label="w", shape=hexagon, style=dashed];
  n2 [label="z", shape=box];
  n0 -> n1;
  n1 -> n2 [style=dashed];
}
)");
}

TEST(Graph, AnIdCannotLeaveItsLabel) {
  const SampleRun run =
      sample_run({{.id = R"(a"]; n9["x#quot;)"}, {.id = R"(b\", shape=none]; n9 [label=")"}, {.id = "\u202etxt"}}, {});
  EXPECT_EQ(to_mermaid(run.definition, run.plan), R"(flowchart TD
  n0["a#34;#93;#59; n9#91;#34;x#35;quot#59;"]
  n1["b#92;#34;#44; shape#61;none#93;#59; n9 #91;label#61;#34;"]
  n2["#92;u#123;202e#125;txt"]
  classDef analyze stroke-dasharray: 4 3
)");
  EXPECT_EQ(to_dot(run.definition, run.plan), R"(digraph workflow {
  n0 [label="a\"]; n9[\"x#quot;", shape=box];
  n1 [label="b\\\", shape=none]; n9 [label=\"", shape=box];
  n2 [label="\\u{202e}txt", shape=box];
}
)");
}

}  // namespace
}  // namespace caisson::workflow
