#include "sandbox/internal/call_watch.h"

#include "base/testing/fake_environment.h"

#include <gtest/gtest.h>

namespace caisson::sandbox {
namespace {

using namespace std::chrono_literals;

class CallWatchTest : public testing::Test {
 protected:
  CallWatchTest() { limits_.timeout = 10s; }

  CallWatch watch() { return CallWatch({&limits_, &environment_, &token_, &killed_, environment_.now(), 1 << 20}); }
  /// So much later, all of it spent on the processor or none, a tick.
  std::optional<Ending> tick(CallWatch& watch, std::chrono::nanoseconds later, bool busy = true,
                             std::uint64_t memory = 0) {
    environment_.advance(later);
    environment_.advance_cpu_time(busy ? later : 0ns);
    return watch.tick({environment_.now(), memory});
  }

  base::FakeEnvironment environment_;
  Limits limits_;
  std::stop_source stop_;
  std::stop_token token_ = stop_.get_token();
  std::atomic<bool> killed_ = false;
};

TEST_F(CallWatchTest, NothingEndsACallThatKeepsItsLimits) {
  CallWatch watch = this->watch();
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(tick(watch, 5ms), std::nullopt);
  }
  EXPECT_EQ(watch.look(), std::nullopt);
  EXPECT_EQ(watch.wait_until(environment_.now()), std::nullopt);
  EXPECT_EQ(watch.throttled(), 0ns);
}

TEST_F(CallWatchTest, AKilledCallEndsAtATickInAWaitAndInLongWork) {
  CallWatch watch = this->watch();
  killed_ = true;
  EXPECT_EQ(tick(watch, 5ms), Ending::kKilled);
  EXPECT_EQ(watch.wait_until(environment_.now() + 1h), Ending::kKilled);
  EXPECT_EQ(watch.look(), Ending::kKilled);
}

TEST_F(CallWatchTest, AWaitEndsWhenItIsCancelledOrTheTimeIsOver) {
  CallWatch watch = this->watch();
  environment_.advance(10s);
  EXPECT_EQ(watch.wait_until(environment_.now() + 1h), Ending::kDeadline);
  EXPECT_EQ(watch.look(), Ending::kDeadline);
  EXPECT_EQ(watch.wait_until(environment_.now()), std::nullopt);  // nothing to wait for
  stop_.request_stop();
  EXPECT_EQ(watch.wait_until(environment_.now() + 1h), Ending::kCancelled);
  EXPECT_EQ(watch.look(), Ending::kCancelled);
}

TEST_F(CallWatchTest, CpuTimeIsThatOfTheThreadFromTheFirstTickOn) {
  limits_.cpu = 20ms;
  environment_.advance_cpu_time(1h);  // what the thread did before is not the call's
  CallWatch watch = this->watch();
  EXPECT_EQ(tick(watch, 5ms), std::nullopt);
  EXPECT_EQ(tick(watch, 1s, false), std::nullopt);
  EXPECT_EQ(tick(watch, 14ms), std::nullopt);
  EXPECT_EQ(tick(watch, 1ms), Ending::kCpu);
}

TEST_F(CallWatchTest, MemoryMayGrowByASecondsWorthAtOnceAndThenASecond) {
  limits_.memory_growth_bytes_per_second = 1 << 20;
  CallWatch watch = this->watch();
  EXPECT_EQ(tick(watch, 1ns, true, 2 << 20), std::nullopt);  // a mebibyte beyond what it began with
  EXPECT_EQ(tick(watch, 1ns, true, (2 << 20) + 65'536), Ending::kGrowth);
  EXPECT_EQ(tick(watch, 1s, true, 3 << 20), std::nullopt);
  EXPECT_EQ(tick(watch, 1ns, true, (3 << 20) + 65'536), Ending::kGrowth);
}

TEST_F(CallWatchTest, TheShareHoldsAfterTheFirstWindow) {
  limits_.cpu_percent = 50;
  CallWatch watch = this->watch();
  stop_.request_stop();  // so that a throttled tick gives `cancelled` at once instead of sleeping
  for (int i = 0; i < 19; ++i) {
    EXPECT_EQ(tick(watch, 5ms), std::nullopt) << i;  // to 95 ms
  }
  EXPECT_EQ(tick(watch, 5ms), std::nullopt);  // a window begins
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(tick(watch, 5ms), std::nullopt) << i;  // 45 of its 50 ms
  }
  EXPECT_EQ(tick(watch, 5ms), Ending::kCancelled);
}

TEST_F(CallWatchTest, ACallThatWaitsKeepsItsShare) {
  limits_.cpu_percent = 50;
  CallWatch watch = this->watch();
  stop_.request_stop();
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(tick(watch, 5ms, i % 3 == 0), std::nullopt) << i;  // a third of the time
  }
}

}  // namespace
}  // namespace caisson::sandbox
