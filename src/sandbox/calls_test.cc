#include "sandbox/calls.h"

#include "base/testing/fake_environment.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace caisson::sandbox {
namespace {

using namespace std::chrono_literals;

TEST(CallRegistry, ListsWhatRunsOldestFirst) {
  base::FakeEnvironment environment;
  CallRegistry calls;
  EXPECT_TRUE(calls.list(environment).empty());
  const auto wall = environment.wall_time();
  std::optional<CallRegistry::Entry> first;
  first.emplace(&calls, CallRegistry::Entry::Call{"flow", "a", base::sha256("a"), environment.now()});
  environment.advance(30ms);
  const CallRegistry::Entry second(&calls, {"flow", "b", base::sha256("b"), environment.now()});
  environment.advance(12ms);

  const std::vector<RunningCall> both = calls.list(environment);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].id, first->id());
  EXPECT_EQ(both[0].run, "flow");
  EXPECT_EQ(both[0].node, "a");
  EXPECT_EQ(both[0].module, base::sha256("a"));
  EXPECT_EQ(both[0].elapsed, 42ms);
  EXPECT_EQ(both[0].started, wall);
  EXPECT_FALSE(both[0].killed);
  EXPECT_EQ(both[1].node, "b");
  EXPECT_EQ(both[1].elapsed, 12ms);
  EXPECT_EQ(both[1].started, wall + 30ms);

  first.reset();
  ASSERT_EQ(calls.list(environment).size(), 1U);
  EXPECT_EQ(calls.list(environment)[0].node, "b");
}

TEST(CallRegistry, KillsTheCallOfThatIdAndNoOther) {
  base::FakeEnvironment environment;
  CallRegistry calls;
  std::optional<CallRegistry::Entry> first;
  first.emplace(&calls, CallRegistry::Entry::Call{});
  const CallRegistry::Entry second(&calls, {});
  EXPECT_TRUE(calls.kill(second.id()));
  EXPECT_FALSE(first->killed()->load());
  EXPECT_TRUE(second.killed()->load());
  EXPECT_TRUE(calls.kill(second.id())) << "it is still running";
  for (const RunningCall& call : calls.list(environment)) {
    EXPECT_EQ(call.killed, call.id == second.id());
  }
  const std::uint64_t gone = first->id();
  first.reset();
  first.emplace(&calls, CallRegistry::Entry::Call{});
  EXPECT_FALSE(calls.kill(gone)) << "an id is not given again";
  EXPECT_FALSE(first->killed()->load());
  for (const std::uint64_t id : {std::uint64_t{0}, std::uint64_t{1}, gone + (1 << 20), ~std::uint64_t{0}}) {
    EXPECT_FALSE(calls.kill(id)) << id;
  }
}

TEST(CallRegistry, ASlotForgetsThatItsLastCallWasKilled) {
  CallRegistry calls;
  std::set<std::uint64_t> ids;
  for (int i = 0; i < 1000; ++i) {
    const CallRegistry::Entry entry(&calls, {});
    EXPECT_FALSE(entry.killed()->load());
    EXPECT_TRUE(ids.insert(entry.id()).second) << "ids are given once";
    EXPECT_TRUE(calls.kill(entry.id()));
  }
}

TEST(CallRegistry, WithoutARegistryACallRunsUnlisted) {
  const CallRegistry::Entry entry(nullptr, {});
  EXPECT_EQ(entry.id(), 0U);
  EXPECT_FALSE(entry.killed()->load());
}

TEST(CallRegistry, GrowsWithTheCallsThatRunAtOnce) {
  base::FakeEnvironment environment;
  CallRegistry calls;
  std::vector<std::unique_ptr<CallRegistry::Entry>> entries;
  std::set<std::uint64_t> ids;
  for (int i = 0; i < 500; ++i) {
    entries.push_back(std::make_unique<CallRegistry::Entry>(&calls, CallRegistry::Entry::Call{}));
    EXPECT_TRUE(ids.insert(entries.back()->id()).second);
  }
  EXPECT_EQ(calls.list(environment).size(), 500U);
  EXPECT_TRUE(calls.kill(entries.back()->id()));
  EXPECT_TRUE(entries.back()->killed()->load());
  EXPECT_FALSE(entries.front()->killed()->load());
  entries.clear();
  EXPECT_TRUE(calls.list(environment).empty());
}

// For ThreadSanitizer: calls come and go while others list and kill them; each kill reaches the call it is meant for.
TEST(CallRegistry, CallsListingsAndKillsFromManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kCalls = 3000;
  base::FakeEnvironment environment;
  CallRegistry calls;
  std::atomic<int> running{kThreads};
  std::atomic<std::uint64_t> killed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kCalls; ++i) {
        const std::string node = std::to_string(t) + '.' + std::to_string(i);  // gone with the call
        const CallRegistry::Entry entry(&calls, {"run", node, {}, environment.now()});
        if (i % 100 == 0) {  // this one runs until somebody kills it
          while (!entry.killed()->load()) {
            std::this_thread::yield();
          }
          ++killed;
        }
      }
      --running;
    });
  }
  std::uint64_t seen = 0;
  while (running > 0) {
    for (const RunningCall& call : calls.list(environment)) {
      EXPECT_EQ(call.run, "run");
      EXPECT_NE(call.node.find('.'), std::string::npos);
      ++seen;
      if (call.node.ends_with("00") || call.node.ends_with(".0")) {
        calls.kill(call.id);
      }
    }
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(killed, static_cast<std::uint64_t>(kThreads * kCalls / 100));
  EXPECT_GT(seen, 0U);
  EXPECT_TRUE(calls.list(environment).empty());
}

}  // namespace
}  // namespace caisson::sandbox
