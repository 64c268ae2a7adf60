// The command ABI: a WASI program in a sandbox.

#include "sandbox/testing/sandbox_fixture.h"

#include <algorithm>

namespace caisson::sandbox {
namespace {

class Command : public SandboxTest {
 protected:
  Command() { grants_ = {.wasi = true, .stdin_is_input = true, .imports = {"kv", "emit"}}; }

  Outcome program(std::string_view script) { return call(bind("probe", "_start").value(), script); }
};

TEST_F(Command, ReadsTheInputAndWritesTheOutput) {
  const Outcome outcome = program("say hello\nsay world");
  ASSERT_EQ(outcome.status, OutcomeStatus::kOk) << outcome.error->message;
  EXPECT_EQ(outcome.output.bytes(), "hello\nworld\n");
  EXPECT_EQ(outcome.captured.standard_output, "");
  EXPECT_EQ(outcome.usage.stdout_bytes, 12U);
  EXPECT_EQ(outcome.usage.output_bytes, 12U);
  EXPECT_EQ(outcome.exit_code, std::nullopt);
  EXPECT_EQ(outcome.usage.host_calls, 3U);  // reads until the end, writes once
  const std::vector<std::pair<std::string_view, std::uint64_t>> by_name = {{"fd_read", 2}, {"fd_write", 1}};
  EXPECT_EQ(outcome.usage.host_calls_by_name, by_name);
}

TEST_F(Command, EachHostCallIsOfferedToAnObserverThatWantsIt) {
  (void)program("say hello");
  EXPECT_EQ(observer_.count("sandbox.host_call"), 0U);
  observer_.host_calls = true;
  (void)program("say hello\nexit 0");
  EXPECT_EQ(observer_.count("sandbox.host_call"), 3U);  // two reads, the end
  const std::vector<std::string> events = observer_.events();
  EXPECT_EQ(
      events[events.size() - 2],
      "sandbox.host_call{module=wasi_snapshot_preview1,function=proc_exit,operation=,node=node,ends_the_call=true}");
  (void)program("text @0 emit\ntext @100 {\"topic\":\"x\"}\ncall call @0 4 @100 13");
  const std::vector<std::string> more = observer_.events();
  EXPECT_NE(
      std::ranges::find(
          more, "sandbox.host_call{module=caisson_v1,function=call,operation=emit,node=node,ends_the_call=false}"),
      more.end());
}

TEST_F(Command, WithoutTheGrantStandardInputIsEmpty) {
  grants_.stdin_is_input = false;
  const Outcome outcome = program("say hello");
  EXPECT_EQ(outcome.status, OutcomeStatus::kOk);
  EXPECT_EQ(outcome.output.bytes(), "");
}

TEST_F(Command, EndsWithItsExitCode) {
  const Outcome good = program("exit 0\nsay never");
  EXPECT_EQ(good.status, OutcomeStatus::kOk);
  EXPECT_EQ(good.exit_code, 0);
  EXPECT_EQ(good.output.bytes(), "");

  const Outcome bad = program("text @100 it went wrong\nu32 @0 0\nu32 @4 13\ncall fd_write 2 @0 1 @8\nexit 3");
  EXPECT_EQ(bad.status, OutcomeStatus::kGuestError);
  EXPECT_EQ(bad.exit_code, 3);
  EXPECT_EQ(reason(bad), "sandbox.exit_code");
}

TEST_F(Command, TheEndOfStandardErrorIsInTheMessage) {
  // The pointer of the first buffer is the address of the text: taken from a scratch address by the probe itself.
  const Outcome outcome = program("text @100 no such city\nu32 @0 @100\nu32 @4 12\ncall fd_write 2 @0 1 @8\nexit 1");
  EXPECT_EQ(outcome.error->message, "the program ended with exit code 1: no such city");
  EXPECT_EQ(outcome.captured.standard_error, "no such city");
  EXPECT_EQ(outcome.usage.stderr_bytes, 12U);
}

TEST_F(Command, AFloodOfOutputEndsAtTheLimitAndKeepsWhatFits) {
  limits_.stdout_bytes = 1000;
  const Outcome outcome = program("fill @100 400 97\nu32 @0 @100\nu32 @4 400\nrepeat 1000 fd_write 1 @0 1 @8");
  EXPECT_EQ(outcome.status, OutcomeStatus::kLimit);
  EXPECT_EQ(reason(outcome), "sandbox.output_limit");
  EXPECT_EQ(outcome.captured.standard_output, std::string(1000, 'a'));
  ASSERT_EQ(outcome.violations.size(), 1U);
  EXPECT_EQ(outcome.violations[0].kind, ViolationKind::kOutputLimit);
}

TEST_F(Command, ASleepOfAnHourEndsAtTheDeadline) {
  grants_.clock = ClockMode::kReal;
  limits_.timeout = std::chrono::milliseconds(100);
  // subscription: userdata 0, tag 0 (clock), id 1 (monotonic), timeout, precision, flags
  const Outcome outcome = program("u32 @16 1\nu64 @24 3600000000000\ncall poll_oneoff @0 @100 1 @200\nsay awake");
  EXPECT_EQ(outcome.status, OutcomeStatus::kLimit);
  EXPECT_EQ(reason(outcome), "sandbox.deadline");
  EXPECT_GE(outcome.usage.wall, std::chrono::milliseconds(100));
  EXPECT_LT(outcome.usage.wall, std::chrono::milliseconds(100) + kSlack);
  EXPECT_LT(outcome.usage.cpu, std::chrono::milliseconds(50));
}

TEST_F(Command, TheVirtualClockJumps) {
  grants_.clock = ClockMode::kVirtual;
  const Outcome outcome = program(
      "u32 @16 1\nu64 @24 3600000000000\ncall poll_oneoff @0 @100 1 @200\nshow32 @200\ncall clock_time_get 1 0 @300\n"
      "show64 @300\ncall clock_time_get 0 0 @300\nshow64 @300");
  EXPECT_EQ(outcome.output.bytes(), "0\n1\n0\n3600000001000\n0\n946688400000002000\n");
}

TEST_F(Command, KeepsKeysForItsRun) {
  const std::string script =
      "text @0 kv.set\ntext @100 {\"key\":\"city\"}\nhex @114 0a\ntext @115 Paris\ncall call @0 6 @100 20\n"
      "text @0 kv.get\ncall call @0 6 @100 14\ncall take @200 100\nstring @200 5";
  const Outcome outcome = program(script);
  EXPECT_EQ(outcome.output.bytes(), "0\n5\n5\nParis\n");
  EXPECT_EQ(storage_.get("city"), "Paris");
  EXPECT_EQ(storage_.bytes(), 9U + 64U);
}

TEST_F(Command, EmitsRecordsAndLogs) {
  const Outcome outcome = program(
      "text @0 emit\ntext @100 {\"topic\":\"found\"}\nhex @117 0a\ntext @118 a bee\ncall call @0 4 @100 23\n"
      "call log 3 @118 5");
  ASSERT_EQ(outcome.status, OutcomeStatus::kOk) << outcome.error->message;
  EXPECT_EQ(outcome.captured.emitted, (std::vector<EmittedRecord>{{"found", "a bee"}}));
  EXPECT_EQ(outcome.captured.log, (std::vector<LogLine>{{3, "a bee"}}));
}

TEST_F(Command, AnOperationThatIsNotGrantedIsDeniedAndRecorded) {
  grants_.imports = {"kv"};
  const Outcome outcome = program("text @0 emit\ntext @100 {\"topic\":\"x\"}\ncall call @0 4 @100 13");
  const std::string told = "not granted: the operation emit; `grants: {imports: [emit]}` would allow it";
  EXPECT_EQ(outcome.output.bytes(), std::to_string((2ULL << 32) + told.size()) + "\n");
  ASSERT_EQ(outcome.violations.size(), 1U);
  EXPECT_EQ(outcome.violations[0].description,
            "Capability not granted: the operation emit; `grants: {imports: [emit]}` would allow it");
}

}  // namespace
}  // namespace caisson::sandbox
