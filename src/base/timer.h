#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace caisson::base {

/// Calls back when its time has come.
///
/// Threads: safe to call concurrently.
class Timer {
 public:
  using Callback = std::function<void()>;
  using Id = std::uint64_t;       ///< not given twice
  static constexpr Id kNone = 0;  ///< given to nobody

  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer() = default;

  /// Calls `callback` once, after `delay`, on a thread of its own choice. It must be short, must not throw, and may
  /// call `after`, but not `cancel`.
  virtual Id after(std::chrono::nanoseconds delay, Callback callback) = 0;

  /// After the return the callback has been called, or never will be. Of kNone, and of what was cancelled or called
  /// before, there is nothing to wait for.
  virtual void cancel(Id id) = 0;
};

/// One thread that sleeps until the next time; it is started when there is one.
///
/// Lifetime: what is still waiting at the end is not called.
class ThreadTimer final : public Timer {
 public:
  ThreadTimer() = default;
  ~ThreadTimer() override;

  Id after(std::chrono::nanoseconds delay, Callback callback) override;
  void cancel(Id id) override;

 private:
  using Key = std::pair<std::chrono::steady_clock::time_point, Id>;

  void work(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;  // there is an earlier time, or the end
  std::condition_variable_any called_;
  std::map<Key, Callback> waiting_;
  std::map<Id, std::chrono::steady_clock::time_point> times_;
  Id last_ = kNone;
  Id calling_ = kNone;
  std::jthread thread_;
};

}  // namespace caisson::base
