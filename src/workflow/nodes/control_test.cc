// Nodes that run or choose other nodes: condition, loop, map, parallel, recursive, workflow.

#include "workflow/testing/control_runs.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace caisson::workflow {
namespace {

class ControlNodes : public ::testing::Test {
 protected:
  static ControlRuns& runs() {
    static ControlRuns runs(CAISSON_TEST_IMAGE_CACHE);
    return runs;
  }
  static std::string output(const std::string& nodes, std::string_view node, const Payload& input = Payload()) {
    return runs().output("processors:\n" + nodes, node, input);
  }
  static std::string problem(const std::string& nodes) { return ControlRuns::problem("processors:\n" + nodes); }
  static Payload json(std::string_view text) { return Payload(std::string(text), Payload::kJson); }
};

constexpr std::string_view kChoice = R"(
  - {id: check, type: code, language: lua, code: "return {score = #payload / 10}"}
  - {id: pick, type: condition, depends_on: [check], expression: check.score > 0.5, true_path: [loud], false_path: [quiet]}
  - {id: loud, type: local, processor: change_text_case_upper}
  - {id: quiet, type: local, processor: change_text_case_lower}
)";

std::string choice() {
  std::string text(kChoice);
  const std::string from = "#payload";
  text.replace(text.find(from), from.size(), "#caisson.payload");
  return text;
}

TEST_F(ControlNodes, AConditionChooses) {
  const Payload words("Quite A Long Text");
  EXPECT_EQ(output(choice(), "pick", words),
            R"({"result":true,"branch":"true","expression":"check.score > 0.5","branch_outputs":{}})");
  EXPECT_EQ(output(choice(), "quiet", words), "skipped");
  EXPECT_EQ(output(choice(), "loud", Payload("Abc")), "skipped");
  EXPECT_EQ(output(choice(), "pick", Payload("Abc")),
            R"({"result":false,"branch":"false","expression":"check.score > 0.5","branch_outputs":{}})");
}

TEST_F(ControlNodes, AConditionIsCheckedWhenItIsRead) {
  const auto refused = read_definition("processors:\n  - {id: c, type: condition, expression: f(x)}\n", "flow.yaml");
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().diagnostics.size(), 1U);
  EXPECT_EQ(refused.error().diagnostics[0].where, (Location{"flow.yaml", 2, 42}));
  EXPECT_EQ(refused.error().diagnostics[0].message.substr(0, 75),
            "node 'c': expression: rejected expression: calls are not allowed (column 2)");
  EXPECT_NE(problem("  - {id: c, type: condition, expression: other > 1}\n").find("unknown name 'other' (column 1)"),
            std::string::npos);
  EXPECT_NE(problem("  - {id: c, type: condition}\n").find("workflow.missing_key"), std::string::npos);
  EXPECT_NE(problem("  - {id: c, type: condition, expression: input, true_path: [d]}\n").find("no node 'd' beside it"),
            std::string::npos);
  EXPECT_NE(
      problem("  - {id: c, type: condition, expression: input, true_path: [c]}\n").find("workflow.self_dependency"),
      std::string::npos);
}

TEST_F(ControlNodes, AMapGivesResultsInOrder) {
  const std::string nodes = R"(
  - id: each
    type: map
    body: [{id: up, type: local, processor: change_text_case_upper}]
)";
  EXPECT_EQ(output(nodes, "each", json(R"(["a", "b", "c"])")), R"(["A","B","C"])");
  EXPECT_EQ(output(nodes, "each", json("[]")), "[]");
  EXPECT_EQ(output(nodes, "each", Payload(R"(["a"])")), R"(["A"])");
  EXPECT_EQ(output(nodes, "each", json("{}")), "workflow.bad_items: the items must be a list, got a map");
  EXPECT_EQ(output(nodes, "each", Payload("x")).substr(0, 55),
            "workflow.bad_items: the items must be a list in JSON: i");
}

