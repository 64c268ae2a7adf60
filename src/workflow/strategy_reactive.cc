#include "workflow/internal/dependency_counts.h"
#include "workflow/internal/dispatch.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <vector>

namespace caisson::workflow {

namespace {

/// Every node that is done tells those that depend on it; one that heard of all its dependencies is ready, and ready
/// nodes go first come, first served. The worker goes on with the first that it made ready itself.
class Reactive final : public Dispatch {
 public:
  Reactive(const Plan& plan, const Options& options)
      : Dispatch(options),
        entries_(plan.rank_count() > 0 ? plan.nodes_of_rank(0) : std::span<const NodeIndex>()),
        counts_(plan) {}

  std::size_t open() override {
    const std::scoped_lock lock(mutex_);
    return reserve(entries_.size());
  }

  Next finished(NodeIndex node, bool done) override {
    if (!done) {
      return {};
    }
    NodeIndex first = kNone;
    std::vector<NodeIndex> more;
    counts_.count_down(node, [&](NodeIndex ready) {
      if (first == kNone) {
        first = ready;
      } else {
        more.push_back(ready);
      }
    });
    if (more.empty()) {
      return {first, 0};
    }
    const std::scoped_lock lock(mutex_);
    ready_.insert(ready_.end(), more.begin(), more.end());
    return {first, reserve(ready_.size())};
  }

 protected:
  NodeIndex next_unlocked() noexcept override {
    if (next_entry_.load(std::memory_order_relaxed) >= entries_.size()) {
      return kNone;
    }
    const std::size_t i = next_entry_.fetch_add(1, std::memory_order_relaxed);
    return i < entries_.size() ? entries_[i] : kNone;
  }

  NodeIndex next() noexcept override {
    if (const NodeIndex entry = next_unlocked(); entry != kNone) {
      return entry;
    }
    if (ready_.empty()) {
      return kNone;
    }
    const NodeIndex node = ready_.front();
    ready_.pop_front();
    return node;
  }

 private:
  std::span<const NodeIndex> entries_;
  std::atomic<std::size_t> next_entry_{0};
  DependencyCounts counts_;
  std::deque<NodeIndex> ready_;  // under mutex_
};

}  // namespace

std::unique_ptr<Dispatch> make_reactive(const Plan& plan, const Dispatch::Options& options) {
  return std::make_unique<Reactive>(plan, options);
}

}  // namespace caisson::workflow
