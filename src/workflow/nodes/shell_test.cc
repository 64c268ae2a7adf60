// Nodes that run outside of any sandbox.

#include "workflow/nodes/shell.h"

#include "workflow/testing/control_runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace caisson::workflow {
namespace {

class ShellNodes : public ::testing::Test {
 protected:
  static ControlRuns& runs() {
    static ControlRuns runs(CAISSON_TEST_IMAGE_CACHE);
    return runs;
  }
  /// A script behind a node `data-1` that gives the payload; each line of it is a line of the definition.
  static std::string script(const std::string& code, const std::string& more = "") {
    std::string lines;
    for (std::size_t at = 0; at < code.size();) {
      const std::size_t end = std::min(code.find('\n', at), code.size());
      lines += "      " + code.substr(at, end - at) + "\n";
      at = end + 1;
    }
    return "processors:\n  - {id: data-1, type: code, language: lua, code: \"return caisson.payload\"}\n"
           "  - id: s\n    type: shell\n    depends_on: [data-1]\n" +
           more + "    code: |\n" + lines;
  }
  static std::string output(const std::string& code, std::string_view json = "null", const std::string& more = "") {
    return runs().output(script(code, more), "s", Payload(std::string(json), Payload::kJson));
  }
};

TEST_F(ShellNodes, TheFirstLineOfJsonIsTheOutput) {
  EXPECT_EQ(output("echo text\necho '{\"a\": 1}'\necho '{\"b\": 2}'"), R"({"a": 1})");
  EXPECT_EQ(output("echo hello\necho oops >&2"), R"({"stdout":"hello\n","stderr":"oops\n","exit_code":0})");
}

TEST_F(ShellNodes, InputsAreVariables) {
  EXPECT_EQ(output("echo \"[$INPUT_DATA_1_N, $INPUT_DATA_1_LIST]\"", R"({"n": 5, "list": [1, 2], "t": "x"})"),
            "[5, [1,2]]");
  EXPECT_EQ(output("echo \"{\\\"t\\\": \\\"$(parse_input data-1 t)\\\"}\"", R"({"t": "x y"})"), R"({"t": "x y"})");
  EXPECT_EQ(output("parse_input data-1", R"([1,2])"), "[1,2]");
  EXPECT_EQ(output("cat", R"("text")"), R"({"data-1":"text"})");
}

TEST_F(ShellNodes, ValuesAreNotCode) {
  EXPECT_EQ(output("parse_input data-1 t", R"js({"t": "$(echo 1) `echo 2` ; echo 3 \" '"})js"),
            R"js({"stdout":"$(echo 1) `echo 2` ; echo 3 \" '\n","stderr":"","exit_code":0})js");
  EXPECT_EQ(output("parse_input 'a;id' 'b$(id)'"), R"({"stdout":"\n","stderr":"","exit_code":0})");
}

TEST_F(ShellNodes, NothingIsInherited) {
  ASSERT_EQ(setenv("CAISSON_TEST_SECRET", "CANARY", 1), 0);
  EXPECT_EQ(output("echo \"[\\\"$PATH\\\", \\\"$CAISSON_TEST_SECRET\\\", \\\"$HOME\\\"]\""),
            R"(["/usr/local/bin:/usr/bin:/bin", "", ""])");
}

TEST_F(ShellNodes, AScriptThatFailsFailsItsNode) {
  EXPECT_EQ(output("echo first\nfalse\necho '{}'"), "workflow.script_failed: the script ended with exit code 1");
  EXPECT_EQ(output("echo no >&2\nexit 7"), "workflow.script_failed: the script ended with exit code 7: no");
}

TEST_F(ShellNodes, HaveLimits) {
  EXPECT_EQ(output("while :; do :; done", "null", "    limits: {timeout: 200ms}\n").substr(0, 42),
            "sandbox.deadline: the script took longer t");
  EXPECT_EQ(output("while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaa; done", "null", "    limits: {stdout: 4KB}\n")
                .substr(0, 40),
            "sandbox.output_limit: the script wrote m");
}

TEST_F(ShellNodes, PythonGivesItsLastLineOfJson) {
  EXPECT_EQ(output("print('[1]')\nprint(len(inputs['data-1']))", "[1, 2, 3]", "    language: python3\n"), "3");
  EXPECT_EQ(output("def run(inputs):\n    return {'n': inputs['data-1'] + 1}", "4", "    language: python\n"),
            R"({"n": 5})");
}

TEST_F(ShellNodes, JavaScriptGivesAMapOrItsLastLineOfJson) {
  if (!std::filesystem::exists("/usr/bin/node")) {
    GTEST_SKIP() << "Node is not installed";
  }
  const std::string node = "    language: node\n";
  EXPECT_EQ(output("console.log('[1]')\nconsole.log(inputs['data-1'] + 1)", "3", node), "4");
  EXPECT_EQ(output("function run(inputs) {\n  return inputs['data-1']\n}", "3", node), R"({"value":3})");
  EXPECT_EQ(output("async function run() {\n  return null\n}", "3", node), "{}");
  EXPECT_EQ(output("async function run() {\n  return [1]\n}", "3", node), "[1]");
}

TEST_F(ShellNodes, AnInterpreterThatIsNotAllowedFailsTheRun) {
  const RunRecord record = runs().run(script("1", "    language: bash\n"));
  ASSERT_TRUE(record.error);
  EXPECT_EQ(record.error->reason, "policy.refused");
}

TEST_F(ShellNodes, WhatCannotBeRecordedHasNoResult) {
  EXPECT_EQ(runs().output("processors:\n  - {id: unheard, type: shell, code: \"echo '{}'\"}\n", "unheard"),
            "observe.audit: not recorded");
}

TEST_F(ShellNodes, AreCheckedWhenTheyAreRead) {
  const auto problem = [](const std::string& fields) {
    return ControlRuns::problem("processors:\n  - {id: s, type: shell" + fields + "}\n");
  };
  EXPECT_EQ(problem(", code: ls"), "");
  EXPECT_NE(problem("").find("workflow.missing_key"), std::string::npos);
  EXPECT_NE(problem(", code: ls, file: a.sh").find("workflow.missing_key"), std::string::npos);
  EXPECT_NE(problem(", code: ls, language: perl").find("Unsupported language: perl"), std::string::npos);
  EXPECT_NE(problem(", code: ls, grants: {read: [.]}").find("grants have no effect on a shell node"),
            std::string::npos);
  EXPECT_NE(ControlRuns::problem(R"(
processors:
  - {id: a-b, type: local, processor: reverse_text}
  - {id: a_b, type: local, processor: reverse_text}
  - {id: s, type: shell, code: ls, depends_on: [a-b, a_b]}
)")
                .find("would both be the variable INPUT_A_B"),
            std::string::npos);
}

}  // namespace
}  // namespace caisson::workflow
