#include "sandbox/run_memory.h"
#include "sandbox/testing/sandbox_fixture.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace caisson::sandbox {
namespace {

TEST(RunMemory, IsWhatItsCallsHoldTogether) {
  RunMemory memory(100);
  RunMemory::Share one(&memory);
  EXPECT_TRUE(one.hold(60));
  {
    RunMemory::Share other(&memory);
    EXPECT_TRUE(other.hold(40));
    EXPECT_EQ(memory.held(), 100U);
    EXPECT_FALSE(other.hold(41));
    EXPECT_TRUE(one.hold(60)) << "who takes nothing more goes on";
    EXPECT_TRUE(one.hold(10));
    EXPECT_TRUE(other.hold(90));
  }
  EXPECT_EQ(memory.held(), 10U);
  EXPECT_TRUE(one.hold(100));
  EXPECT_FALSE(one.hold(UINT64_MAX - 1));
}

TEST(RunMemory, WithoutOneNothingIsCounted) {
  RunMemory::Share share(nullptr);
  EXPECT_TRUE(share.hold(UINT64_MAX));
}

TEST(RunMemory, IsExactHoweverManyThreadsTellIt) {
  RunMemory memory(UINT64_MAX);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&memory] {
        for (std::uint64_t round = 0; round < 10'000; ++round) {
          RunMemory::Share share(&memory);
          (void)share.hold(round % 7);
          (void)share.hold(round % 11);
        }
      });
    }
  }
  EXPECT_EQ(memory.held(), 0U);
}

class RunMemoryTest : public SandboxTest {};

TEST_F(RunMemoryTest, ACallEndsWhenItTakesMoreThanIsLeftOfItsRun) {
  limits_.memory_bytes = 64 << 20;
  limits_.fuel.reset();
  limits_.timeout = std::chrono::seconds(20);
  const Guest guest = bind("dynamic").value();
  RunMemory memory(24 << 20);
  memory_ = &memory;
  // Alone it would spin until its deadline; beside another one of the same kind, one of the two has to go.
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        const Outcome outcome = call(guest, "grow 256\nspin");  // 16 MiB, and what it begins with
        ASSERT_TRUE(outcome.error);
        if (outcome.error->reason == "sandbox.run_memory") {
          ++refused;
          EXPECT_EQ(outcome.status, OutcomeStatus::kLimit);
          ASSERT_FALSE(outcome.violations.empty());
          EXPECT_EQ(outcome.violations.front().kind, ViolationKind::kMemoryLimit);
          stop_.request_stop();  // of the other one
        }
      });
    }
  }
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(memory.held(), 0U);
}

}  // namespace
}  // namespace caisson::sandbox
