#pragma once

#include "base/testing/fake_environment.h"
#include "workflow/testing/fiber.h"
#include "workflow/workers.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <stop_token>
#include <utility>
#include <vector>

namespace caisson::workflow {

/// Threads, a timer and a clock that are played by one thread: which of those that could go on goes on, and how late,
/// is decided by a seed. The same seed does the same.
///
/// Others get a turn only where a task calls `pause` or `sleep` or waits, so a task may hold a lock anywhere else. Time
/// passes when nobody can go on, and when somebody is late.
///
/// Threads: one.
class SimulatedWorkers final : public Workers {
 public:
  /// `clock` is moved, and outlives it. Once in `late_once_in` turns all who could go on are late; 0: never.
  SimulatedWorkers(std::size_t threads, std::uint64_t seed, base::FakeEnvironment& clock, std::size_t late_once_in = 0);
  ~SimulatedWorkers() override;

  /// Runs `main` beside the threads until it has ended, and what was submitted has. False: nobody can ever go on. What
  /// runs then is left as it is.
  [[nodiscard]] bool run(std::function<void()> main);

  /// Called whenever nobody can go on before time passes.
  void on_rest(std::function<void()> callback) { on_rest_ = std::move(callback); }

  /// Lets others go first. Only in a task or in `main`, as the next two.
  void pause();
  /// Returns whether the time passed; false: the stop was requested before.
  bool sleep(std::chrono::nanoseconds time, const std::stop_token& stop = {});
  void wait_for(const std::stop_token& stop);

  /// Nothing is submitted or waits for its time.
  [[nodiscard]] bool is_empty() const noexcept { return tasks_.empty() && timer_.waiting.empty(); }

  std::size_t size() const noexcept override { return threads_.size() - 1; }
  void submit(std::function<void()> task) override { tasks_.push_back(std::move(task)); }
  base::Timer& timer() noexcept override { return timer_; }
  void wait(std::unique_lock<std::mutex>& lock, Signal& changed, const std::function<bool()>& done) override;

 private:
  using Time = std::chrono::steady_clock::time_point;

  struct Timers final : base::Timer {
    explicit Timers(const base::FakeEnvironment& environment) : clock(environment) {}
    Id after(std::chrono::nanoseconds delay, Callback callback) override;
    void cancel(Id id) override;

    const base::FakeEnvironment& clock;
    std::map<Id, std::pair<Time, Callback>> waiting{};
    Id last = 0;
  };

  struct Thread {
    std::unique_ptr<Fiber> fiber{};
    std::function<void()> task{};    // nothing: it has nothing to do
    std::function<bool()> may_go{};  // nothing: it may
    std::optional<Time> until{};     // at the latest then
  };

  [[nodiscard]] bool step();
  [[nodiscard]] bool can_go(const Thread& thread) const;
  [[nodiscard]] bool pass_time();
  void go(Thread& thread);
  void block(std::function<bool()> may_go, std::optional<Time> until);
  [[nodiscard]] std::size_t below(std::size_t count) { return random_() % count; }

  base::FakeEnvironment& clock_;
  std::mt19937_64 random_;
  std::size_t late_once_in_;
  Timers timer_;
  std::vector<Thread> threads_;  // the first is `main`
  std::vector<std::function<void()>> tasks_;
  Thread* running_ = nullptr;
  std::function<void()> on_rest_;
};

}  // namespace caisson::workflow
