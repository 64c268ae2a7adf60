#include "workflow/internal/dispatch.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

namespace caisson::workflow {

namespace {

/// Entry nodes are handed out by a counter, without a lock: they come first in the plan's order, so none of the others
/// may overtake them. The others wait in a heap. A worker that makes exactly one node ready, with nothing else waiting,
/// goes on with it: chains and wide graphs never take the lock.
class WorkQueue final : public Dispatch {
 public:
  WorkQueue(const Plan& plan, std::size_t slots)
      : Dispatch(slots),
        plan_(plan),
        entries_(plan.rank_count() > 0 ? plan.nodes_of_rank(0) : std::span<const NodeIndex>()),
        waits_for_(plan.size()) {
    for (NodeIndex i = 0; i < plan.size(); ++i) {
      waits_for_[i].store(static_cast<std::uint32_t>(plan.dependencies(i).size()), std::memory_order_relaxed);
    }
  }

  std::size_t open() override {
    const std::scoped_lock lock(mutex_);
    return reserve(entries_.size());
  }

  NodeIndex take() override {
    if (entries_left()) {
      const std::size_t i = next_entry_.fetch_add(1, std::memory_order_relaxed);
      if (i < entries_.size()) {
        return entries_[i];
      }
    }
    const std::scoped_lock lock(mutex_);
    if (ready_.empty()) {
      give_back();
      return kNone;
    }
    return pop();
  }

  Next finished(NodeIndex node, bool succeeded) override {
    if (!succeeded) {
      return {};
    }
    NodeIndex first = kNone;
    std::vector<NodeIndex> more;
    for (const NodeIndex dependent : plan_.dependents(node)) {
      // acq_rel: whoever counts to zero sees what all the others wrote before they counted.
      if (waits_for_[dependent].fetch_sub(1, std::memory_order_acq_rel) == 1) {
        if (first == kNone) {
          first = dependent;
        } else {
          more.push_back(dependent);
        }
      }
    }
    if (first == kNone) {
      return {};
    }
    if (more.empty() && !entries_left() && ready_count_.load(std::memory_order_relaxed) == 0) {
      return {first, 0};
    }
    const std::scoped_lock lock(mutex_);
    push(first);
    std::ranges::for_each(more, [&](NodeIndex n) { push(n); });
    const NodeIndex next = entries_left() ? kNone : pop();
    return {next, reserve(ready_.size())};
  }

 private:
  // The heap's order is the plan's: by rank, then by index.
  using Key = std::uint64_t;

  [[nodiscard]] bool entries_left() const noexcept {
    return next_entry_.load(std::memory_order_relaxed) < entries_.size();
  }
  void push(NodeIndex node) {
    ready_.push(Key{plan_.rank(node)} << 32 | node);
    ready_count_.store(ready_.size(), std::memory_order_relaxed);
  }
  NodeIndex pop() {
    const auto node = static_cast<NodeIndex>(ready_.top());
    ready_.pop();
    ready_count_.store(ready_.size(), std::memory_order_relaxed);
    return node;
  }

  const Plan& plan_;
  std::span<const NodeIndex> entries_;
  std::atomic<std::size_t> next_entry_{0};
  std::vector<std::atomic<std::uint32_t>> waits_for_;
  std::priority_queue<Key, std::vector<Key>, std::greater<>> ready_;  // under mutex_
  std::atomic<std::size_t> ready_count_{0};                           // a hint for those who do not hold it
};

}  // namespace

std::unique_ptr<Dispatch> make_work_queue(const Plan& plan, std::size_t slots) {
  return std::make_unique<WorkQueue>(plan, slots);
}

}  // namespace caisson::workflow