TEST_F(ControlNodes, AMapKnowsItsItemAndItsIndex) {
  const std::string code = R"(
  - {id: first, type: code, language: lua, code: "return {list = {10, 20, 30}, factor = 2}"}
  - id: each
    type: map
    depends_on: [first]
    items: first.list
    item_var: amount
    body: [{id: times, type: code, language: lua, code: "return inputs.amount * inputs.first.factor + inputs.index"}]
)";
  EXPECT_EQ(output(code, "each"), "[20,41,62]");
  std::string templated = code;
  templated.replace(templated.find("items: first.list"), 17, "items_source: '{{ first.list }}'");
  EXPECT_EQ(output(templated, "each"), "[20,41,62]");
}

TEST_F(ControlNodes, AMapHasChunksAndKeepsErrors) {
  EXPECT_EQ(output(R"(
  - id: each
    type: map
    chunk: 2
    body: [{id: n, type: code, language: lua, code: "return #inputs.item"}]
)",
                   "each", json("[1, 2, 3, 4, 5]")),
            "[2,2,1]");
  const auto strict = [](std::string_view more) {
    return std::string("  - id: each\n    type: map\n") + std::string(more) +
           "    body: [{id: n, type: code, language: lua, code: \"if inputs.item == 2 then error('no two') end return "
           "1\"}]\n";
  };
  EXPECT_EQ(output(strict(""), "each", json("[1, 2, 3]")),
            "code.exception: item 1: node 'n' failed: error: no two, line 1");
  EXPECT_EQ(output(strict("    item_errors: keep\n"), "each", json("[1, 2, 3]")),
            R"([1,{"error":{"reason":"code.exception","message":"node 'n' failed: error: no two, line 1"}},1])");
}

TEST_F(ControlNodes, ItemsHaveAnEnd) {
  std::string many = "[0";
  for (int i = 0; i < 10'000; ++i) {
    many += ",0";
  }
  const std::string nodes =
      "  - {id: each, type: map, body: [{id: up, type: local, processor: change_text_case_upper}]}\n";
  EXPECT_EQ(output(nodes, "each", json(many + "]")).substr(0, 24), "workflow.too_many_items:");
  std::string millions(3'000'000, ',');
  for (std::size_t i = 0; i < millions.size(); i += 2) {
    millions[i] = '0';
  }
  EXPECT_EQ(output(nodes, "each", json("[" + millions + "0]")).substr(0, 24), "workflow.too_many_items:");
}

TEST_F(ControlNodes, ALoopGoesRoundForItems) {
  EXPECT_EQ(output(R"(
  - id: again
    type: loop
    items: [1, two, {three: 3}]
    body: [{id: n, type: code, language: lua, code: "return {inputs.item, inputs.index, inputs.last}"}]
)",
                   "again"),
            R"({"results":[[1,0,null],["two",1,[1,0,null]],[{"three":3},2,["two",1,[1,0,null]]]],)"
            R"("iterations":3,"stopped_by":"items"})");
}

TEST_F(ControlNodes, ALoopGoesRoundWhileAnExpressionHolds) {
  EXPECT_EQ(output(R"(
  - id: again
    type: loop
    while: last == null or last < 40
    body: [{id: double, type: code, language: lua, code: "return caisson.payload * 2"}]
)",
                   "again", json("3")),
            R"({"results":[6,12,24,48],"iterations":4,"stopped_by":"while"})");
}

TEST_F(ControlNodes, ALoopHasAnEnd) {
  const auto endless = [](std::string_view more) {
    return "  - id: again\n    type: loop\n    while: true\n" + std::string(more) +
           "    body: [{id: up, type: local, processor: change_text_case_upper}]\n";
  };
  EXPECT_EQ(output(endless("    max_iterations: 3\n"), "again", Payload("a")),
            R"({"results":["A","A","A"],"iterations":3,"stopped_by":"max_iterations"})");
  EXPECT_EQ(output(endless(""), "again").substr(0, 45), "workflow.loop_limit: the loop went round 1000");
  EXPECT_NE(output(endless("    max_duration: 1ms\n    max_iterations: 100000\n"), "again")
                .find(R"("stopped_by":"max_duration"})"),
            std::string::npos);
  EXPECT_EQ(output(R"(
  - id: again
    type: loop
    items: [1]
    max_duration: 20ms
    body: [{id: spin, type: code, language: lua, code: "while true do end"}]
)",
                   "again"),
            R"({"results":[],"iterations":0,"stopped_by":"max_duration"})");
}

