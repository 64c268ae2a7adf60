#include "base/thread_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <latch>
#include <limits>
#include <memory>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <vector>

namespace caisson::base {
namespace {

constexpr std::size_t kSmallStack = 256 << 10;

TEST(ThreadPool, RunsEveryTaskOnceFromSeveralSubmitters) {
  constexpr std::size_t kSubmitters = 4;
  constexpr std::size_t kTasksEach = 2'500;
  std::vector<std::atomic<int>> runs(kSubmitters * kTasksEach);
  {
    ThreadPool pool({.threads = 3, .stack_bytes = kSmallStack});
    std::vector<std::jthread> submitters;
    for (std::size_t s = 0; s < kSubmitters; ++s) {
      submitters.emplace_back([&, s] {
        for (std::size_t i = 0; i < kTasksEach; ++i) {
          pool.submit([&runs, at = s * kTasksEach + i] { ++runs[at]; });
        }
      });
    }
  }
  for (const auto& count : runs) {
    ASSERT_EQ(count, 1);
  }
}

TEST(ThreadPool, DestructorRunsWhatWasSubmitted) {
  constexpr int kRounds = 300;
  constexpr int kTasks = 20;
  for (int round = 0; round < kRounds; ++round) {
    std::atomic<int> done = 0;
    {
      ThreadPool pool({.threads = 4, .stack_bytes = kSmallStack});
      for (int i = 0; i < kTasks; ++i) {
        pool.submit([&done] { ++done; });
      }
    }
    ASSERT_EQ(done, kTasks);
  }
}

TEST(ThreadPool, DestructorRunsWhatTasksSubmit) {
  constexpr int kDepth = 12;
  std::atomic<int> done = 0;
  std::function<void(ThreadPool&, int)> branch = [&](ThreadPool& pool, int depth) {
    ++done;
    for (int i = 0; depth > 0 && i < 2; ++i) {
      pool.submit([&, depth] { branch(pool, depth - 1); });
    }
  };
  {
    ThreadPool pool({.threads = 3, .stack_bytes = kSmallStack});
    pool.submit([&] { branch(pool, kDepth); });
  }  // the tree has hardly begun to grow
  EXPECT_EQ(done, (1 << (kDepth + 1)) - 1);
}

TEST(ThreadPool, RunsAsManyTasksTogetherAsItHasThreads) {
  constexpr std::size_t kThreads = 4;
  constexpr int kRounds = 2'000;
  ThreadPool pool({.threads = kThreads, .stack_bytes = kSmallStack});
  for (int round = 0; round < kRounds; ++round) {
    std::latch inside(kThreads);
    std::latch done(kThreads);
    for (std::size_t i = 0; i < kThreads; ++i) {
      pool.submit([&] {
        inside.arrive_and_wait();  // ends only when every thread was woken
        done.count_down();
      });
    }
    done.wait();
  }
  EXPECT_EQ(pool.size(), kThreads);
}

TEST(ThreadPool, OthersTakeWhatABusyWorkerSubmitted) {
  ThreadPool pool({.threads = 2, .stack_bytes = kSmallStack});
  std::latch finished(1);
  pool.submit([&] {
    std::latch child(1);
    pool.submit([&child] { child.count_down(); });
    child.wait();  // this worker is taken; the other one has to steal the child
    finished.count_down();
  });
  finished.wait();
  EXPECT_TRUE(finished.try_wait());
}

TEST(ThreadPool, UsesAllItsThreads) {
  constexpr std::size_t kThreads = 3;
  std::mutex mutex;
  std::set<std::thread::id> ids;
  {
    ThreadPool pool({.threads = kThreads, .stack_bytes = kSmallStack});
    std::latch inside(kThreads);
    for (std::size_t i = 0; i < kThreads; ++i) {
      pool.submit([&] {
        inside.arrive_and_wait();
        const std::scoped_lock lock(mutex);
        ids.insert(std::this_thread::get_id());
      });
    }
    inside.wait();
  }
  EXPECT_EQ(ids.size(), kThreads);
  EXPECT_FALSE(ids.contains(std::this_thread::get_id()));
}

TEST(ThreadPool, HasAThreadForEachCpuUnlessTold) {
  const ThreadPool pool({.stack_bytes = kSmallStack});
  EXPECT_GE(pool.size(), 1U);
  EXPECT_EQ(pool.size(), std::max(1U, std::thread::hardware_concurrency()));
}

/// Uses that much stack below the caller and returns a value that depends on it.
[[gnu::noinline]] std::uintptr_t use_stack(std::size_t bytes) {
  volatile char block[4096];
  block[0] = static_cast<char>(bytes);
  const auto here = reinterpret_cast<std::uintptr_t>(&block[0]);
  if (bytes <= sizeof block) {
    return here;
  }
  const std::uintptr_t deepest = use_stack(bytes - sizeof block);
  return block[0] == static_cast<char>(bytes) ? deepest : 0;
}

class ThreadPoolStack : public testing::TestWithParam<std::size_t> {};

TEST_P(ThreadPoolStack, IsReallyGiven) {
  constexpr std::size_t kGuardAndThreadData = 64 << 10;
  const std::size_t asked = GetParam();
  std::size_t size = 0;
  std::uintptr_t top = 0;
  std::uintptr_t deepest = 0;
  {
    ThreadPool pool({.threads = 1, .stack_bytes = asked});
    pool.submit([&] {
      pthread_attr_t attributes{};
      void* lowest = nullptr;
      ASSERT_EQ(pthread_getattr_np(pthread_self(), &attributes), 0);
      ASSERT_EQ(pthread_attr_getstack(&attributes, &lowest, &size), 0);
      pthread_attr_destroy(&attributes);
      top = reinterpret_cast<std::uintptr_t>(&attributes);
      deepest = use_stack(asked / 2);
    });
  }
  EXPECT_GE(size + kGuardAndThreadData, asked);
  EXPECT_GE(top - deepest, asked / 2 - kGuardAndThreadData);
}

// Not below 2 MiB: ThreadSanitizer keeps its own state of a thread on the thread's stack.
INSTANTIATE_TEST_SUITE_P(Sizes, ThreadPoolStack,
                         testing::Values(std::size_t{2} << 20, (std::size_t{3} << 20) + 1, std::size_t{8} << 20,
                                         std::size_t{32} << 20));

TEST(ThreadPool, RoundsATinyStackUp) {
  std::atomic<bool> ran = false;
  {
    ThreadPool pool({.threads = 1, .stack_bytes = 1});
    pool.submit([&ran] { ran = true; });
  }
  EXPECT_TRUE(ran);
}

TEST(ThreadPool, ThrowsWhenTheSystemGivesNoSuchStack) {
  EXPECT_THROW(ThreadPool({.threads = 2, .stack_bytes = std::size_t{1} << 60}), std::system_error);
  EXPECT_THROW(ThreadPool({.threads = 2, .stack_bytes = std::numeric_limits<std::size_t>::max()}), std::system_error);
}

TEST(ThreadPool, ForgetsATaskOnceItRan) {
  ThreadPool pool({.threads = 1, .stack_bytes = kSmallStack});
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = held;
  std::latch ran(1);
  pool.submit([held = std::move(held), &ran] { ran.count_down(); });
  ran.wait();
  std::latch after(1);
  pool.submit([&after] { after.count_down(); });
  after.wait();
  EXPECT_TRUE(watched.expired());
}

TEST(ThreadPool, TasksOfOnePoolMaySubmitToAnother) {
  std::atomic<int> done = 0;
  {
    ThreadPool second({.threads = 1, .stack_bytes = kSmallStack});
    ThreadPool first({.threads = 2, .stack_bytes = kSmallStack});
    for (int i = 0; i < 100; ++i) {
      first.submit([&] { second.submit([&done] { ++done; }); });
    }
  }
  EXPECT_EQ(done, 100);
}

}  // namespace
}  // namespace caisson::base
