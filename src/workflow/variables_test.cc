#include "workflow/variables.h"

#include "document/parse.h"
#include "document/print.h"

#include <gtest/gtest.h>

#include <string>

namespace caisson::workflow {
namespace {

using document::Value;

std::string filled(std::string_view text) {
  Value root = document::parse_yaml(text, "flow.yaml").value();
  const auto declared = declared_variables(root, "flow.yaml");
  if (!declared) {
    return declared.error().message;
  }
  const Status status = fill_variables(
      root, *declared, {{"A", "1"}, {"B", "${A}"}, {"BAD", "\xFF"}, {"BRACES", "{{a}}"}, {"HALF", "{a"}}, "flow.yaml");
  if (status) {
    return document::to_json(root);
  }
  std::string out;
  for (const Diagnostic& problem : status.error().diagnostics) {
    out += std::to_string(problem.where.line) + ":" + std::to_string(problem.where.column) + ": " + problem.reason +
           ": " + problem.message + "\n";
  }
  return out;
}

TEST(Variables, AreReplacedByTextOnce) {
  EXPECT_EQ(filled("env: [A, B]\nname: 'x${A}${B}y'\nl: ['${A}', {m: '${B}'}]"),
            R"({"env":["A","B"],"name":"x1${A}y","l":["1",{"m":"${A}"}]})");
}

TEST(Variables, ASecondSignIsTheTextItself) {
  EXPECT_EQ(filled("name: '$${A} $$${A} $A ${} ${1} $'"), R"({"name":"${A} $${A} $A ${} ${1} $"})");
}

TEST(Variables, IdsTypesCodeAndSchemasAreLeftAlone) {
  EXPECT_EQ(
      filled("env: [A]\ninput_schema: {pattern: '${Z}'}\nprocessors: [{id: '${Z}', type: '${Z}', depends_on: ['${Z}'], "
             "code: '${Z}', output_schema: {a: '${Z}'}, module: '${A}'}]"),
      R"({"env":["A"],"input_schema":{"pattern":"${Z}"},"processors":[{"id":"${Z}","type":"${Z}","depends_on":["${Z}"],"code":"${Z}","output_schema":{"a":"${Z}"},"module":"1"}]})");
}

TEST(Variables, EveryProblemIsToldWithItsPlace) {
  EXPECT_EQ(
      filled("env: [HOST, UNSET, BAD]\nname: '${HOTS}'\na: ['${UNSET}', '${A-1}', '${BAD}', '${OPEN']"),
      "2:7: workflow.bad_variable: variable 'HOTS' is not declared (did you mean 'HOST'?); add it at the top: env: "
      "[HOTS]; $${ stands for the sign itself\n"
      "3:5: workflow.unset_variable: variable 'UNSET' is not set in the environment\n"
      "3:17: workflow.bad_variable: '${A-1}' is no variable; write ${NAME}, or $${ for the sign itself\n"
      "3:27: workflow.bad_variable: the value of variable 'BAD' is not UTF-8\n"
      "3:37: workflow.bad_variable: '${OPEN' is no variable; write ${NAME}, or $${ for the sign itself\n");
}

TEST(Variables, AValueDoesNotBecomeATemplate) {
  EXPECT_EQ(filled("env: [BRACES]\nname: '${BRACES}'"), R"({"env":["BRACES"],"name":"{{a}}"})");
  EXPECT_EQ(
      filled("env: [BRACES]\nprocessors: [{id: a, type: code, input_mappings: {a: ['${BRACES}']}, file: '${BRACES}'}]"),
      "2:55: workflow.bad_variable: the value of variable 'BRACES' has braces, which a template would read: two "
      "together, "
      "or one at its beginning or end\n");
  EXPECT_EQ(filled("env: [HALF]\nprocessors: [{id: a, type: code, input_mappings: {a: '{${HALF}}}'}}]"),
            "2:54: workflow.bad_variable: the value of variable 'HALF' has braces, which a template would read: two "
            "together, or one at its beginning or end\n");
}

TEST(Variables, TheListHasNames) {
  EXPECT_EQ(filled("env: A"), "env must be a list of at most 100 names of variables");
  EXPECT_EQ(filled("env: ['*']"), "env must have names of variables of letters, digits and '_', got \"*\"");
  EXPECT_EQ(filled("env: [3]"), "env must have names of variables of letters, digits and '_', got an integer");
  EXPECT_EQ(filled("env:\nname: a"), R"({"env":null,"name":"a"})");
}

}  // namespace
}  // namespace caisson::workflow
