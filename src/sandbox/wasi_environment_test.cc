// WASI preview 1: arguments, variables, clocks, random bytes, sockets, the end of a program. docs/reference/wasi.md
// lists which test is for which function.

#include "sandbox/testing/wasi_fixture.h"

#include <fmt/format.h>

namespace caisson::sandbox {
namespace {

using namespace std::chrono_literals;

using WasiEnvironment = WasiTest;
using Lines = std::vector<std::string>;

TEST_F(WasiEnvironment, ArgumentsAreTheNodesNameAndTheGranted) {
  const auto all = lines(
      "call args_sizes_get @0 @4\nshow32 @0\nshow32 @4\ncall args_get @100 @200\nbytes @200 12\nu32 @0 @200\nu32 @4 "
      "@205\n"
      "u32 @8 @208\nbytes @0 12\nbytes @100 12");
  ASSERT_EQ(all.size(), 7U);
  EXPECT_EQ(Lines(all.begin(), all.begin() + 5), (Lines{"0", "3", "12", "0",
                                                        "6e6f6465002d7600782079"
                                                        "00"}));
  EXPECT_EQ(all[5], all[6]);  // where the texts begin, in order
}

TEST_F(WasiEnvironment, VariablesAreTheGrantedOnesAndNoOthers) {
  ASSERT_NE(shared().environment->variable("PATH"), std::nullopt);
  EXPECT_EQ(lines("call environ_sizes_get @0 @4\nshow32 @0\nshow32 @4\ncall environ_get @100 @200\nbytes @200 18"),
            (Lines{"0", "2", "18", "0",
                   "434954593d5061726973"
                   "00"
                   "454d5054593d"
                   "00"}));
  grants_.env = {};
  EXPECT_EQ(lines("call environ_sizes_get @0 @4\nshow32 @0\nshow32 @4\ncall environ_get @100 @200"),
            (Lines{"0", "0", "0", "0"}));
}

TEST_F(WasiEnvironment, SizesAreNotHalfWritten) {
  for (const char* name : {"args_sizes_get", "environ_sizes_get"}) {
    EXPECT_EQ(lines(fmt::format("u32 @0 77\ncall {} @0 -1\nshow32 @0\ncall {} -1 @0\nshow32 @0", name, name)),
              (Lines{"21", "77", "21", "77"}))
        << name;
  }
}

TEST_F(WasiEnvironment, TextsAreNotHalfWritten) {
  for (const char* name : {"args_get", "environ_get"}) {
    EXPECT_EQ(lines(fmt::format("u32 @0 77\ncall {} @0 -1\nshow32 @0\ncall {} -1 @0\nshow32 @0", name, name)),
              (Lines{"21", "77", "21", "77"}))
        << name;
  }
}

// ---------------------------------------------------------------- clocks

TEST_F(WasiEnvironment, ClocksThatAreNotOfferedAreInval) {
  for (const char* clock : {"2", "3", "4", "-1"}) {
    EXPECT_EQ(call_of(fmt::format("clock_res_get {} @0", clock)), "inval") << clock;
    EXPECT_EQ(call_of(fmt::format("clock_time_get {} 0 @0", clock)), "inval") << clock;
  }
}

TEST_F(WasiEnvironment, TheClockIsDeniedWithoutItsGrant) {
  grants_.clock = ClockMode::kDenied;
  const Outcome outcome = probe("u64 @0 77\ncall clock_time_get 0 0 @0\ncall clock_res_get 1 @0\nshow64 @0");
  EXPECT_EQ(outcome.output.bytes(), "76\n76\n77\n");  // notcapable, and nothing told
  ASSERT_EQ(outcome.violations.size(), 1U);
  EXPECT_EQ(outcome.violations[0].kind, ViolationKind::kCapability);
  EXPECT_EQ(outcome.violations[0].description,
            "Capability not granted: the clock; `grants: {clock: true}` would allow it (2 times)");
}

TEST_F(WasiEnvironment, TheRealClockIsThatOfTheMachine) {
  grants_.clock = ClockMode::kReal;
  const auto before = shared().environment->wall_time();
  const auto all = lines(
      "call clock_res_get 0 @0\nshow64 @0\ncall clock_time_get 0 0 @0\nshow64 @0\ncall clock_time_get 1 0 @0\nshow64 "
      "@0\n"
      "call clock_time_get 1 0 @0\nshow64 @0");
  const auto after = shared().environment->wall_time();
  ASSERT_EQ(all.size(), 8U);
  EXPECT_EQ(all[1], "1");
  const std::chrono::nanoseconds told(std::stoll(all[3]));
  EXPECT_GE(told, before.time_since_epoch());
  EXPECT_LE(told, after.time_since_epoch());
  EXPECT_LE(std::stoll(all[5]), std::stoll(all[7]));  // monotonic, and from the beginning of the call
  EXPECT_LE(std::chrono::nanoseconds(std::stoll(all[7])), kSlack);
}

TEST_F(WasiEnvironment, TheCoarseClockShowsWholeMilliseconds) {
  grants_.clock = ClockMode::kCoarse;
  for (const int clock : {0, 1}) {
    const auto all =
        lines(fmt::format("call clock_res_get {0} @0\nshow64 @0\ncall clock_time_get {0} 0 @0\nshow64 @0", clock));
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[1], "1000000");
    EXPECT_EQ(std::stoll(all[3]) % 1'000'000, 0) << all[3];
  }
  grants_.clock = ClockMode::kReal;  // which it need not be without the control
  bool finer = false;
  for (int i = 0; i < 20 && !finer; ++i) {
    finer = std::stoll(lines("call clock_time_get 0 0 @0\nshow64 @0")[1]) % 1'000'000 != 0;
  }
  EXPECT_TRUE(finer);
}

TEST_F(WasiEnvironment, TheVirtualClockIsTheSameInEveryCall) {
  const std::string script =
      "call clock_time_get 0 0 @0\nshow64 @0\ncall clock_time_get 1 0 @0\nshow64 @0\ncall clock_res_get 1 @0\nshow64 "
      "@0";
  const Lines expected = {"0", "946684800000001000", "0", "2000", "0", "1000"};
  EXPECT_EQ(lines(script), expected);
  EXPECT_EQ(lines(script), expected);
}

TEST_F(WasiEnvironment, TheVirtualClockStandsStillAfterAHundredYears) {
  // 400 sleeps of a year or more: past what 64 bits of nanoseconds hold.
  const auto all = lines(
      "u32 @16 1\nu64 @24 0xffffffffffffffff\nrepeat 400 poll_oneoff @0 @100 1 @200\ncall clock_time_get 1 0 @300\n"
      "show64 @300\ncall clock_time_get 0 0 @300\nshow64 @300");
  EXPECT_EQ(all, (Lines{"0", "0", "3153600000000000000", "0", "4100284800000000000"}));
}

// ---------------------------------------------------------------- random bytes

TEST_F(WasiEnvironment, RandomBytesAreDeniedWithoutTheirGrant) {
  grants_.random = RandomMode::kDenied;
  const Outcome outcome = probe("fill @0 8 7\ncall random_get @0 8\nbytes @0 8");
  EXPECT_EQ(outcome.output.bytes(), "76\n0707070707070707\n");
  ASSERT_EQ(outcome.violations.size(), 1U);
  EXPECT_EQ(outcome.violations[0].description,
            "Capability not granted: random bytes; `grants: {random: true}` would allow it");
}

TEST_F(WasiEnvironment, SeededBytesAreTheSameForTheSameSeed) {
  const std::string script = "call random_get @0 100\nbytes @0 100";
  const auto first = lines(script);
  EXPECT_EQ(lines(script), first);
  // However they are asked for.
  EXPECT_EQ(lines("repeat 5 random_get @0 1\ncall random_get @0 95\nbytes @0 95")[2], first[1].substr(10));
  grants_.random_seed = 8;
  EXPECT_NE(lines(script), first);
}

TEST_F(WasiEnvironment, RealBytesDiffer) {
  grants_.random = RandomMode::kReal;
  const std::string script = "call random_get @0 16\nbytes @0 16";
  const auto first = lines(script);
  ASSERT_EQ(first.size(), 2U);
  EXPECT_NE(first[1], std::string(32, '0'));
  EXPECT_NE(lines(script), first);
}

TEST_F(WasiEnvironment, ALargeBufferIsFilledToItsEnd) {
  // More than one piece of the host's. 48 zero bytes in a row do not happen.
  for (const RandomMode mode : {RandomMode::kReal, RandomMode::kSeeded}) {
    grants_.random = mode;
    const auto all =
        lines("call random_get @0 300000\nbytes @0 48\nbytes @131050 48\nbytes @299952 48\nbytes @300000 8");
    ASSERT_EQ(all.size(), 5U);
    for (const int line : {1, 2, 3}) {
      EXPECT_NE(all[static_cast<std::size_t>(line)], std::string(96, '0')) << line;
    }
    EXPECT_EQ(all[4], std::string(16, '0'));
  }
}

// ---------------------------------------------------------------- the rest

TEST_F(WasiEnvironment, NoDescriptorIsASocket) {
  const std::vector<std::string> functions = {"sock_accept {} 0 @0", "sock_recv {} @0 1 0 @8 @12",
                                              "sock_send {} @0 1 0 @8", "sock_shutdown {} 1"};
  for (const std::string& function : functions) {
    for (const int fd : {0, 1, 2, 3}) {
      EXPECT_EQ(call_of(fmt::format(fmt::runtime(function), fd)), "notsock") << function << fd;
    }
    for (const char* fd : {"5", "-1"}) {
      EXPECT_EQ(call_of(fmt::format(fmt::runtime(function), fd)), "badf") << function << fd;
    }
  }
  EXPECT_EQ(errno_of(open("file", kRead) + "call sock_shutdown 5 3"), "notsock");
}

TEST_F(WasiEnvironment, YieldsAndHasNoSignals) {
  EXPECT_EQ(call_of("sched_yield"), "success");
  EXPECT_EQ(call_of("proc_raise 9"), "notsup");
}

TEST_F(WasiEnvironment, ExitsWithItsCode) {
  for (const char* code : {"0", "1", "125", "255"}) {
    const Outcome outcome = probe(fmt::format("exit {}\nsay never", code));
    EXPECT_EQ(outcome.exit_code, std::stoi(code));
    EXPECT_EQ(outcome.output.bytes(), "");
  }
}

}  // namespace
}  // namespace caisson::sandbox
