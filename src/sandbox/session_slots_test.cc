#include "sandbox/session_slots.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace caisson::sandbox {
namespace {

TEST(SessionSlots, AreGivenBackOnceHoweverTheyMove) {
  SessionSlots slots(1);
  std::optional<SessionSlots::Slot> first = slots.take().value();
  SessionSlots::Slot moved = std::move(*first);
  first.reset();
  EXPECT_EQ(slots.take().error().reason, "sandbox.session_limit");
  moved = SessionSlots::Slot();
  EXPECT_TRUE(slots.take());
}

TEST(SessionSlots, AreNeverMoreThanThereMayBe) {
  constexpr int kMost = 3;
  SessionSlots slots(kMost);
  std::atomic<int> held{0};
  std::atomic<int> most{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 1000; ++round) {
        const auto slot = slots.take();
        if (!slot) {
          continue;
        }
        const int now = ++held;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        --held;
      }
    });
  }
  threads.clear();
  EXPECT_LE(most, kMost);
  EXPECT_GT(most, 0);
}

}  // namespace
}  // namespace caisson::sandbox
