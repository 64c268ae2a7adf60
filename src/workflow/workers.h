#pragma once

#include "base/thread_pool.h"
#include "base/timer.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>

namespace caisson::workflow {

/// Wakes who waits for a change, and counts how often, so that a simulation notices a wake-up that was forgotten.
///
/// Threads: everything under the one lock that the change is made under.
class Signal {
 public:
  void notify() noexcept {
    ++count_;
    changed_.notify_all();
  }
  void wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& done) { changed_.wait(lock, done); }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

 private:
  std::condition_variable changed_;
  std::uint64_t count_ = 0;
};

/// What a run needs of the machine: threads that run nodes, a way to wait for them, and a timer. A simulation has one
/// of its own.
///
/// Threads: safe to call concurrently.
class Workers {
 public:
  Workers() = default;
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  virtual ~Workers() = default;

  [[nodiscard]] virtual std::size_t size() const noexcept = 0;
  virtual void submit(std::function<void()> task) = 0;
  [[nodiscard]] virtual base::Timer& timer() noexcept = 0;

  /// Blocks until `done`, which is asked under the lock; `changed` is notified under it whenever that may have changed.
  virtual void wait(std::unique_lock<std::mutex>& lock, Signal& changed, const std::function<bool()>& done) = 0;
};

/// Threads of a pool, and a timer whose thread is started when something has to wait. `pool` outlives it.
class PoolWorkers final : public Workers {
 public:
  explicit PoolWorkers(base::ThreadPool& pool) : pool_(pool) {}

  std::size_t size() const noexcept override { return pool_.size(); }
  void submit(std::function<void()> task) override { pool_.submit(std::move(task)); }
  base::Timer& timer() noexcept override { return timer_; }
  void wait(std::unique_lock<std::mutex>& lock, Signal& changed, const std::function<bool()>& done) override {
    changed.wait(lock, done);
  }

 private:
  base::ThreadPool& pool_;
  base::ThreadTimer timer_;
};

}  // namespace caisson::workflow
