#include "base/timer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <mutex>
#include <vector>

namespace caisson::base {
namespace {

using namespace std::chrono_literals;

TEST(Timer, CallsInTheOrderOfTime) {
  ThreadTimer timer;
  std::latch done(3);
  std::mutex mutex;
  std::vector<int> order;
  const auto call = [&](int number) {
    return [&, number] {
      const std::scoped_lock lock(mutex);
      order.push_back(number);
      done.count_down();
    };
  };
  timer.after(40ms, call(3));
  timer.after(20ms, call(2));
  timer.after(0ms, call(1));
  done.wait();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(Timer, WhatWasCancelledIsNotCalled) {
  ThreadTimer timer;
  std::latch done(1);
  std::atomic<bool> called = false;
  const Timer::Id id = timer.after(20ms, [&] { called = true; });
  timer.cancel(id);
  timer.after(40ms, [&] { done.count_down(); });
  done.wait();
  EXPECT_FALSE(called);
  timer.cancel(id);  // again: nothing
}

TEST(Timer, NothingCanBeCancelled) {
  ThreadTimer timer;
  timer.cancel(Timer::kNone);
  EXPECT_NE(timer.after(1h, [] {}), Timer::kNone);
  timer.cancel(Timer::kNone);
}

TEST(Timer, CancelWaitsForTheCall) {
  ThreadTimer timer;
  std::latch begun(1);
  std::latch go(1);
  std::atomic<bool> finished = false;
  const Timer::Id id = timer.after(0ms, [&] {
    begun.count_down();
    go.wait();
    finished = true;
  });
  begun.wait();
  std::jthread other([&] { go.count_down(); });
  timer.cancel(id);
  EXPECT_TRUE(finished);
}

TEST(Timer, ACallbackMayAskForAnother) {
  ThreadTimer timer;
  std::latch done(1);
  timer.after(0ms, [&] { timer.after(0ms, [&] { done.count_down(); }); });
  done.wait();
}

TEST(Timer, WhatStillWaitsAtTheEndIsNotCalled) {
  std::atomic<bool> called = false;
  {
    ThreadTimer timer;
    timer.after(1h, [&] { called = true; });
  }
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace caisson::base
