// Definitions in every format, and that they say the same.

#include "runtime/definitions.h"

#include "document/parse.h"
#include "document/print.h"
#include "workflow/definition.h"
#include "workflow/source.h"
#include "workflow/testing/random_definition.h"

#include <caisson/runtime.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

namespace caisson {
namespace {

using document::Value;
using workflow::SourceFormat;

class RuntimeDefinitions : public ::testing::Test {
 protected:
  static runtime::Machinery& machinery() {
    static runtime::Machinery made({.cache_folder = CAISSON_TEST_IMAGE_CACHE}, base::make_environment());
    return made;
  }
  static Result<workflow::Source> read(std::string text, std::string format) {
    static const runtime::Configurations configurations =
        runtime::Configurations::load(machinery().environment(), {.read_files = false}).value();
    return runtime::read_source({.text = std::move(text), .file = "flow", .format = std::move(format)}, configurations,
                                machinery());
  }
  static Result<workflow::Source> lua(std::string text) { return read(std::move(text), "lua"); }

  /// The table, as JSON; or the first problem.
  static std::string table(const std::string& text) {
    const auto source = lua("local processors = {} local w = " + text + " w.processors = {} return w");
    if (!source) {
      return source.error().reason + ": " + source.error().message;
    }
    Value root = source->root;
    std::erase_if(*root.as_map(), [](const document::Entry& entry) { return entry.name == "processors"; });
    return document::to_json(root);
  }
  static std::string failure(const std::string& text) {
    const auto source = lua(text);
    if (source) {
      return "none";
    }
    const auto& problems = source.error().diagnostics;
    return (problems.empty() ? "" : std::to_string(problems[0].where.line) + ": ") + source.error().reason + ": " +
           source.error().message;
  }
};

TEST_F(RuntimeDefinitions, ATableOfLuaIsAValue) {
  EXPECT_EQ(
      table("{a = 1, b = 2.5, c = 'x\\n', d = true, e = null, f = {1, 'two', {}}, g = list {}, ['h i'] = {j = 1}}"),
      R"({"a":1,"b":2.5,"c":"x\n","d":true,"e":null,"f":[1,"two",{}],"g":[],"h i":{"j":1}})");
  EXPECT_EQ(table("{a = math.mininteger, b = 1e300, c = 0x10, d = ('x'):rep(3), e = string.format('%d', 3)}"),
            R"({"a":-9223372036854775808,"b":1e+300,"c":16,"d":"xxx","e":"3"})");
}

TEST_F(RuntimeDefinitions, WhatIsReturnedCountsBeforeTheGlobal) {
  EXPECT_EQ(
      document::to_json(lua("workflow = {name = 'a', processors = {}} return {name = 'b', processors = {}}")->root),
      R"({"name":"b","processors":[]})");
  EXPECT_EQ(document::to_json(lua("print('hello') workflow = {processors = {}}")->root), R"({"processors":[]})");
  EXPECT_EQ(failure("x = 1"),
            "0: workflow.lua_failed: the definition in Lua failed: it neither sets the global `workflow` nor returns a "
            "table");
  EXPECT_EQ(failure("return 3"),
            "0: workflow.lua_failed: the definition in Lua failed: the workflow must be a table, got a number");
}

TEST_F(RuntimeDefinitions, WhatIsNoDataIsNamedWithItsPath) {
  EXPECT_EQ(
      table("{steps = {a = {run = function() end}}}"),
      "workflow.lua_value: steps.a.run is a function, as in older workflows; write the body of the function as text: "
      "code = [[ ... ]], which returns its value and finds what it depends on in `inputs`");
  EXPECT_EQ(table("{['x y'] = {1, print}}"),
            "workflow.lua_value: [\"x y\"][2] is a function; a definition holds data: write its code as text");
  EXPECT_EQ(table("{a = 0/0}"), "workflow.lua_value: a is not a finite number");
  EXPECT_EQ(table("{a = '\\255'}"), "workflow.lua_value: a is not UTF-8");
  EXPECT_EQ(table("{a = {1, nil, 3}}"), "workflow.lua_value: a is a list with holes");
  EXPECT_EQ(table("{a = {1, b = 2}}"), "workflow.lua_value: a is a list with names in it; make it one or the other");
  EXPECT_EQ(table("{a = {[true] = 1}}"), "workflow.lua_value: a has a boolean for a name");
  EXPECT_EQ(table("{a = {[1.5] = 1}}"), "workflow.lua_value: a has a number for a name");
  EXPECT_NE(failure("local t = {} t.t = t return t").find("contains itself"), std::string::npos);
}

TEST_F(RuntimeDefinitions, AMistakeHasItsLine) {
  EXPECT_EQ(failure("local x =\n1 +\nworkflow = {}").substr(0, 24), "3: workflow.lua_failed: ");
  EXPECT_EQ(failure("\nerror('boom')"), "2: workflow.lua_failed: the definition in Lua failed: boom");
  EXPECT_EQ(failure("error({})"), "0: workflow.lua_failed: the definition in Lua failed: an error that is a table");
  EXPECT_EQ(failure("error('definition:99: a lie', 0)").substr(0, 3), "0: ");
}

TEST_F(RuntimeDefinitions, NothingIsThereButWhatComputes) {
  const auto source =
      lua("local names = {} for name in pairs(_G) do names[#names + 1] = name end table.sort(names)"
          "return {processors = {}, description = table.concat(names, ' ')}");
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(*source->root.find("description")->as_string(),
            "_G _VERSION assert error getmetatable ipairs list math next null pairs pcall print rawequal rawget rawlen "
            "rawset "
            "select setmetatable string table tonumber tostring type utf8 xpcall");
  EXPECT_NE(failure("return {math.random()}").find("not granted"), std::string::npos);
  EXPECT_NE(failure("return {io.open('/etc/passwd')}").find("global 'io'"), std::string::npos);
}

TEST_F(RuntimeDefinitions, LimitsEndIt) {
  for (const char* text :
       {"while true do end", "pcall(function() while true do end end) return {}",
        "return setmetatable({}, {__gc = function() while true do end end}), (function() while true do "
        "local x = {} end end)()",
        "return {string.find(('a'):rep(30000), ('.-'):rep(20) .. 'b')}",
        "local t = {1} for i = 1, 40 do t = {t, t} end return {t}"}) {
    EXPECT_EQ(lua(text).error().category, Category::kResourceExhausted) << lua(text).error().message;
  }
  for (const char* text : {"return {('x'):rep(1e8)}", "local t = {} for i = 1, 1e6 do t[i] = ('x'):rep(1e6) end"}) {
    const auto refused = lua(text);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().category, Category::kResourceExhausted) << refused.error().message;
  }
  EXPECT_NE(failure("local function f() return 1 + f() end f()").find("stack overflow"), std::string::npos);
}

TEST_F(RuntimeDefinitions, ItCannotReachWhatLooksAtItsTable) {
  EXPECT_EQ(table("{a = {1}} for _, library in ipairs({string, table, math, utf8}) do for name in pairs(library) do "
                  "library[name] = function() error('changed') end end end next = nil type = nil"),
            R"({"a":[1]})");
  EXPECT_EQ(
      table("setmetatable({a = setmetatable({}, {__index = print, __pairs = error, __len = error, __name = {}})}, "
            "{__index = error})"),
      R"({"a":{}})");
}

TEST_F(RuntimeDefinitions, AFormatThatIsNoneIsNamed) {
  EXPECT_EQ(read("", "toml").error().message,
            "unknown format 'toml' of a definition; it must be one of yaml, json, lua, blueprint");
}

// --- The same from each form.

void without_places(Value& value, bool sorted) {
  value.set_mark({});
  if (document::Map* map = value.as_map()) {
    for (document::Entry& entry : *map) {
      entry.name_mark = {};
      without_places(entry.value, sorted);
    }
    if (sorted) {
      std::ranges::sort(*map, {}, &document::Entry::name);
    }
  } else if (document::List* list = value.as_list()) {
    for (Value& item : *list) {
      without_places(item, sorted);
    }
  }
}

class RoundTrip : public RuntimeDefinitions {
 protected:
  /// That the definition is the same when it is written in that format and read again.
  static void expect_same(const Value& root, SourceFormat format) {
    const auto text = workflow::print_source(root, format);
    ASSERT_TRUE(text) << text.error().message;
    auto again = read(*text, std::string(to_string(format)));
    ASSERT_TRUE(again) << *text << again.error().message;
    Value before = root;
    const bool sorted = format == SourceFormat::kLua;  // its maps have no order
    without_places(before, sorted);
    without_places(again->root, sorted);
    const auto expected = workflow::definition_of(before, "flow");
    const auto got = workflow::definition_of(again->root, "flow");
    ASSERT_TRUE(expected) << document::to_yaml(before) << expected.error().message;
    ASSERT_TRUE(got) << *text << got.error().message;
    EXPECT_EQ(*expected, *got) << *text;
  }
};

constexpr std::array kFormats{SourceFormat::kYaml, SourceFormat::kJson, SourceFormat::kLua, SourceFormat::kBlueprint};

TEST_F(RoundTrip, EveryExampleIsTheSameInEveryFormat) {
  std::size_t examples = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CAISSON_SOURCE_DIR "/examples")) {
    const auto format = workflow::source_format_of_file(entry.path().native());
    if (!entry.is_regular_file() || !format) {
      continue;
    }
    SCOPED_TRACE(entry.path());
    std::ifstream file(entry.path());
    const auto source = read({std::istreambuf_iterator<char>(file), {}}, std::string(to_string(*format)));
    ASSERT_TRUE(source) << source.error().message;
    ++examples;
    for (const SourceFormat to : kFormats) {
      expect_same(source->root, to);
    }
  }
  EXPECT_GE(examples, 8U);
}

