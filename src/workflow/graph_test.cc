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

constexpr std::string_view kControl = R"(
processors:
  - {id: pick, type: condition, expression: input == 'x', true_path: [each], false_path: [plain]}
  - id: each
    type: map
    items: [1, 2]
    body:
      - {id: first, type: local, processor: reverse_text}
      - {id: second, type: local, processor: token_counter, depends_on: [first]}
      - {id: again, type: loop, items: [1], body: [{id: deep, type: local, processor: reverse_text}]}
  - {id: plain, type: local, processor: reverse_text}
)";

TEST(Graph, NodesThatRunOthersStandInAFrameWithThem) {
  const auto definition = read_definition(kControl, "flow.yaml");
  ASSERT_TRUE(definition) << definition.error().message;
  const Plan plan = make_plan(*definition).value();
  EXPECT_EQ(to_mermaid(*definition, plan), R"(flowchart TD
  n0{"pick"}:::analyze
  subgraph n1_body["map"]
    n1[/"each"/]
    n1_0["first"]
    n1_1["second"]:::analyze
    subgraph n1_2_body["loop"]
      n1_2[/"again"\]
      n1_2_0["deep"]
    end
  end
  n2["plain"]
  n0 -.->|true| n1
  n0 -.->|false| n2
  n1 --> n1_0
  n1 --> n1_2
  n1_0 --> n1_1
  n1_2 --> n1_2_0
  classDef analyze stroke-dasharray: 4 3
)");
  EXPECT_EQ(to_dot(*definition, plan), R"(digraph workflow {
  n0 [label="pick", shape=diamond, style=dashed];
  subgraph cluster_n1 {
    label="map";
    n1 [label="each", shape=parallelogram];
    n1_0 [label="first", shape=box];
    n1_1 [label="second", shape=box, style=dashed];
    subgraph cluster_n1_2 {
      label="loop";
      n1_2 [label="again", shape=parallelogram];
      n1_2_0 [label="deep", shape=box];
    }
  }
  n2 [label="plain", shape=box];
  n0 -> n1 [style=dashed, label="true"];
  n0 -> n2 [style=dashed, label="false"];
  n1 -> n1_0;
  n1 -> n1_2;
  n1_0 -> n1_1;
  n1_2 -> n1_2_0;
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
