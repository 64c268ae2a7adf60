#include "base/thread_pool.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>
#include <thread>
#include <utility>

namespace caisson::base {

namespace {

/// The worker that runs on this thread, so that a task's own tasks stay on its queue. Set by that worker alone.
thread_local const void* current_pool = nullptr;
thread_local std::size_t current_index = 0;

std::size_t page_rounded(std::size_t bytes) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  // A size that overflows here becomes one that the system refuses.
  return (std::max(bytes, static_cast<std::size_t>(PTHREAD_STACK_MIN)) + page - 1) / page * page;
}

}  // namespace

ThreadPool::Semaphore::Semaphore() : semaphore_() { ::sem_init(&semaphore_, 0, 0); }
ThreadPool::Semaphore::~Semaphore() { ::sem_destroy(&semaphore_); }

void ThreadPool::Semaphore::acquire() noexcept {
  while (::sem_wait(&semaphore_) != 0) {  // interrupted by a signal
  }
}

void ThreadPool::Semaphore::release(std::size_t count) noexcept {
  for (; count > 0; --count) {
    ::sem_post(&semaphore_);
  }
}

ThreadPool::ThreadPool(const ThreadPoolOptions& options) {
  const std::size_t count =
      options.threads > 0 ? options.threads : std::max<std::size_t>(1, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < count; ++i) {
    workers_.push_back(std::make_unique<Worker>());
    workers_.back()->pool = this;
    workers_.back()->index = i;
  }
  pthread_attr_t attributes{};
  pthread_attr_init(&attributes);  // cannot fail on Linux
  int error = pthread_attr_setstacksize(&attributes, page_rounded(options.stack_bytes));
  std::size_t started = 0;
  while (error == 0 && started < count) {
    error = pthread_create(&workers_[started]->thread, &attributes, &ThreadPool::entry, workers_[started].get());
    started += error == 0 ? 1 : 0;
  }
  pthread_attr_destroy(&attributes);
  if (error != 0) {
    stopping_ = true;
    ready_.release(started);
    for (std::size_t i = 0; i < started; ++i) {
      pthread_join(workers_[i]->thread, nullptr);
    }
    throw std::system_error(error, std::generic_category(), "cannot start a thread");
  }
}

ThreadPool::~ThreadPool() {
  stopping_ = true;
  ready_.release(workers_.size());
  for (const auto& worker : workers_) {
    pthread_join(worker->thread, nullptr);
  }
}

void ThreadPool::submit(Task task) {
  const std::size_t index =
      current_pool == this ? current_index : next_.fetch_add(1, std::memory_order_relaxed) % size();
  {
    Worker& worker = *workers_[index];
    const std::scoped_lock lock(worker.mutex);
    worker.tasks.push_back(std::move(task));
  }
  ready_.release();
}

void* ThreadPool::entry(void* worker) noexcept {
  auto* self = static_cast<Worker*>(worker);
  current_pool = self->pool;
  current_index = self->index;
  self->pool->work(self->index);
  return nullptr;
}

bool ThreadPool::take(std::size_t index, Task& task) {
  for (std::size_t i = 0; i < size(); ++i) {
    Worker& worker = *workers_[(index + i) % size()];
    const std::scoped_lock lock(worker.mutex);
    if (!worker.tasks.empty()) {
      task = std::move(worker.tasks.front());
      worker.tasks.pop_front();
      return true;
    }
  }
  return false;
}

void ThreadPool::work(std::size_t index) noexcept {
  while (true) {
    ready_.acquire();
    // There is a task for every permit, but another worker may take the one this scan is about to reach and leave its
    // own further back: scan again. Without a task, the permit was the one to stop.
    Task task;
    while (!take(index, task)) {
      if (stopping_) {
        return;
      }
      std::this_thread::yield();
    }
    task();
  }
}

}  // namespace caisson::base
