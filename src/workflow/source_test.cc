#include "workflow/source.h"

#include "document/parse.h"
#include "document/print.h"
#include "workflow/definition.h"
#include "workflow/internal/lua_steps.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace caisson::workflow {
namespace {

using document::Value;

Value json(std::string_view text) { return document::parse_json(text, "test").value(); }

/// What the steps of a table become, as YAML; or the problems, a line each.
std::string steps(std::string_view table) {
  const Result<Value> out = from_lua_table(json(table), "flow.lua");
  if (out) {
    return document::to_yaml(*out);
  }
  std::string problems;
  for (const Diagnostic& problem : out.error().diagnostics) {
    problems += problem.message + "\n";
  }
  return problems;
}

Result<Source> blueprint(std::string text) { return read_source(text, "flow.json"); }

std::string first_problem(const Result<Source>& source) {
  const auto& problems = source.error().diagnostics;
  return problems.empty() ? source.error().message
                          : std::to_string(problems[0].where.line) + ":" + std::to_string(problems[0].where.column) +
                                ": " + problems[0].reason + ": " + problems[0].message;
}

TEST(SourceFormat, AFilesNameTellsIt) {
  EXPECT_EQ(source_format_of_file("a.yaml"), SourceFormat::kYaml);
  EXPECT_EQ(source_format_of_file("b/a.yml"), SourceFormat::kYaml);
  EXPECT_EQ(source_format_of_file("a.json"), SourceFormat::kJson);
  EXPECT_EQ(source_format_of_file("a.lua"), SourceFormat::kLua);
  EXPECT_EQ(source_format_of_file("a.txt"), std::nullopt);
  for (const std::string_view name : kSourceFormats) {
    EXPECT_EQ(to_string(source_format_from(name).value()), name);
  }
  EXPECT_EQ(source_format_from("toml"), std::nullopt);
}

TEST(SourceFormat, OtherwiseTheTextDoes) {
  EXPECT_EQ(source_format_of_text("  \n{\"a\": 1}"), SourceFormat::kJson);
  EXPECT_EQ(source_format_of_text("\xEF\xBB\xBF{}"), SourceFormat::kJson);
  EXPECT_EQ(source_format_of_text("-- a workflow\nworkflow = {}"), SourceFormat::kLua);
  EXPECT_EQ(source_format_of_text("workflow= {}"), SourceFormat::kLua);
  EXPECT_EQ(source_format_of_text("return {}"), SourceFormat::kLua);
  EXPECT_EQ(source_format_of_text("local x = 1"), SourceFormat::kLua);
  EXPECT_EQ(source_format_of_text("workflow: {}"), SourceFormat::kYaml);
  EXPECT_EQ(source_format_of_text("---\nprocessors: []"), SourceFormat::kYaml);
  EXPECT_EQ(source_format_of_text("# a comment"), SourceFormat::kYaml);
  EXPECT_EQ(source_format_of_text(""), SourceFormat::kYaml);
}

TEST(Source, JsonIsReadAsJson) {
  const auto source = read_source("{\"processors\": [,]}", "flow.json");
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().reason, "document.invalid");
  EXPECT_EQ(read_source("{\"a\": 1}", "-")->format, SourceFormat::kJson);
}

TEST(Source, WhatIsNoDefinitionIsSaidToBeWhatItIs) {
  EXPECT_EQ(
      first_problem(read_source("# nothing yet\n", "flow.yaml")),
      "1:1: document.empty: there is no workflow in it: a workflow begins with 'processors:' and a list of nodes; "
      "`caisson examples` has some to begin with");
  EXPECT_EQ(first_problem(read_source(std::string("\0asm\1\0\0\0", 8), "flow.yaml")),
            "1:1: document.encoding: this is a WebAssembly module, not a workflow; a node runs it: `type: wasm`, "
            "`module: FILE`");
  EXPECT_EQ(first_problem(read_source("\x7F"
                                      "ELF\2",
                                      "flow.yaml")),
            "1:1: document.encoding: this is a program, not a workflow");
  EXPECT_EQ(first_problem(read_source("\x1F\x8B\x08", "flow.json")),
            "1:1: document.encoding: this is an archive, not a workflow: unpack it first");
}

TEST(Source, LuaWithoutASandboxIsRefused) {
  EXPECT_EQ(read_source("workflow = {}", "flow.lua").error().reason, "workflow.unimplemented");
}

