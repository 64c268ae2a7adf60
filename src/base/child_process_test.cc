#include "base/child_process.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace caisson::base {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

ChildOptions shell(std::string script) {
  ChildOptions options;
  options.program = "/bin/sh";
  options.arguments = {"-c", std::move(script)};
  options.environment = {"PATH=/usr/bin:/bin"};
  return options;
}

ChildOutcome run(const ChildOptions& options, const std::stop_token& stop = {}) {
  Result<ChildOutcome> outcome = run_child(options, stop);
  EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().message);
  return outcome ? std::move(*outcome) : ChildOutcome{};
}

TEST(ChildProcess, TakesInputAndGivesOutputErrorAndCode) {
  const std::string input(300'000, 'x');
  ChildOptions options = shell("wc -c; echo oops >&2; exit 7");
  options.input = input;
  const ChildOutcome outcome = run(options);
  EXPECT_EQ(outcome.end, ChildEnd::kExited);
  EXPECT_EQ(outcome.code, 7);
  EXPECT_EQ(outcome.output, "300000\n");
  EXPECT_EQ(outcome.error, "oops\n");
}

TEST(ChildProcess, InheritsNoVariableAndNoDescriptor) {
  const ChildOutcome outcome = run(shell("echo \"home=$HOME\"; ls /proc/self/fd | tr '\\n' ' '"));
  EXPECT_EQ(outcome.output, "home=\n0 1 2 3 ");  // 3 is the folder that `ls` lists
}

TEST(ChildProcess, WhoDoesNotReadItsInputHarmsNobody) {
  const std::string input(1'000'000, 'x');
  ChildOptions options = shell("exec <&-; exit 0");
  options.input = input;
  EXPECT_EQ(run(options).end, ChildEnd::kExited);
}

TEST(ChildProcess, EndsAtTheDeadlineWithEverythingItStarted) {
  ChildOptions options = shell("sleep 1000 & echo $!; wait");
  options.deadline = milliseconds(200);
  const auto begin = steady_clock::now();
  const ChildOutcome outcome = run(options);
  EXPECT_EQ(outcome.end, ChildEnd::kDeadline);
  EXPECT_GE(steady_clock::now() - begin, milliseconds(200));
  const int grandchild = std::stoi(outcome.output);
  for (int i = 0; i < 500 && ::kill(grandchild, 0) == 0; ++i) {
    std::this_thread::sleep_for(milliseconds(10));  // whoever adopted it has to reap it
  }
  EXPECT_NE(
      std::system(("grep -q '^State:.*[SR] ' /proc/" + std::to_string(grandchild) + "/status 2>/dev/null").c_str()), 0);
}

TEST(ChildProcess, EndsWhenItWritesTooMuch) {
  ChildOptions options = shell("yes");
  options.max_output_bytes = 100'000;
  const ChildOutcome outcome = run(options);
  EXPECT_EQ(outcome.end, ChildEnd::kOutput);
  EXPECT_EQ(outcome.output.size(), 100'000U);
}

TEST(ChildProcess, ErrorsBeyondTheirLimitAreDropped) {
  ChildOptions options = shell("head -c 500000 /dev/zero >&2; echo done");
  options.max_error_bytes = 10;
  const ChildOutcome outcome = run(options);
  EXPECT_EQ(outcome.error.size(), 10U);
  EXPECT_EQ(outcome.output, "done\n");
}

TEST(ChildProcess, EndsWhenAskedToStop) {
  std::stop_source stop;
  std::jthread later([&] { stop.request_stop(); });
  EXPECT_EQ(run(shell("sleep 1000"), stop.get_token()).end, ChildEnd::kCancelled);
}

TEST(ChildProcess, CpuTimeIsLimited) {
  ChildOptions options = shell("while :; do :; done");
  options.limits.cpu = std::chrono::seconds(1);
  const ChildOutcome outcome = run(options);
  EXPECT_EQ(outcome.end, ChildEnd::kSignalled);
  EXPECT_TRUE(outcome.code == SIGXCPU || outcome.code == SIGKILL) << outcome.code;
  EXPECT_GE(outcome.cpu, milliseconds(900));
}

TEST(ChildProcess, MemoryIsLimited) {
  ChildOptions options = shell("head -c 1 >/dev/null; x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo ${#x}");
  options.limits.memory_bytes = 50 << 20;
  options.input = "x";
  EXPECT_NE(run(options).output, "200000000\n");
  options.limits.memory_bytes.reset();
  EXPECT_EQ(run(options).output, "200000000\n");
}

TEST(ChildProcess, AProgramThatIsNotThereIsAnError) {
  ChildOptions options;
  options.program = "/nonexistent/program";
  const auto outcome = run_child(options);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().reason, "base.no_child");
}

}  // namespace
}  // namespace caisson::base