TEST_F(ControlNodes, AParallelLoopGivesResultsInOrder) {
  EXPECT_EQ(output(R"(
  - id: again
    type: loop
    items: [a, b, c]
    parallel: true
    body: [{id: up, type: local, processor: change_text_case_upper}]
)",
                   "again"),
            R"({"results":["A","B","C"],"iterations":3,"stopped_by":"items"})");
  EXPECT_NE(problem(R"(
  - id: again
    type: loop
    while: true
    parallel: 2
    body: [{id: up, type: local, processor: change_text_case_upper}]
)")
                .find("a parallel loop cannot have 'while'"),
            std::string::npos);
}

TEST_F(ControlNodes, ABodyCanNameNodesOfTheDefinition) {
  EXPECT_EQ(output(R"(
  - {id: each, type: map, body: [up, trim]}
  - {id: trim, type: local, processor: reverse_text, depends_on: [up]}
  - {id: up, type: local, processor: change_text_case_upper}
)",
                   "each", json(R"(["ab"])")),
            R"(["BA"])");
  EXPECT_NE(problem("  - {id: each, type: map, body: [up]}\n").find("its body names 'up', which no node has"),
            std::string::npos);
  EXPECT_NE(
      problem("  - {id: a, type: map, body: [b]}\n  - {id: b, type: map, body: [a]}\n").find("is in its own body"),
      std::string::npos);
  EXPECT_NE(problem("  - {id: a, type: map, body: [a]}\n").find("is in its own body"), std::string::npos);
  EXPECT_NE(problem(R"(
  - {id: a, type: map, body: [up]}
  - {id: b, type: map, body: [up]}
  - {id: up, type: local, processor: change_text_case_upper}
)")
                .find("is in the body of node 'a' already"),
            std::string::npos);
  EXPECT_NE(problem(R"(
  - {id: a, type: map, body: [{id: up, type: local, processor: change_text_case_upper}]}
  - {id: up, type: local, processor: change_text_case_upper}
)")
                .find("workflow.duplicate_id"),
            std::string::npos);
  EXPECT_NE(problem("  - {id: a, type: map, body: []}\n").find("there must be at least one node"), std::string::npos);
  EXPECT_NE(problem("  - {id: a, type: map}\n").find("workflow.missing_key"), std::string::npos);
}