TEST(LuaSteps, BecomeNodesByDependenciesThenName) {
  EXPECT_EQ(steps(R"({"name": "demo", "steps": {
      "b": {"code": "return 1", "depends_on": "c"},
      "a": {"language": "wasm", "module": "m.wasm", "function": "go", "depends_on": ["b"]},
      "c": {"language": "js", "code": "1", "depends_on": {}},
      "d": {"language": "python", "code": "1", "limits": {"memory": "1MB"}}}})"),
            "name: demo\nprocessors:\n"
            "  - id: c\n    type: code\n    language: javascript\n    code: \"1\"\n    depends_on: []\n"
            "  - id: b\n    type: code\n    language: lua\n    code: return 1\n    depends_on: [c]\n"
            "  - id: a\n    type: wasm\n    module: m.wasm\n    depends_on: [b]\n    func: go\n"
            "  - id: d\n    type: code\n    language: python\n    code: \"1\"\n    limits:\n      memory: \"1MB\"\n"
            "executor_options:\n  max_concurrency: 1\n");
}

TEST(LuaSteps, AListKeepsItsOrder) {
  EXPECT_EQ(steps(R"({"steps": [{"name": "z", "code": "1", "depends_on": "a"}, {"name": "a", "code": "1"}],
                      "executor_options": {"max_concurrency": 4}})"),
            "executor_options:\n  max_concurrency: 4\nprocessors:\n"
            "  - id: z\n    type: code\n    language: lua\n    code: \"1\"\n    depends_on: [a]\n"
            "  - id: a\n    type: code\n    language: lua\n    code: \"1\"\n");
}

TEST(LuaSteps, AStepWithATypeIsANode) {
  EXPECT_EQ(steps(R"({"steps": {"up": {"type": "local", "processor": "reverse_text"}}})"),
            "processors:\n  - id: up\n    type: local\n    processor: reverse_text\nexecutor_options:\n  "
            "max_concurrency: 1\n");
}

TEST(LuaSteps, EveryAliasOfALanguage) {
  const auto type_of = [](const std::string& language) {
    const Value out =
        from_lua_table(json(R"({"steps": {"a": {"code": "1", "module": "m", "language": ")" + language + "\"}}}"), "f")
            .value();
    const Value& node = out.find("processors")->as_list()->front();
    const Value* code = node.find("language");
    return *node.find("type")->as_string() + (code == nullptr ? "" : " " + *code->as_string());
  };
  EXPECT_EQ(type_of("python"), "code python");
  EXPECT_EQ(type_of("lua"), "code lua");
  for (const char* name : {"javascript", "js", "node", "nodejs"}) {
    EXPECT_EQ(type_of(name), "code javascript");
  }
  for (const char* name : {"wasm", "webassembly"}) {
    EXPECT_EQ(type_of(name), "wasm");
  }
  for (const char* name : {"shell", "sh"}) {
    EXPECT_EQ(type_of(name), "shell sh");
  }
  EXPECT_EQ(type_of("bash"), "shell bash");
}

TEST(LuaSteps, EveryProblemHasItsPath) {
  EXPECT_EQ(
      steps(R"({"steps": {"a": {"language": "cobol"}, "b": {"language": "wasm"}, "c": {"depends_on": [1], "code": "1"},
                      "d": 3, "e": {}, "f": {"code": "1", "name": "g"}}})"),
      "steps.d must be a table, got an integer\n"
      "steps.f.name says something else than the name of the step; leave it out\n");
  EXPECT_EQ(
      steps(R"({"steps": {"a": {"language": "cobol"}, "b": {"language": "wasm"}, "c": {"depends_on": [1], "code": "1"},
                      "e": {}, "f": {"code": "1", "func": "a", "function": "b"}, "g": {"language": 1}}})"),
      "steps.c.depends_on[1] must be the name of a step, got an integer\n"
      "steps.a.language: Unsupported language: cobol; it must be lua, python, javascript, wasm or sh\n"
      "steps.b.module is missing; a wasm step needs the file of its module: module = \"file.wasm\"\n"
      "steps.e.code is missing; a step in lua needs its code as text: code = [[ ... ]]\n"
      "steps.f.function is another name of func; write only one of them\n"
      "steps.g.language must be a string, got an integer\n");
  EXPECT_EQ(steps("{}"), "steps is missing; a workflow in Lua has a table `steps`, or `processors` as in YAML\n");
  EXPECT_EQ(steps(R"({"steps": 3})"), "steps must be a table of steps, got an integer\n");
  EXPECT_EQ(steps(R"({"steps": [{"code": "1"}, 3]})"),
            "steps[1].name is missing; a step in a list needs a name of its own\nsteps[2] must be a table, got an "
            "integer\n");
}

