#include "base/guarded.h"

#include <gtest/gtest.h>

#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace caisson::base {
namespace {

TEST(Guarded, HoldsItsValue) {
  Guarded<std::string> name("first");
  name.with([](std::string& value) { value += " second"; });
  EXPECT_EQ(std::as_const(name).with_shared([](const std::string& value) { return value; }), "first second");
}

TEST(Guarded, BeginsWithTheDefault) {
  const Guarded<int> zero;
  EXPECT_EQ(zero.with_shared([](int value) { return value; }), 0);
}

TEST(Guarded, TakesWhatCannotBeCopied) {
  Guarded<std::unique_ptr<int>> pointer(std::make_unique<int>(3));
  EXPECT_EQ(*pointer.with([](std::unique_ptr<int>& value) { return std::move(value); }), 3);
}

TEST(Guarded, LetsNoReferenceOut) {
  Guarded<std::string> name("a");
  const auto give = [](std::string& value) -> std::string& { return value; };
  static_assert(std::is_same_v<decltype(name.with(give)), std::string>);
  std::string copy = name.with(give);
  copy = "b";
  EXPECT_EQ(name.with_shared([](const std::string& value) { return value; }), "a");
}

TEST(Guarded, ExcludesOtherWriters) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 5'000;
  Guarded<long> sum;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&sum] {
      for (int round = 0; round < kRounds; ++round) {
        sum.with([](long& value) {
          const long before = value;
          std::this_thread::yield();  // without the lock, another thread's addition would be lost here
          value = before + 1;
        });
      }
    });
  }
  threads.clear();
  EXPECT_EQ(sum.with_shared([](long value) { return value; }), long{kThreads} * kRounds);
}

TEST(Guarded, LetsReadersInTogether) {
  const Guarded<int> value(1);
  std::latch both(2);
  const auto read = [&] {
    value.with_shared([&](int) { both.arrive_and_wait(); });  // ends only when the other one is inside as well
  };
  std::jthread first(read);
  std::jthread second(read);
  first.join();
  second.join();
  EXPECT_TRUE(both.try_wait());
}

}  // namespace
}  // namespace caisson::base
