#include "workflow/internal/dependency_counts.h"
#include "workflow/internal/dispatch.h"
#include "workflow/internal/entries.h"

#include <algorithm>
#include <atomic>
#include <queue>
#include <vector>

namespace caisson::workflow {

namespace {

/// The most urgent of the nodes that are ready goes first: that which is farthest from the end.
///
/// Entry nodes stand in an array and are handed out by a counter, without a lock, as long as no other node is more
/// urgent; the others wait in a heap. A worker that makes exactly one node ready, with nothing more urgent waiting,
/// goes on with it: chains and wide graphs never take the lock.
class WorkQueue final : public Dispatch {
 public:
  WorkQueue(const Plan& plan, const Options& options)
      : Dispatch(options),
        plan_(plan),
        rules_(options.rules),
        entries_(entries_by_urgency(plan, rules_)),
        counts_(plan) {}

  std::size_t open() override {
    const std::scoped_lock lock(mutex_);
    return reserve(entries_.size());
  }

  Next finished(NodeIndex node, bool done) override {
    if (!done) {
      return {};
    }
    const auto [first, more] = counts_.count_down(node);
    if (first == kNone) {
      return {};
    }
    if (more.empty() && most_urgent_.load(std::memory_order_relaxed) == 0 && urgency(first) > next_entry()) {
      return {first, 0};
    }
    const std::scoped_lock lock(mutex_);
    std::ranges::for_each(more, [&](NodeIndex n) { push(n); });
    NodeIndex mine = first;
    if (urgency(first) < std::max(next_entry(), most_urgent_.load(std::memory_order_relaxed))) {
      push(first);
      mine = heap_.top() > next_entry() ? pop() : kNone;
    }
    return {mine, reserve(heap_.size())};
  }

 protected:
  NodeIndex next_unlocked() noexcept override {
    return next_entry() > most_urgent_.load(std::memory_order_relaxed) ? entries_.take() : kNone;
  }

  NodeIndex next() noexcept override {
    if (heap_.empty() || next_entry() > heap_.top()) {
      if (const NodeIndex node = entries_.take(); node != kNone) {
        return node;
      }
    }
    return heap_.empty() ? kNone : pop();
  }

 private:
  [[nodiscard]] Urgency urgency(NodeIndex node) const noexcept { return urgency_of(plan_, rules_, node); }

  /// 0: no entry is left.
  [[nodiscard]] Urgency next_entry() const noexcept {
    const NodeIndex entry = entries_.front();
    return entry == kNone ? 0 : urgency(entry);
  }
  void push(NodeIndex node) {
    heap_.push(urgency(node));
    most_urgent_.store(heap_.top(), std::memory_order_relaxed);
  }
  NodeIndex pop() noexcept {
    const NodeIndex node = node_of(heap_.top());
    heap_.pop();
    most_urgent_.store(heap_.empty() ? 0 : heap_.top(), std::memory_order_relaxed);
    return node;
  }

  const Plan& plan_;
  std::span<const NodeRules> rules_;
  Entries entries_;
  DependencyCounts counts_;
  std::priority_queue<Urgency> heap_;    // under mutex_
  std::atomic<Urgency> most_urgent_{0};  // of the heap, 0: it is empty; a hint for those who do not hold the lock
};

}  // namespace

std::unique_ptr<Dispatch> make_work_queue(const Plan& plan, const Dispatch::Options& options) {
  return std::make_unique<WorkQueue>(plan, options);
}

}  // namespace caisson::workflow
