#pragma once

#include "workflow/plan.h"

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>

namespace caisson::workflow {

/// Tells the workers of one run which node comes next: a strategy.
///
/// A worker owns one of `slots` slots from the moment it is asked for until `take` returns kNone or `abandon` is
/// called; so never more nodes are in flight than there are slots. Whether work is left is decided under the same lock
/// under which work is added: a slot is never given up while a node waits for it.
///
/// Threads: `take`, `finished` and `abandon` are called concurrently by the workers.
class Dispatch {
 public:
  static constexpr NodeIndex kNone = UINT32_MAX;

  struct Next {
    NodeIndex node = kNone;  ///< for the worker that asked; kNone: it is to call `take`
    std::size_t wake = 0;    ///< workers to start; their slots are taken
  };

  explicit Dispatch(std::size_t slots) : free_(slots) {}
  Dispatch(const Dispatch&) = delete;
  Dispatch& operator=(const Dispatch&) = delete;
  virtual ~Dispatch() = default;

  /// How many workers to begin with. Called once, first.
  [[nodiscard]] virtual std::size_t open() = 0;

  /// The next node for a worker that has none. kNone: nothing is ready, and the slot was given back; the run may be
  /// gone when the worker reads the answer.
  [[nodiscard]] virtual NodeIndex take() = 0;

  /// To be called once for every node that was handed out. `succeeded` is false also for a node that was not run
  /// because of an earlier failure.
  [[nodiscard]] virtual Next finished(NodeIndex node, bool succeeded) = 0;

  /// Gives a worker's slot back although nodes may be ready: the run was stopped.
  void abandon();

  /// Blocks until no worker has a slot.
  void wait();

 protected:
  /// Takes as many free slots as are useful. Only under `mutex_`.
  [[nodiscard]] std::size_t reserve(std::size_t useful) noexcept;
  /// Only under `mutex_`.
  void give_back() noexcept;

  std::mutex mutex_;

 private:
  std::condition_variable idle_;
  std::size_t free_;
  std::size_t busy_ = 0;
};

/// Dependency counting; ready nodes start in the plan's order.
[[nodiscard]] std::unique_ptr<Dispatch> make_work_queue(const Plan& plan, std::size_t slots);

/// Rank after rank; a rank starts when every node of the one before has ended.
[[nodiscard]] std::unique_ptr<Dispatch> make_levels(const Plan& plan, std::size_t slots);

}  // namespace caisson::workflow
