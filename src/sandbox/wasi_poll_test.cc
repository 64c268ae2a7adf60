// WASI preview 1: poll_oneoff.

#include "sandbox/testing/wasi_fixture.h"

#include <fmt/format.h>

#include <thread>

namespace caisson::sandbox {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

class WasiPoll : public WasiTest {
 protected:
  // Subscriptions are at @0, 48 bytes each; events at @1000, 32 each; their number at @900.
  static std::string clock(int place, std::uint64_t timeout, int id = 1, int flags = 0) {
    const int at = place * 48;
    return fmt::format("u64 @{} {}\nu32 @{} 0\nu32 @{} {}\nu64 @{} {}\nu64 @{} 0\nu32 @{} {}\n", at, 100 + place,
                       at + 8, at + 16, id, at + 24, timeout, at + 32, at + 40, flags);
  }
  static std::string descriptor(int place, int tag, std::string_view fd) {
    const int at = place * 48;
    return fmt::format("u64 @{} {}\nu32 @{} {}\nu32 @{} {}\n", at, 100 + place, at + 8, tag, at + 16, fd);
  }
  static std::string poll(int count) { return fmt::format("call poll_oneoff @0 @1000 {} @900\nshow32 @900\n", count); }
  /// userdata, and error and type together.
  static std::string event(int place) {
    return fmt::format("show64 @{}\nshow32 @{}\n", 1000 + place * 32, 1008 + place * 32);
  }
  static std::string ready(int errno_code, int type) { return std::to_string(errno_code + (type << 16)); }
};

TEST_F(WasiPoll, AClockIsDueAfterItsTime) {
  EXPECT_EQ(lines(clock(0, 5'000'000) + poll(1) + event(0) + "call clock_time_get 1 0 @500\nshow64 @500"),
            (Lines{"0", "1", "100", "0", "0", "5001000"}));
}

TEST_F(WasiPoll, OfTwoClocksTheFirstIsDue) {
  EXPECT_EQ(lines(clock(0, 9'000'000) + clock(1, 4'000'000) + poll(2) + event(0)), (Lines{"0", "1", "101", "0"}));
  EXPECT_EQ(lines(clock(0, 4'000'000) + clock(1, 4'000'000) + poll(2) + event(0) + event(1)),
            (Lines{"0", "2", "100", "0", "101", "0"}));
}

TEST_F(WasiPoll, AnAbsoluteTimeThatHasPassedIsDueAtOnce) {
  for (const int id : {0, 1}) {
    EXPECT_EQ(lines(clock(0, 0, id, 1) + poll(1) + event(0)), (Lines{"0", "1", "100", "0"})) << id;
  }
  // 2000-01-01 and a second.
  EXPECT_EQ(lines(clock(0, 946'684'801'000'000'000, 0, 1) + poll(1) + "call clock_time_get 1 0 @500\nshow64 @500"),
            (Lines{"0", "1", "0", "1000001000"}));
}

TEST_F(WasiPoll, AClockThatDoesNotExistIsAnEventOfItsOwn) {
  EXPECT_EQ(lines(clock(0, 1, 2) + clock(1, 1, -1) + poll(2) + event(0) + event(1)),
            (Lines{"0", "2", "100", "28", "101", "28"}));
}

TEST_F(WasiPoll, WaitingIsDeniedWithoutTheClock) {
  grants_.clock = ClockMode::kDenied;
  const Outcome outcome = probe(clock(0, 1) + poll(1) + event(0));
  EXPECT_EQ(outcome.output.bytes(), "0\n1\n100\n76\n");
  ASSERT_EQ(outcome.violations.size(), 1U);
  EXPECT_EQ(outcome.violations[0].description,
            "Capability not granted: waiting for a time; `grants: {clock: true}` would allow it");
}

TEST_F(WasiPoll, StreamsAndFilesAreAlwaysReady) {
  const std::string script = open("file", kReadWrite) + descriptor(0, 1, "0") + descriptor(1, 2, "1") +
                             descriptor(2, 2, "2") + descriptor(3, 1, "5") + descriptor(4, 2, "5") +
                             clock(5, 1'000'000'000) + poll(6);
  EXPECT_EQ(lines(script + event(0) + event(1) + event(2) + event(3) + event(4)),
            (Lines{"0", "0", "5", "100", ready(0, 1), "101", ready(0, 2), "102", ready(0, 2), "103", ready(0, 1), "104",
                   ready(0, 2)}));
}

TEST_F(WasiPoll, StandardInputTellsWhatIsLeftAndItsEnd) {
  const std::string script = descriptor(0, 1, "0") + poll(1) + "show64 @1016\nshow32 @1024\n";
  EXPECT_EQ(lines(script), (Lines{"0", "1", "0", "1"}));  // nothing, hung up
  grants_.stdin_is_input = true;
  EXPECT_EQ(lines(script), (Lines{"0", "1", std::to_string(script.size()), "0"}));
}

TEST_F(WasiPoll, ADescriptorThatIsNotOpenIsAnEventOfItsOwn) {
  EXPECT_EQ(lines("call fd_close 1\n" + descriptor(0, 1, "-1") + descriptor(1, 2, "77") + descriptor(2, 2, "1") +
                  descriptor(3, 1, "2") + poll(4) + event(0) + event(1) + event(2) + event(3)),
            (Lines{"0", "0", "4", "100", ready(8, 1), "101", ready(8, 2), "102", ready(8, 2), "103", ready(8, 1)}));
}

TEST_F(WasiPoll, NoSubscriptionsOrTooManyAreInval) {
  EXPECT_EQ(call_of("poll_oneoff @0 @1000 0 @900"), "inval");
  EXPECT_EQ(call_of("poll_oneoff @0 @200000 4096 @900"), "success");
  EXPECT_EQ(call_of("poll_oneoff @0 @200000 4097 @900"), "inval");
  EXPECT_EQ(call_of("poll_oneoff @0 @200000 0xffffffff @900"), "inval");
}

TEST_F(WasiPoll, AnUnknownTagIsInvalAndNothingIsWritten) {
  EXPECT_EQ(
      lines(descriptor(0, 2, "1") + descriptor(1, 3, "1") + "u32 @900 77\nu32 @1000 77\n" + poll(2) + "show32 @1000"),
      (Lines{"28", "77", "77"}));
}

TEST_F(WasiPoll, ASleepIsAtLeastAsLongAsAsked) {
  grants_.clock = ClockMode::kReal;
  const Outcome outcome = probe(clock(0, 20'000'000) + poll(1));
  EXPECT_EQ(outcome.output.bytes(), "0\n1\n");
  EXPECT_GE(outcome.usage.wall, 20ms);
}

TEST_F(WasiPoll, ASleepEndsWhenTheCallIsCancelled) {
  grants_.clock = ClockMode::kReal;
  limits_.timeout = 60s;
  std::jthread canceller([this] {
    std::this_thread::yield();  // whether it sleeps by then or has not begun: it ends either way
    stop_.request_stop();
  });
  const Outcome outcome = probe(clock(0, 3'600'000'000'000) + poll(1));
  EXPECT_EQ(outcome.status, OutcomeStatus::kCancelled);
  EXPECT_LT(outcome.usage.wall, 30s);
}

TEST_F(WasiPoll, ASleepEndsWhenTheCallIsKilled) {
  grants_.clock = ClockMode::kReal;
  limits_.timeout = 60s;
  CallRegistry calls;
  std::jthread operator_thread([&](const std::stop_token& done) {
    while (!done.stop_requested()) {
      for (const RunningCall& running : calls.list(*shared().environment)) {
        calls.kill(running.id);
      }
      std::this_thread::yield();
    }
  });
  const InlineExecutor executor({.environment = shared().environment.get(), .pool = &shared().pool, .calls = &calls});
  const Outcome outcome =
      executor.call(bind("probe").value(), Payload(clock(0, 3'600'000'000'000) + poll(1)), policy_, stop_.get_token());
  EXPECT_EQ(outcome.status, OutcomeStatus::kCancelled);
  EXPECT_EQ(reason(outcome), "sandbox.killed");
  EXPECT_LT(outcome.usage.wall, 30s);
}

TEST_F(WasiPoll, ASleepLongerThanTheIdleLimitEndsTheCall) {
  grants_.clock = ClockMode::kReal;
  limits_.idle = 10ms;
  const Outcome outcome = probe(clock(0, 3'600'000'000'000) + poll(1));
  EXPECT_EQ(reason(outcome), "sandbox.idle");
  EXPECT_GE(outcome.usage.wall, 10ms);
  EXPECT_LT(outcome.usage.wall, 10ms + kSlack);
  // Short ones add up to more, and are allowed.
  EXPECT_EQ(probe(clock(0, 4'000'000) + poll(1) + poll(1) + poll(1) + poll(1)).status, OutcomeStatus::kOk);
}

}  // namespace
}  // namespace caisson::sandbox