TEST_F(RoundTrip, RandomDefinitionsAreTheSameInEveryFormat) {
  for (std::uint32_t seed = 0; seed < 200 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const Value root = workflow::RandomDefinition(seed).make();
    for (const SourceFormat to : kFormats) {
      expect_same(root, to);
    }
  }
}

TEST_F(RoundTrip, AChangeIsSeen) {
  Value root = workflow::RandomDefinition(1).make();
  without_places(root, false);
  Value other = root;
  other.set("description", "changed");
  if (root.find("description") == nullptr) {
    EXPECT_NE(workflow::definition_of(root, "flow").value(), workflow::definition_of(other, "flow").value());
  }
  Value node =
      Value::map({{"processors", Value::list({Value::map({{"id", "a"}, {"type", "wasm"}, {"module", "m"}})})}});
  Value selected = node;
  selected.as_map()->front().value.as_list()->front().set("output_selection", "a");
  EXPECT_NE(workflow::definition_of(node, "flow").value(), workflow::definition_of(selected, "flow").value());
}

// --- Through the runtime.

TEST(RuntimeFormats, EveryFormatRuns) {
  const auto runtime = Runtime::create({.cache_folder = CAISSON_TEST_IMAGE_CACHE, .read_configuration = false}).value();
  const auto run = [&](const std::string& text, const LoadOptions& options = {}) {
    const auto workflow = runtime->load_text(text, "flow", options);
    EXPECT_TRUE(workflow) << workflow.error().message;
    const auto result = runtime->run(**workflow, Payload("abc"));
    EXPECT_TRUE(result) << result.error().message;
    return result->output() ? std::string(result->output()->bytes()) : result->error()->message;
  };
  EXPECT_EQ(run("processors: [{id: a, type: local, processor: reverse_text}]"), "cba");
  EXPECT_EQ(run(R"({"processors": [{"id": "a", "type": "local", "processor": "reverse_text"}]})"), "cba");
  EXPECT_EQ(run(R"({"schema_version": "1.2.0", "nodes": [{"id": "a", "type": "local", "processor": "reverse_text"}]})"),
            "cba");
  EXPECT_EQ(
      run("workflow = {steps = {a = {code = 'return 40'}, b = {code = 'return inputs.a + 2', depends_on = 'a'}}}"),
      "42");
  EXPECT_EQ(runtime->load_text("workflow = {}", "flow", {.format = "yaml"}).error().category,
            Category::kInvalidArgument);
}

