#include "base/timer.h"

namespace caisson::base {

ThreadTimer::~ThreadTimer() {
  thread_.request_stop();
  if (thread_.joinable()) {
    thread_.join();
  }
}

Timer::Id ThreadTimer::after(std::chrono::nanoseconds delay, Callback callback) {
  const std::scoped_lock lock(mutex_);
  const auto at = std::chrono::steady_clock::now() + delay;
  const Id id = ++last_;
  waiting_.emplace(Key{at, id}, std::move(callback));
  times_.emplace(id, at);
  if (!thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  } else if (waiting_.begin()->first.second == id) {
    changed_.notify_one();
  }
  return id;
}

void ThreadTimer::cancel(Id id) {
  std::unique_lock lock(mutex_);
  if (const auto found = times_.find(id); found != times_.end()) {
    waiting_.erase({found->second, id});
    times_.erase(found);
    return;
  }
  called_.wait(lock, [&] { return calling_ != id || id == kNone; });
}

void ThreadTimer::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (waiting_.empty()) {
      changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
      continue;
    }
    const Key next = waiting_.begin()->first;
    if (std::chrono::steady_clock::now() < next.first) {
      changed_.wait_until(lock, stop, next.first, [&] { return waiting_.empty() || waiting_.begin()->first != next; });
      continue;
    }
    const Callback callback = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    times_.erase(next.second);
    calling_ = next.second;
    lock.unlock();
    callback();
    lock.lock();
    calling_ = kNone;
    called_.notify_all();
  }
}

}  // namespace caisson::base
