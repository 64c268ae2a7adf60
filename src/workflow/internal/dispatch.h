#pragma once

#include "workflow/node_rules.h"
#include "workflow/plan.h"
#include "workflow/strategy.h"
#include "workflow/workers.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// How many nodes a whole run may have in flight, nested ones with it. Lock-free.
class Budget {
 public:
  explicit Budget(std::size_t places) : free_(static_cast<std::ptrdiff_t>(places)) {}

  /// Takes up to so many places; returns how many.
  [[nodiscard]] std::size_t take(std::size_t wanted) noexcept;
  void give_back() noexcept { free_.fetch_add(1, std::memory_order_relaxed); }

 private:
  std::atomic<std::ptrdiff_t> free_;
};

/// Tells the workers of one run which node comes next: a strategy.
///
/// A worker owns one of `slots` slots, and a place of the budget, from the moment it is asked for until `take` returns
/// kNone or `abandon` is called; so never more nodes are in flight than there are slots. Whether work is left is
/// decided under the same lock under which work is added: a slot is never given up while a node waits for it.
///
/// Threads: all but `open` are called concurrently by the workers.
class Dispatch {
 public:
  static constexpr NodeIndex kNone = UINT32_MAX;

  struct Next {
    NodeIndex node = kNone;  ///< for the worker that asked; kNone: it is to call `take`
    std::size_t wake = 0;    ///< workers to start; their slots are taken
  };

  struct Options {
    std::size_t slots = 1;
    Budget* budget = nullptr;    ///< outlives it
    std::size_t own_places = 0;  ///< workers that need no place of the budget: the one who waits for a nested run
    std::span<const NodeRules> rules{};  ///< priorities; empty: all the same
    StrategyHints hints{};
    /// Told that a strategy with several ways changed from one to another; must not call back.
    std::function<void(std::string_view to, std::string_view reason)> on_switch{};
    /// Told that the nodes of a rank are about to be handed out, by a strategy that goes by rank; must not call back.
    std::function<void(std::size_t rank)> on_level{};
  };

  explicit Dispatch(const Options& options)
      : budget_(*options.budget), free_(options.slots), own_places_(options.own_places) {}
  Dispatch(const Dispatch&) = delete;
  Dispatch& operator=(const Dispatch&) = delete;
  virtual ~Dispatch() = default;

  /// How many workers to begin with. Called once, first.
  [[nodiscard]] virtual std::size_t open() = 0;

  /// The next node for a worker that has none. kNone: nothing is ready, and the slot was given back; the run may be
  /// gone when the worker reads the answer.
  [[nodiscard]] NodeIndex take();

  /// To be called once for every node that was handed out, unless it was postponed. `done` is false for a node that
  /// failed, and for one that was not run because of that.
  [[nodiscard]] virtual Next finished(NodeIndex node, bool done) = 0;

  /// A node that was handed out goes back, until `resume` is called for it. The worker keeps its slot.
  void postpone();
  /// Returns how many workers to start. Nothing happens after `halt`.
  [[nodiscard]] std::size_t resume(NodeIndex node);

  /// Takes a `postpone` back: the worker goes on with the node.
  void withdraw();

  /// Nothing is resumed any more: the run was stopped.
  void halt();

  /// Gives a worker's slot back although nodes may be ready: the run was stopped.
  void abandon();

  /// Blocks until no worker has a slot and nothing is postponed, or `enough`.
  void wait(Workers& workers, const std::function<bool()>& enough);
  /// `enough` may have changed.
  void nudge();

  /// Whether a worker has a slot or a node is postponed.
  [[nodiscard]] bool is_running();

 protected:
  /// A node without the lock, when that is possible; kNone: perhaps with it.
  [[nodiscard]] virtual NodeIndex next_unlocked() noexcept { return kNone; }
  /// The next node that is ready. Only under `mutex_`.
  [[nodiscard]] virtual NodeIndex next() noexcept = 0;

  /// Takes as many free slots as are useful. Only under `mutex_`.
  [[nodiscard]] std::size_t reserve(std::size_t useful) noexcept;

  std::mutex mutex_;

 private:
  [[nodiscard]] bool idle() const noexcept { return busy_ == 0 && postponed_ == 0; }
  void give_back() noexcept;

  Budget& budget_;
  Signal changed_;
  std::size_t free_;
  std::size_t busy_ = 0;
  std::size_t own_places_;
  std::size_t budgeted_ = 0;  // of the busy ones, those that have a place of the budget
  std::size_t postponed_ = 0;
  bool halted_ = false;
  std::deque<NodeIndex> resumed_;
  std::atomic<std::size_t> resumed_count_{0};  // a hint for those who do not hold the lock
};

/// How urgent a node is: its priority, then how far it is from the end, then its place in the definition. The larger
/// goes first.
using Urgency = std::uint64_t;
[[nodiscard]] Urgency urgency_of(const Plan& plan, std::span<const NodeRules> rules, NodeIndex node) noexcept;
[[nodiscard]] inline NodeIndex node_of(Urgency urgency) noexcept { return ~static_cast<NodeIndex>(urgency); }

/// The nodes without dependencies, the most urgent first. Linear in their number.
[[nodiscard]] std::vector<NodeIndex> entries_by_urgency(const Plan& plan, std::span<const NodeRules> rules);

[[nodiscard]] std::unique_ptr<Dispatch> make_work_queue(const Plan& plan, const Dispatch::Options& options);
[[nodiscard]] std::unique_ptr<Dispatch> make_levels(const Plan& plan, const Dispatch::Options& options);
[[nodiscard]] std::unique_ptr<Dispatch> make_reactive(const Plan& plan, const Dispatch::Options& options);
[[nodiscard]] std::unique_ptr<Dispatch> make_hybrid(const Plan& plan, const Dispatch::Options& options);
[[nodiscard]] std::unique_ptr<Dispatch> make_dispatch(Strategy strategy, const Plan& plan,
                                                      const Dispatch::Options& options);

}  // namespace caisson::workflow
