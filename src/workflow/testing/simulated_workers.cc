#include "workflow/testing/simulated_workers.h"

#include <algorithm>
#include <iterator>

namespace caisson::workflow {

SimulatedWorkers::SimulatedWorkers(std::size_t threads, std::uint64_t seed, base::FakeEnvironment& clock,
                                   std::size_t late_once_in)
    : clock_(clock), random_(seed), late_once_in_(late_once_in), timer_(clock), threads_(threads + 1) {}

SimulatedWorkers::~SimulatedWorkers() = default;

base::Timer::Id SimulatedWorkers::Timers::after(std::chrono::nanoseconds delay, Callback callback) {
  waiting.emplace(++last, std::pair(clock.now() + delay, std::move(callback)));
  return last;
}

void SimulatedWorkers::Timers::cancel(Id id) { waiting.erase(id); }

bool SimulatedWorkers::run(std::function<void()> main) {
  threads_.front().task = std::move(main);
  const auto busy = [](const Thread& thread) { return static_cast<bool>(thread.task); };
  while (busy(threads_.front()) || !tasks_.empty() || std::ranges::any_of(threads_, busy)) {
    if (!step()) {
      return false;
    }
  }
  return true;
}

void SimulatedWorkers::pause() { block({}, std::nullopt); }

bool SimulatedWorkers::sleep(std::chrono::nanoseconds time, const std::stop_token& stop) {
  const Time end = clock_.now() + time;
  block([&stop] { return stop.stop_requested(); }, end);
  return clock_.now() >= end;
}

void SimulatedWorkers::wait_for(const std::stop_token& stop) {
  block([&stop] { return stop.stop_requested(); }, std::nullopt);
}

void SimulatedWorkers::wait(std::unique_lock<std::mutex>& lock, Signal& changed, const std::function<bool()>& done) {
  while (!done()) {
    const std::uint64_t seen = changed.count();
    lock.unlock();
    block([&changed, seen] { return changed.count() != seen; }, std::nullopt);
    lock.lock();
  }
}

bool SimulatedWorkers::step() {
  struct Choice {
    Thread* thread = nullptr;   // goes on, or
    base::Timer::Id timer = 0;  // is due
  };
  std::vector<Choice> choices;
  for (Thread& thread : threads_) {
    const bool begins = !thread.task && &thread != &threads_.front() && !tasks_.empty();
    if (begins || (thread.task && can_go(thread))) {
      choices.push_back({.thread = &thread});
    }
  }
  for (const auto& [id, entry] : timer_.waiting) {
    if (entry.first <= clock_.now()) {
      choices.push_back({.timer = id});
    }
  }
  if (choices.empty() || (late_once_in_ > 0 && below(late_once_in_) == 0)) {
    if (choices.empty() && on_rest_) {
      on_rest_();
    }
    return pass_time() || !choices.empty();
  }
  const Choice choice = choices[below(choices.size())];
  if (choice.thread == nullptr) {
    const auto node = timer_.waiting.extract(choice.timer);
    node.mapped().second();
    return true;
  }
  if (!choice.thread->task) {
    const auto task = tasks_.begin() + static_cast<std::ptrdiff_t>(below(tasks_.size()));
    choice.thread->task = std::move(*task);
    tasks_.erase(task);
  }
  go(*choice.thread);
  return true;
}

bool SimulatedWorkers::can_go(const Thread& thread) const {
  return (!thread.may_go && !thread.until) || (thread.may_go && thread.may_go()) ||
         (thread.until && *thread.until <= clock_.now());
}

/// To the next time that something waits for. False: nothing waits for a time.
bool SimulatedWorkers::pass_time() {
  std::optional<Time> next;
  const auto offer = [&](Time time) {
    if (time > clock_.now() && (!next || time < *next)) {
      next = time;
    }
  };
  for (const Thread& thread : threads_) {
    if (thread.task && thread.until) {
      offer(*thread.until);
    }
  }
  for (const auto& [id, entry] : timer_.waiting) {
    offer(entry.first);
  }
  if (next) {
    clock_.advance(*next - clock_.now());
  }
  return next.has_value();
}

void SimulatedWorkers::go(Thread& thread) {
  if (!thread.fiber) {
    thread.fiber = std::make_unique<Fiber>([&thread] {
      while (true) {
        thread.task();
        thread.task = nullptr;
        thread.fiber->suspend();
      }
    });
  }
  thread.may_go = nullptr;
  thread.until.reset();
  running_ = &thread;
  thread.fiber->resume();
  running_ = nullptr;
}

void SimulatedWorkers::block(std::function<bool()> may_go, std::optional<Time> until) {
  Thread& self = *running_;
  self.may_go = std::move(may_go);
  self.until = until;
  self.fiber->suspend();
}

}  // namespace caisson::workflow
