#pragma once

#include "engine/internal/handles.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace caisson::engine {

/// Advances an engine's epoch, which is what lets running guests look at the clock. Ticks while calls run, and for a
/// second after the last one; then its thread sleeps until the next call.
///
/// Threads: any.
class Ticker {
 public:
  static constexpr std::chrono::milliseconds kPeriod{5};

  /// Throws std::system_error when the system gives no thread. `engine` must outlive the ticker.
  explicit Ticker(wasm_engine_t& engine);
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  ~Ticker();

  /// Around everything that runs guest code.
  void enter() noexcept;
  void leave() noexcept { active_.fetch_sub(1, std::memory_order_release); }

 private:
  void run();

  wasm_engine_t& engine_;
  std::atomic<int> active_{0};
  std::atomic<bool> asleep_{false};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace caisson::engine