TEST(LuaSteps, ACycleIsNamedByTheGraph) {
  const Value root =
      from_lua_table(
          json(R"({"steps": {"a": {"code": "1", "depends_on": "b"}, "b": {"code": "1", "depends_on": "a"}}})"), "f")
          .value();
  const auto definition = definition_of(root, "f");
  ASSERT_FALSE(definition);
  EXPECT_EQ(definition.error().reason, "workflow.cycle") << definition.error().message;
}

TEST(Blueprint, SaysHowOftenANodeIsTried) {
  const auto retry = [](const std::string& fields) {
    const auto source = blueprint(
        R"({"schema_version": "1.2.0", "nodes": [{"id": "a", "type": "code", "language": "lua", "code": "1", )" +
        fields + "}]}");
    if (!source) {
      return source.error().diagnostics.front().message;
    }
    const auto definition = definition_of(source->root, "flow.json");
    if (!definition || !definition->nodes[0].rules.retry) {
      return definition ? "once" : definition.error().message;
    }
    const RetryRule& rule = *definition->nodes[0].rules.retry;
    return fmt::format("{} {} {} ms", rule.attempts, to_string(rule.backoff),
                       rule.delay / std::chrono::milliseconds(1));
  };
  EXPECT_EQ(retry(R"("retries": 0, "backoff_seconds": 0)"), "once");
  EXPECT_EQ(retry(R"("retries": 2)"), "3 fixed 0 ms");
  EXPECT_EQ(retry(R"("retries": 2, "backoff_seconds": 1.5)"), "3 fixed 1500 ms");
  EXPECT_EQ(retry(R"("retry_policy": {})"), "3 exponential 1000 ms");
  EXPECT_EQ(retry(R"("retry_policy": {"max_attempts": 5, "strategy": "linear", "backoff": 2})"), "5 linear 2000 ms");
  EXPECT_EQ(retry(R"("retries": 1, "retry_policy": {})"),
            "node 'a': 'retries' and 'retry_policy' say the same; write only one");
}

TEST(Blueprint, IsTheDefinitionItSays) {
  const auto source = blueprint(R"({"schema_version": "1.2.0", "id": "bp_0123abcd", "metadata": {"x": 1},
    "nodes": [{"id": "a", "type": "code", "name": "First", "level": 0, "language": "python", "code": "1", "sandbox": true,
               "retries": 0, "dependencies": [], "timeout_seconds": 5},
              {"id": "b", "type": "local", "processor": "reverse_text", "dependencies": ["a"], "use_cache": true}]})");
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(source->format, SourceFormat::kBlueprint);
  EXPECT_EQ(document::to_yaml(source->root),
            "processors:\n  - id: a\n    type: code\n    language: python\n    code: \"1\"\n    depends_on: []\n"
            "    limits:\n      timeout: \"5s\"\n"
            "  - id: b\n    type: local\n    processor: reverse_text\n    depends_on: [a]\n");
  ASSERT_EQ(source->warnings.size(), 1U);
  EXPECT_EQ(source->warnings[0].reason, "workflow.no_effect");
  const auto definition = definition_of(source->root, "flow.json");
  ASSERT_TRUE(definition) << definition.error().message;
  EXPECT_EQ(definition->nodes[1].mark.line, 4);
}

TEST(Blueprint, NodesInNodesAreTranslatedToo) {
  const std::string text =
      R"({"schema_version": "1.2.0", "nodes": [{"id": "a", "type": "loop", "body": [{"id": "b", "dependencies": []}, "c"]},
          {"id": "d", "type": "parallel", "branches": [[{"id": "e", "dependencies": ["f"]}]]}]})";
  const Value expected =
      json(R"({"processors": [{"id": "a", "type": "loop", "body": [{"id": "b", "depends_on": []}, "c"]},
          {"id": "d", "type": "parallel", "branches": [[{"id": "e", "depends_on": ["f"]}]]}]})");
  EXPECT_EQ(blueprint(text)->root, expected);
  EXPECT_EQ(*json(print_source(expected, SourceFormat::kBlueprint).value()).find("nodes"), *json(text).find("nodes"));
}

