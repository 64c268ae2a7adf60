// Code of languages through the public interface: alone, and as nodes of a workflow.

#include <caisson/runtime.h>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace caisson {
namespace {

class RuntimeCode : public ::testing::Test {
 protected:
  static Runtime& runtime() {
    static const auto runtime =
        Runtime::create({.cache_folder = CAISSON_TEST_IMAGE_CACHE, .read_configuration = false}).value();
    return *runtime;
  }
  static Execution run(CodeOptions options, const CodeInput& input = {}) {
    const auto code = runtime().load_code(options);
    EXPECT_TRUE(code) << code.error().message;
    return runtime().execute(**code, input);
  }
  static Execution lua(std::string code, const CodeInput& input = {}) {
    return run({.language = "lua", .code = std::move(code)}, input);
  }
};

TEST_F(RuntimeCode, GivesWhatTheCodeReturns) {
  const Execution execution =
      lua("print('adding') return inputs.a + inputs.b",
          {.inputs = {{"a", Payload("1", Payload::kJson)}, {"b", Payload("2.5", Payload::kJson)}}});
  ASSERT_TRUE(execution.success()) << execution.error->message;
  EXPECT_EQ(execution.output, Payload("3.5", Payload::kJson));
  ASSERT_EQ(execution.lines.size(), 1U);
  EXPECT_EQ(execution.lines[0].text, "adding");
  EXPECT_GT(execution.memory_bytes, execution.memory_over_baseline_bytes);
  EXPECT_NE(execution.json.find("\"success\":true"), std::string::npos) << execution.json;
  EXPECT_NE(execution.json.find("\"sandboxed\":true"), std::string::npos) << execution.json;
}

TEST_F(RuntimeCode, AFailureIsAnExecutionWithAnError) {
  const Execution execution = lua("error('boom')");
  ASSERT_FALSE(execution.success());
  EXPECT_EQ(execution.error->reason, "code.exception");
  EXPECT_NE(execution.json.find("\"success\":false"), std::string::npos) << execution.json;
}

TEST_F(RuntimeCode, TimeIsALimitWithTheTextOfNodeResults) {
  const Execution execution = run({.language = "lua", .code = "while true do end", .limits = {"cpu=50ms"}});
  ASSERT_FALSE(execution.success());
  EXPECT_EQ(execution.error->reason, "sandbox.cpu_limit");
  EXPECT_NE(execution.json.find("CPU limit exceeded"), std::string::npos) << execution.json;
}

TEST_F(RuntimeCode, AGrantIsAskedForAndMustBeAllowed) {
  const CodeOptions options{.language = "lua", .code = "return caisson.kv.set('a', '1')", .grants = {"imports=kv"}};
  EXPECT_TRUE(runtime().load_code(options));
  const auto refused = runtime().load_code({.language = "lua", .code = "1", .grants = {"net=https://example.com"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "policy.refused") << refused.error().message;
}

TEST_F(RuntimeCode, DeterministicCodeGivesTheSameEveryTime) {
  const CodeOptions options{.language = "lua", .code = "return {os.time(), math.random()}", .deterministic = true};
  const Execution first = run(options);
  ASSERT_TRUE(first.success()) << first.error->message;
  EXPECT_EQ(first.output, run(options).output);
}

TEST_F(RuntimeCode, TheContextIsThatOfTheCallOrItsInputs) {
  const CodeOptions options{.language = "lua", .code = "return context.a"};
  const CodeInput input{.inputs = {{"a", Payload("1", Payload::kJson)}}};
  EXPECT_EQ(run(options, input).output.bytes(), "1");
  CodeInput with_context = input;
  with_context.context = Payload(R"({"a": 2})", Payload::kJson);
  EXPECT_EQ(run(options, with_context).output.bytes(), "2");
  with_context.context = Payload("[2]", Payload::kJson);
  EXPECT_EQ(run(options, with_context).error->reason, "code.bad_context");
}

TEST_F(RuntimeCode, NodesSeeWhatTheirDependenciesFoundOut) {
  const auto workflow = runtime().load_text(R"(
processors:
  - {id: count, type: local, processor: token_counter}
  - {id: far, type: local, processor: word_frequency_analyzer}
  - {id: near, type: local, processor: reverse_text, depends_on: [far]}
  - id: report
    type: code
    language: lua
    depends_on: [count, near]
    code: |
      local ids = {}
      for id in pairs(caisson.metadata) do ids[#ids + 1] = id end
      return table.concat(ids, ",") .. " " .. caisson.metadata.count.word_count
)",
                                            "flow.yaml");
  ASSERT_TRUE(workflow) << workflow.error().message;
  const auto run = runtime().run(**workflow, Payload("one two three"));
  ASSERT_TRUE(run) << run.error().message;
  ASSERT_EQ(run->status(), RunStatus::kSucceeded) << run->error()->message;
  EXPECT_EQ(run->output()->bytes(),
            "count 3");  // nothing of the host, of the run or of nodes that it does not depend on
}

TEST_F(RuntimeCode, OneCallLoadsAndRuns) {
  const Execution execution =
      runtime().execute({.language = "lua", .code = "return inputs.a * 2", .limits = {"memory=16MB"}},
                        {.inputs = {{"a", Payload("21", Payload::kJson)}}});
  ASSERT_TRUE(execution.success()) << execution.error->message;
  EXPECT_EQ(execution.output, Payload("42", Payload::kJson));
  const Execution refused = runtime().execute({.language = "lua", .code = "1", .limits = {"memory=lots"}});
  ASSERT_FALSE(refused.success());
  EXPECT_EQ(refused.error->reason,
            runtime().load_code({.language = "lua", .code = "1", .limits = {"memory=lots"}}).error().reason);
  EXPECT_NE(refused.json.find("\"success\":false"), std::string::npos) << refused.json;
}

TEST_F(RuntimeCode, EverythingThatIsForbiddenIsSaidWithItsLine) {
  const Execution execution = lua("local a = require 'socket'\nif a then\n  dofile('x')\nend");
  ASSERT_FALSE(execution.success());
  EXPECT_EQ(execution.error->reason, "code.import_denied");
  EXPECT_TRUE(
      execution.error->message.starts_with("ImportError: Import 'socket' is not allowed in sandbox, line 1; also: Call "
                                           "to built-in 'dofile' is not allowed, line 3"))
      << execution.error->message;
}

TEST_F(RuntimeCode, ALanguageThatIsNoneIsAnError) {
  EXPECT_EQ(runtime().load_code({.language = "cobol", .code = ""}).error().reason, "workflow.bad_value");
}

TEST_F(RuntimeCode, NodesGetTheOutputsOfTheirDependencies) {
  const auto workflow = runtime().load_text(R"(
processors:
  - id: words
    type: code
    language: lua
    code: |
      function run(inputs)
        local words = {}
        for word in caisson.payload:gmatch("%a+") do words[#words + 1] = word end
        return words
      end
  - id: upper
    type: local
    processor: change_text_case_upper
  - id: report
    type: code
    language: lua
    depends_on: [words, upper]
    code: |
      function run(inputs)
        return string.format("%d words, last %s, upper %s", #inputs.words, inputs.words[#inputs.words], inputs.upper)
      end
)",
                                            "flow.yaml");
  ASSERT_TRUE(workflow) << workflow.error().message;
  const auto run = runtime().run(**workflow, Payload("one two three"));
  ASSERT_TRUE(run) << run.error().message;
  ASSERT_EQ(run->status(), RunStatus::kSucceeded) << run->error()->message;
  EXPECT_EQ(run->output()->bytes(), "3 words, last three, upper ONE TWO THREE");
}

TEST_F(RuntimeCode, CodeThatDoesNotParseIsFoundBeforeItRuns) {
  const auto workflow = runtime().load_text(
      "processors:\n  - {id: a, type: code, language: lua, code: 'return return'}\n"
      "  - {id: b, type: code, language: lua, code: 'require(\"socket\")', depends_on: [a]}\n",
      "flow.yaml");
  ASSERT_TRUE(workflow) << workflow.error().message;
  const auto problems = runtime().check_modules(**workflow);
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].reason, "code.syntax");
  EXPECT_EQ(problems[1].reason, "code.import_denied") << problems[1].message;
}

}  // namespace
}  // namespace caisson