TEST(RuntimeFormats, SchemasOfTheWorkflowCheckItsInputAndOutput) {
  const auto runtime = Runtime::create({.cache_folder = "", .read_configuration = false}).value();
  const auto workflow = runtime
                            ->load_text(
                                "input_schema: {type: [string, object], minLength: 2, required: [a]}\noutput_schema: "
                                "{type: string, maxLength: 3}\n"
                                "processors: [{id: a, type: local, processor: reverse_text}]",
                                "flow")
                            .value();
  EXPECT_EQ(runtime->run(*workflow, Payload("abc"))->output(), Payload("cba"));
  const auto refused = runtime->run(*workflow, Payload("x"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "workflow.input_schema") << refused.error().message;
  EXPECT_EQ(runtime->run(*workflow, Payload("{\"b\": 1}")).error().reason, "workflow.input_schema");
  const auto failed = runtime->run(*workflow, Payload("abcd"));
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->status(), RunStatus::kFailed);
  EXPECT_EQ(failed->output(), std::nullopt);
  EXPECT_EQ(failed->error()->reason, "workflow.output_schema") << failed->error()->message;
}

TEST(RuntimeFormats, AVariableIsAskedForAndMustBeAllowed) {
  ASSERT_EQ(::setenv("CAISSON_TEST_PREFIX", ">> ", 1), 0);
  const std::string text =
      "env: [CAISSON_TEST_PREFIX]\nprocessors:\n  - id: a\n    type: local\n    processor: prefix_suffix_adder\n"
      "    options: {prefix: '${CAISSON_TEST_PREFIX}', suffix: '$${}'}\n";
  const auto closed = Runtime::create({.cache_folder = "", .read_configuration = false}).value();
  const auto refused = closed->load_text(text, "flow.yaml");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "policy.refused");
  ASSERT_EQ(refused.error().diagnostics.size(), 1U);
  EXPECT_EQ(refused.error().diagnostics[0].where.column, 7);
  EXPECT_NE(refused.error().message.find("--allow env=CAISSON_TEST_PREFIX"), std::string::npos);
  const auto open =
      Runtime::create({.cache_folder = "", .allow = {"env=CAISSON_TEST_PREFIX"}, .read_configuration = false}).value();
  const auto workflow = open->load_text(text, "flow.yaml");
  ASSERT_TRUE(workflow) << workflow.error().message;
  EXPECT_EQ(open->run(**workflow, Payload("x"))->output(), Payload(">> x${}"));
}

}  // namespace
}  // namespace caisson
