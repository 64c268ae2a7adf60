#include "base/testing/campaign.h"
#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace caisson::base {
namespace {

TEST(ThreadPoolSoak, EveryTaskRunsOnceWhereverItComesFrom) {
  // Pools come and go; tasks are submitted from outside, from tasks, and while the pool is being destroyed.
  constexpr std::int64_t kTasksOfOnePool = 1000;
  constexpr std::int64_t kSubmitters = 4;
  const std::int64_t pools = testing::campaign("thread_pool_tasks") / kTasksOfOnePool;
  for (std::int64_t round = 0; round < pools; ++round) {
    std::vector<std::atomic<int>> runs(static_cast<std::size_t>(kTasksOfOnePool));
    {
      ThreadPool pool({.threads = static_cast<std::size_t>(1 + round % 4), .stack_bytes = 256 << 10});
      const auto submit_half = [&](std::int64_t from, std::int64_t to) {
        for (std::int64_t i = from; i < to; i += 2) {
          pool.submit([&, i] {
            ++runs[static_cast<std::size_t>(i)];
            pool.submit([&runs, i] { ++runs[static_cast<std::size_t>(i + 1)]; });
          });
        }
      };
      std::vector<std::jthread> submitters;
      for (std::int64_t s = 0; s < kSubmitters; ++s) {
        submitters.emplace_back(submit_half, s * kTasksOfOnePool / kSubmitters,
                                (s + 1) * kTasksOfOnePool / kSubmitters);
      }
    }
    for (std::size_t i = 0; i < runs.size(); ++i) {
      ASSERT_EQ(runs[i], 1) << "task " << i << " of pool " << round;
    }
  }
}

}  // namespace
}  // namespace caisson::base
