#include "workflow/internal/dependency_counts.h"
#include "workflow/internal/dispatch.h"
#include "workflow/internal/entries.h"

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
        entries_(plan.rank_count() > 0 ? std::vector(plan.nodes_of_rank(0).begin(), plan.nodes_of_rank(0).end())
                                       : std::vector<NodeIndex>()),
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
    if (more.empty()) {
      return {first, 0};
    }
    const std::scoped_lock lock(mutex_);
    ready_.insert(ready_.end(), more.begin(), more.end());
    return {first, reserve(ready_.size())};
  }

 protected:
  NodeIndex next_unlocked() noexcept override { return entries_.take(); }

  NodeIndex next() noexcept override {
    if (const NodeIndex entry = entries_.take(); entry != kNone) {
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
  Entries entries_;
  DependencyCounts counts_;
  std::deque<NodeIndex> ready_;  // under mutex_
};

}  // namespace

std::unique_ptr<Dispatch> make_reactive(const Plan& plan, const Dispatch::Options& options) {
  return std::make_unique<Reactive>(plan, options);
}

}  // namespace caisson::workflow
