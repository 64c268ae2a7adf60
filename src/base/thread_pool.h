#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <pthread.h>
#include <semaphore.h>

namespace caisson::base {

struct ThreadPoolOptions {
  std::size_t threads = 0;            ///< 0: one for each CPU of the machine
  std::size_t stack_bytes = 8 << 20;  ///< of every thread; rounded up to what the system allows
};

/// A fixed number of threads that run tasks; each has a queue of its own and takes from the others when that is empty.
///
/// Threads: `submit` may be called from any thread, a task included. Tasks start in no promised order.
/// Lifetime: the destructor runs what was submitted, and what that submits, then joins every thread; it must not run in
/// a task of the pool. Errors: a task must not throw; the process ends if one does.
class ThreadPool {
 public:
  using Task = std::function<void()>;

  /// Throws std::system_error when the system gives no thread, or none with a stack of that size.
  explicit ThreadPool(const ThreadPoolOptions& options);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  void submit(Task task);

  [[nodiscard]] std::size_t size() const noexcept { return workers_.size(); }

 private:
  struct Worker {
    ThreadPool* pool = nullptr;
    std::size_t index = 0;
    pthread_t thread{};
    std::mutex mutex;
    std::deque<Task> tasks;
  };

  /// Counts what can be taken; `acquire` sleeps while that is nothing. POSIX, not std::counting_semaphore: that of g++
  /// 12 wakes every sleeper for each release, and can leave one asleep (libstdc++ bug 104928).
  class Semaphore {
   public:
    Semaphore();
    Semaphore(const Semaphore&) = delete;
    Semaphore& operator=(const Semaphore&) = delete;
    ~Semaphore();
    void acquire() noexcept;
    void release(std::size_t count = 1) noexcept;

   private:
    sem_t semaphore_;
  };

  static void* entry(void* worker) noexcept;
  void work(std::size_t index) noexcept;
  bool take(std::size_t index, Task& task);

  std::vector<std::unique_ptr<Worker>> workers_;
  Semaphore ready_;  // as many as there are tasks, plus one for each worker that is told to stop
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stopping_{false};
};

}  // namespace caisson::base