TEST_F(ControlNodes, BodiesNestOnlySoDeep) {
  const auto nested = [](int depth) {
    std::string text = "  - id: m0\n    type: map\n    body: [m1]\n";
    for (int i = 1; i < depth; ++i) {
      text += "  - {id: m" + std::to_string(i) + ", type: map, body: [m" + std::to_string(i + 1) + "]}\n";
    }
    return text + "  - {id: m" + std::to_string(depth) + ", type: local, processor: change_text_case_upper}\n";
  };
  EXPECT_EQ(problem(nested(16)), "");
  EXPECT_NE(problem(nested(17)).find("more than 16 deep"), std::string::npos);
  EXPECT_NE(problem(nested(5'000)).find("more than 16 deep"), std::string::npos);
  EXPECT_EQ(output(nested(3), "m0", json(R"([[["a"],["b"]]])")), R"([[["A"],["B"]]])");
}

TEST_F(ControlNodes, BranchesRunOnTheSameInput) {
  const auto both = [](std::string_view more) {
    return "  - id: both\n    type: parallel\n" + std::string(more) + R"(
    branches:
      - [{id: up, type: local, processor: change_text_case_upper}]
      - [{id: low, type: local, processor: change_text_case_lower}, {id: back, type: local, processor: reverse_text, depends_on: [low]}]
)";
  };
  EXPECT_EQ(output(both(""), "both", Payload("Ab")), R"(["AB","ba"])");
  EXPECT_EQ(output(both("    wait: any\n    max_concurrency: 1\n"), "both", Payload("Ab")), "AB");
  EXPECT_EQ(output(both("    wait: race\n    max_concurrency: 1\n"), "both", Payload("Ab")), "AB");
  EXPECT_NE(problem(both("    wait: none\n")).find("wait must be 'all', 'any' or 'race', got 'none'"),
            std::string::npos);
}

TEST_F(ControlNodes, MapsOfBranchesAreMerged) {
  const auto two = [](std::string_view more) {
    return "  - id: both\n    type: parallel\n" + std::string(more) + R"(
    branches:
      - {id: one, type: code, language: lua, code: "return {a = 1, b = 1}"}
      - two
  - {id: two, type: code, language: lua, code: "return {b = 2}"}
)";
  };
  const std::string merged = output(two(""), "both");
  EXPECT_TRUE(merged == R"({"a":1,"b":2})" || merged == R"({"b":2,"a":1})") << merged;
  EXPECT_TRUE(output(two("    merge_outputs: false\n"), "both").ends_with(R"(,{"b":2}])"));
}

TEST_F(ControlNodes, TheFirstBranchDecides) {
  // Which of two branches is first is decided by the scheduler's threads, so the other one never ends by itself.
  const auto failing = [](std::string_view wait, std::string_view good) {
    return "  - id: both\n    type: parallel\n    wait: " + std::string(wait) + R"yaml(
    branches:
      - [{id: bad, type: code, language: lua, code: "error('bad')"}]
      - [{id: good, type: code, language: lua, code: ")yaml" +
           std::string(good) + "\"}]\n";
  };
  EXPECT_EQ(output(failing("any", "return 'good'"), "both"), "good");
  for (const std::string_view wait : {"race", "all"}) {
    EXPECT_EQ(output(failing(wait, "while true do end"), "both").substr(0, 40),
              "code.exception: branch 0: node 'bad' fai")
        << wait;
  }
}

TEST_F(ControlNodes, AWorkflowIsANode) {
  runs().add_workflow("inner", R"(
processors:
  - {id: up, type: local, processor: change_text_case_upper}
  - {id: back, type: local, processor: reverse_text, depends_on: [up]}
)");
  EXPECT_EQ(output("  - {id: sub, type: workflow, workflow_ref: inner}\n", "sub", Payload("ab")), "BA");
  EXPECT_EQ(output("  - {id: sub, type: workflow, file: inner}\n", "sub", Payload("ab")), "BA");
  EXPECT_NE(problem("  - {id: sub, type: workflow}\n").find("name the workflow that it runs"), std::string::npos);
  EXPECT_NE(problem("  - {id: sub, type: workflow, file: a, workflow_ref: b}\n").find("write one of"),
            std::string::npos);
  EXPECT_NE(problem("  - {id: sub, type: workflow, workflow_ref: ../a}\n").find("must be a name of letters"),
            std::string::npos);
}

TEST_F(ControlNodes, ARecursiveNodeRunsUntilItConverges) {
  runs().add_workflow("half",
                      "processors:\n  - {id: h, type: code, language: lua, code: \"return caisson.payload // 2\"}\n");
  const auto recursive = [](std::string_view more) {
    return "  - id: r\n    type: recursive\n    workflow_ref: half\n" + std::string(more);
  };
  EXPECT_EQ(output(recursive("    convergence_condition: result < 10\n"), "r", json("100")),
            R"({"result":6,"iterations":4,"converged":true})");
  EXPECT_EQ(output(recursive("    convergence_condition: result < 10\n    max_iterations: 2\n"), "r", json("100")),
            R"({"result":25,"iterations":2,"converged":false})");
  EXPECT_NE(problem(recursive("    convergence_condition: result < 10\n    agent_package: x\n")).find("exactly one of"),
            std::string::npos);
  EXPECT_NE(problem("  - {id: r, type: recursive, agent_package: x, convergence_condition: result}\n")
                .find("workflow.unimplemented"),
            std::string::npos);
  EXPECT_NE(problem("  - {id: r, type: recursive, workflow_ref: x}\n").find("convergence_condition is missing"),
            std::string::npos);
}

}  // namespace
}  // namespace caisson::workflow
