#include "engine/compiler.h"

#include "base/digest.h"
#include "base/testing/fake_environment.h"
#include "engine/compile_child.h"
#include "engine/testing/guest_modules.h"

#include <gtest/gtest.h>

namespace caisson::engine {
namespace {

TEST(CompileAnswer, IsCodeOrAnErrorAboutTheModule) {
  const auto code = read_compile_answer("{\"code_bytes\":3}\nabc");
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, "abc");
  const auto refused = read_compile_answer("{\"reason\":\"engine.malformed_module\",\"message\":\"bad\\u001b[2J\"}\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().category, Category::kInvalidArgument);
  EXPECT_EQ(refused.error().reason, "engine.malformed_module");
  EXPECT_EQ(refused.error().message.find('\x1b'), std::string::npos);
}

TEST(CompileAnswer, AnythingElseIsNoAnswer) {
  for (const std::string_view output :
       {"", "\n", "abc", "{\"code_bytes\":3}\nab", "{\"code_bytes\":3}\nabcd", "{\"code_bytes\":0}\n",
        "{\"code_bytes\":-1}\n", "{\"code_bytes\":\"3\"}\nabc", "{\"code_bytes\":3}abc",
        "{\"reason\":\"policy.refused\",\"message\":\"x\"}\n", "{\"reason\":\"engine.not_wasm\"}\n",
        "{\"reason\":\"engine.not_wasm\",\"message\":\"x\"}\ncode", "[]\n", "null\nabc"}) {
    const auto answer = read_compile_answer(output);
    ASSERT_FALSE(answer) << output;
    EXPECT_EQ(answer.error().reason, "engine.compile_crashed") << output;
  }
}

class CompilerTest : public ::testing::Test {
 protected:
  CompilerTest() : environment_(base::make_environment()) {}

  Result<Compiled> compile(std::string_view wasm, CompileCaps caps = {}, std::string program = CAISSON_COMPILE_PROGRAM,
                           std::vector<std::string> arguments = {std::string(kCompileChild)}) {
    auto engine = Engine::create({.environment = environment_.get()});
    EXPECT_TRUE(engine);
    const Compiler compiler(
        {.engine = *engine, .program = CompileProgram{program, std::move(arguments)}, .caps = caps});
    return compiler.compile(wasm, base::sha256(wasm));
  }

  std::unique_ptr<base::Environment> environment_;
};

TEST_F(CompilerTest, GivesAModuleThatRunsAndItsCode) {
  for (const Effort effort : {Effort::kFull, Effort::kLow}) {
    const auto compiled =
        compile(guest_module("dynamic"), {.optimised_bytes = effort == Effort::kLow ? 0U : 1U << 30U});
    ASSERT_TRUE(compiled) << compiled.error().message;
    EXPECT_NE(compiled->module->info().find_export("caisson_process"), nullptr);
    EXPECT_FALSE(compiled->code.empty());
  }
}

TEST_F(CompilerTest, SaysWhatTheProgramSaysOfABadModule) {
  EXPECT_EQ(compile("not wasm").error().reason, "engine.not_wasm");
  EXPECT_EQ(compile(guest_module("wat/type_error")).error().reason, "engine.malformed_module");
  EXPECT_EQ(compile(guest_module("wat/feature_gc")).error().reason, "engine.unsupported_feature");
  EXPECT_EQ(compile(guest_module("wat/table_10m")).error().reason, "engine.pool_too_small");
}

TEST_F(CompilerTest, TheTimeIsCapped) {
  const auto late = compile(guest_module("dynamic"), {.wall = std::chrono::milliseconds(200)}, "/bin/sh",
                            {"-c", "cat >/dev/null; exec sleep 60"});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().reason, "engine.compile_limit");
  const auto busy = compile(guest_module("dynamic"), {.cpu = std::chrono::seconds(1)}, "/bin/sh",
                            {"-c", "cat >/dev/null; while :; do :; done"});
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().reason, "engine.compile_limit");
}

TEST_F(CompilerTest, TheCodeIsCapped) {
  const auto large = compile(guest_module("dynamic"), {.code_bytes = 1000});
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().reason, "engine.compile_limit");
}

TEST_F(CompilerTest, AProgramThatDiesOrTalksNonsenseOrIsNotThereIsAnError) {
  EXPECT_EQ(compile(guest_module("dynamic"), {}, "/bin/sh", {"-c", "kill -SEGV $$"}).error().reason,
            "engine.compile_crashed");
  EXPECT_EQ(compile(guest_module("dynamic"), {}, "/bin/sh", {"-c", "exit 3"}).error().reason, "engine.compile_crashed");
  EXPECT_EQ(compile(guest_module("dynamic"), {}, "/bin/sh", {"-c", "echo hello"}).error().reason,
            "engine.compile_crashed");
  const auto missing = compile(guest_module("dynamic"), {}, "/nonexistent/caisson-compile");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().reason, "engine.no_compiler");
}

}  // namespace
}  // namespace caisson::engine
