#include "engine/compiler.h"

#include "base/digest.h"
#include "base/testing/fake_environment.h"
#include "engine/compile_child.h"
#include "engine/testing/guest_modules.h"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

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

/// Starts the program that compiles as the child of a process of its own, which it tells of by `started`; sleeps then.
[[noreturn]] void start_compiler_and_sleep(int its_input, int started) {
  const std::vector<std::string> arguments = compile_arguments(strict_profile(), Effort::kFull);
  const pid_t compiler = ::fork();
  if (compiler == 0) {
    ::dup2(its_input, STDIN_FILENO);
    ::execl(CAISSON_COMPILE_PROGRAM, CAISSON_COMPILE_PROGRAM, std::string(kCompileChild).c_str(), arguments[0].c_str(),
            arguments[1].c_str(), arguments[2].c_str(), arguments[3].c_str(), arguments[4].c_str(), nullptr);
    ::_exit(127);
  }
  [[maybe_unused]] const ssize_t told = ::write(started, &compiler, sizeof compiler);
  while (true) {
    ::pause();
  }
}

TEST(CompileChild, DiesWithTheProgramThatStartedIt) {
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // what loses its parent is ours to wait for
  std::array<int, 2> input{};
  std::array<int, 2> started{};
  ASSERT_EQ(::pipe(input.data()), 0);
  ASSERT_EQ(::pipe(started.data()), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    start_compiler_and_sleep(input[0], started[1]);
  }
  pid_t compiler = 0;
  ASSERT_EQ(::read(started[0], &compiler, sizeof compiler), static_cast<ssize_t>(sizeof compiler));
  // It has come to its input when the first byte is gone; the pipe stays open, so that nothing but the kernel ends it.
  ASSERT_EQ(::write(input[1], "x", 1), 1);
  for (int waiting = 1; waiting > 0;) {
    ASSERT_EQ(::ioctl(input[0], FIONREAD, &waiting), 0);
    std::this_thread::yield();
  }
  ASSERT_EQ(::kill(parent, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(parent, &status, 0), parent);
  ASSERT_EQ(::waitpid(compiler, &status, 0), compiler);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  for (const int end : {input[0], input[1], started[0], started[1]}) {
    ::close(end);
  }
}

}  // namespace
}  // namespace caisson::engine