TEST(Blueprint, TypesOfLaterVersionsAreRefusedByName) {
  for (const std::string type : {"tool", "llm", "agent", "human", "monitor", "swarm"}) {
    const auto source =
        blueprint("{\"schema_version\": \"1.2.0\", \"nodes\": [\n{\"id\": \"a\", \"type\": \"" + type + "\"}]}");
    ASSERT_FALSE(source);
    EXPECT_EQ(source.error().reason, "workflow.unimplemented");
    EXPECT_EQ(first_problem(source),
              "2:21: workflow.unimplemented: node 'a': type '" + type + "' is not in this version");
  }
}

TEST(Blueprint, WhatIsWrongHasItsPlace) {
  EXPECT_EQ(first_problem(blueprint(R"({"schema_version": "2.0", "nodes": []})")),
            "1:20: workflow.bad_value: schema_version '2.0' is not known; known are 1.x, the newest \"1.2.0\"");
  EXPECT_EQ(first_problem(blueprint(R"({"schema_version": "1.2.0", "id": "bp_xyz", "nodes": []})")),
            "1:35: workflow.bad_value: the id of a blueprint is `bp_` and 8 hexadecimal digits, got 'bp_xyz'");
  EXPECT_EQ(first_problem(blueprint(R"({"schema_version": "1.2.0", "nodes": [{"id": "a", "sandbox": false}]})")),
            "1:62: workflow.unimplemented: node 'a': sandbox can only be true in this version: code always runs in a "
            "sandbox");
  EXPECT_EQ(first_problem(blueprint(R"({"schema_version": "1.2.0", "nodes": [{"id": "a", "timeout_seconds": 0}]})")),
            "1:70: workflow.bad_value: node 'a': timeout_seconds must be a whole number of seconds from 1");
  const auto format = read_source("[]", "-", {.format = SourceFormat::kBlueprint});
  EXPECT_EQ(format.error().reason, "workflow.wrong_type");
}

TEST(PrintSource, LuaIsWhatAPersonWouldWrite) {
  const Value root =
      json(R"({"name": "a\"b\\\u0001", "end": null, "n": [1, 2.5, -9223372036854775808], "e": [], "m": {},
                              "code": "one\ntwo", "x]]": "a\n]]"})");
  EXPECT_EQ(
      print_source(root, SourceFormat::kLua).value(),
      "workflow = {\n  name = \"a\\\"b\\\\\\001\",\n  [\"end\"] = null,\n  n = {\n    1,\n    2.5,\n    "
      "math.mininteger,\n  },\n  e = list {},\n  m = {},\n  code = [[\none\ntwo]],\n  [\"x]]\"] = \"a\\n]]\",\n}\n");
}

TEST(PrintSource, ABlueprintHasAnIdOfItsContent) {
  const Value root = json(R"({"processors": [{"id": "a", "depends_on": ["b"]}]})");
  const std::string text = print_source(root, SourceFormat::kBlueprint).value();
  const Value printed = json(text);
  EXPECT_EQ(printed.find("id")->as_string()->size(), 11U);
  EXPECT_EQ(*printed.find("nodes"), json(R"([{"id": "a", "dependencies": ["b"]}])"));
  EXPECT_EQ(print_source(root, SourceFormat::kBlueprint).value(), text);
}

TEST(PrintSource, ANameOfABlueprintOnlyDescribes) {
  const Value root = json(R"({"processors": [{"id": "a", "type": "workflow", "name": "other"}]})");
  EXPECT_EQ(read_source(print_source(root, SourceFormat::kBlueprint).value(), "flow.json")->root,
            json(R"({"processors": [{"id": "a", "type": "workflow", "workflow_ref": "other"}]})"));
}

TEST(PrintSource, OnlyYamlSaysNumbersThatAreNotFinite) {
  const Value root = Value::map({{"a", Value::list({1e308 * 10})}});
  EXPECT_EQ(print_source(root, SourceFormat::kYaml).value(), "a: [.inf]\n");
  EXPECT_EQ(print_source(root, SourceFormat::kLua).error().reason, "workflow.bad_value");
  EXPECT_EQ(print_source(root, SourceFormat::kJson).error().reason, "workflow.bad_value");
}

}  // namespace
}  // namespace caisson::workflow
