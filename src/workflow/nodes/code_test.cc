// Nodes of type code, as definitions write them.

#include "workflow/nodes/code.h"
#include "sandbox/limit_table.h"
#include "workflow/definition.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace caisson::workflow {
namespace {

using language::Language;

/// A definition with one node, whose fields are these lines.
Result<Definition> define(const std::string& fields) {
  return read_definition("processors:\n  - id: n\n    type: code\n" + fields, "flow.yaml");
}

NodeDefinition node(const std::string& fields) {
  auto definition = define(fields);
  EXPECT_TRUE(definition) << fields << definition.error().message;
  return definition ? definition->nodes.at(0) : NodeDefinition{};
}

const CodeSpec& code_of(const NodeDefinition& node) { return static_cast<const CodeSpec&>(*node.spec); }

std::string problem(const std::string& fields) {
  const auto definition = define(fields);
  EXPECT_FALSE(definition) << fields;
  return definition ? "" : definition.error().reason + ": " + definition.error().message;
}

TEST(CodeDefinition, HasATextAndALanguage) {
  const NodeDefinition read = node("    language: python\n    code: |\n      1 + 1\n");
  const CodeSpec& code = code_of(read);
  EXPECT_EQ(code.language, Language::kPython);
  EXPECT_EQ(code.text, "1 + 1\n");
  EXPECT_FALSE(code.imports);
  EXPECT_FALSE(code.deterministic);
}

TEST(CodeDefinition, KnowsTheLanguagesByAllTheirNames) {
  for (const auto& [name, language] : {std::pair{"lua", Language::kLua},
                                       {"js", Language::kJavaScript},
                                       {"node", Language::kJavaScript},
                                       {"Python3", Language::kPython}}) {
    EXPECT_EQ(code_of(node("    language: " + std::string(name) + "\n    code: '1'\n")).language, language) << name;
  }
  EXPECT_EQ(code_of(node("    file: sum.lua\n")).language, Language::kLua);
  EXPECT_EQ(code_of(node("    file: sum.txt\n    language: js\n")).language, Language::kJavaScript);
}

TEST(CodeDefinition, SaysWhatItMayImportAndWhatIsCalled) {
  const NodeDefinition read =
      node("    file: a.py\n    entry: main\n    imports: [json, math]\n    deterministic: true\n");
  const CodeSpec& code = code_of(read);
  EXPECT_EQ(code.entry, "main");
  EXPECT_EQ(code.imports, (std::vector<std::string>{"json", "math"}));
  EXPECT_TRUE(code.deterministic);
  EXPECT_EQ(code_of(node("    file: a.py\n    imports: []\n")).imports, std::vector<std::string>());
}

TEST(CodeDefinition, WhatIsWrongIsNamed) {
  EXPECT_NE(problem("    language: lua\n").find("either 'code', its text, or 'file'"), std::string::npos);
  EXPECT_NE(problem("    language: lua\n    code: '1'\n    file: a.lua\n").find("not both"), std::string::npos);
  EXPECT_NE(problem("    code: '1'\n").find("python, javascript or lua"), std::string::npos);
  EXPECT_NE(problem("    code: '1'\n    language: ruby\n").find("Unsupported language: ruby"), std::string::npos);
  EXPECT_NE(problem("    code: '1'\n    language: pyton\n").find("did you mean 'python'?"), std::string::npos);
  EXPECT_EQ(problem("    code: '1'\n    language: bash\n").substr(0, 22), "workflow.unimplemented");
  EXPECT_NE(problem("    code: '1'\n    language: lua\n    imports: json\n").find("list"), std::string::npos);
  EXPECT_NE(problem("    code: '1'\n    language: lua\n    deterministic: 1\n").find("true or false"),
            std::string::npos);
}

TEST(CodeDefinition, MayImportWhatItsTypeMayUntilItSaysItself) {
  const auto definition = read_definition(R"(
node_types: {code: {imports: [json, math]}}
processors:
  - {id: plain, type: code, language: python, code: "1"}
  - {id: own, type: code, language: python, code: "1", imports: [re]}
  - {id: nothing, type: code, language: python, code: "1", imports: []}
)",
                                          "flow.yaml");
  ASSERT_TRUE(definition) << definition.error().message;
  const auto imports = [&](std::size_t node) {
    return static_cast<const CodeSpec&>(*definition->nodes[node].spec).imports.value();
  };
  EXPECT_EQ(imports(0), (std::vector<std::string>{"json", "math"}));
  EXPECT_EQ(imports(1), std::vector<std::string>{"re"});
  EXPECT_EQ(imports(2), std::vector<std::string>{});
  EXPECT_FALSE(read_definition(
      "node_types: {wasm: {imports: [json]}}\nprocessors: [{id: a, type: wasm, module: a.wasm}]\n", "f"));
  EXPECT_FALSE(
      read_definition("node_types: {code: {imports: json}}\nprocessors: [{id: a, type: code, file: a.py}]\n", "f"));
}

TEST(CodeDefinition, HasTheLimitsOfItsTypeUntilSomebodyNamesOthers) {
  const auto definition = read_definition(R"(
wasm: {fuel: {default: 5000000}}
limits: {stdout: 1MB}
node_types: {code: {limits: {memory: 8MB}}}
processors:
  - {id: n, type: code, language: lua, code: "1", limits: {cpu: 2s}}
)",
                                          "flow.yaml");
  ASSERT_TRUE(definition) << definition.error().message;
  sandbox::PolicyRequest all;
  for (const sandbox::PolicyRequest* request : policy_requests(*definition, definition->nodes[0])) {
    add_to(all, *request);
  }
  const auto amount = [&](std::string_view key) { return all.find(*sandbox::find_limit(key))->amount; };
  EXPECT_EQ(amount("memory"), 8U << 20);
  EXPECT_EQ(amount("cpu"), 2'000'000'000U);
  EXPECT_EQ(amount("timeout"), 30'000'000'000U);
  EXPECT_EQ(amount("fuel"), std::nullopt) << "the fuel of `wasm` is for modules";
  EXPECT_EQ(all.clock->value, sandbox::ClockMode::kCoarse);
  EXPECT_EQ(code_defaults(true).clock->value, sandbox::ClockMode::kVirtual);
  EXPECT_EQ(code_defaults(true).random->value.mode, sandbox::RandomMode::kSeeded);
}

}  // namespace
}  // namespace caisson::workflow
