#include "workflow/internal/dependency_counts.h"
#include "workflow/internal/dispatch.h"
#include "workflow/internal/entries.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <string_view>
#include <vector>

namespace caisson::workflow {

namespace {

/// First come, first served, which costs next to nothing, as long as the order cannot matter: until more than twice as
/// many nodes wait as there are slots, and these are unequally far from the end (by more than an eighth of the longest
/// way through the graph, or by priority). From then on the most urgent goes first, until nothing waits.
///
/// Hints: `enable_critical_path_optimization` and `prefer_deterministic_ordering` make it begin, and stay, with the
/// most urgent; `optimize_for_memory` takes the node that became ready last instead of first, so that a branch is
/// finished before the next one is begun.
class Hybrid final : public Dispatch {
 public:
  Hybrid(const Plan& plan, const Options& options)
      : Dispatch(options),
        plan_(plan),
        rules_(options.rules),
        on_switch_(options.on_switch),
        depth_first_(options.hints.optimize_for_memory),
        always_by_urgency_(options.hints.enable_critical_path_optimization ||
                           options.hints.prefer_deterministic_ordering),
        by_urgency_(always_by_urgency_),
        most_waiting_(2 * options.slots),
        most_spread_(std::max<std::uint64_t>(1, plan.rank_count() / 8)),
        entries_(entries_by_urgency(plan, rules_)),
        counts_(plan) {}

  std::size_t open() override {
    if (always_by_urgency_ && on_switch_) {
      on_switch_("critical_path", "a hint of the definition asks for it");
    }
    const std::scoped_lock lock(mutex_);
    return reserve(entries_.size());
  }

  Next finished(NodeIndex node, bool done) override {
    if (!done) {
      return {};
    }
    const auto [first, more] = counts_.count_down(node);
    if (more.empty() && !by_urgency_.load(std::memory_order_relaxed)) {
      return {first, 0};
    }
    if (first == kNone) {
      return {};
    }
    const std::scoped_lock lock(mutex_);
    if (by_urgency_.load(std::memory_order_relaxed)) {
      std::ranges::for_each(more, [&](NodeIndex n) { push(n); });
      NodeIndex mine = first;
      const Urgency best = waiting_.empty() ? 0 : waiting_.front();
      if (urgency_of(plan_, rules_, first) < std::max(next_entry(), best)) {
        push(first);
        mine = waiting_.front() > next_entry() ? pop() : kNone;
      }
      return {mine, reserve(waiting_.size())};
    }
    std::ranges::for_each(more, [&](NodeIndex n) { append(n); });
    if (waiting_.size() - begin_ > most_waiting_ && highest_ - lowest_ > spread_limit()) {
      begin_to_choose();
    }
    return {first, reserve(waiting_.size() - begin_)};
  }

 protected:
  NodeIndex next_unlocked() noexcept override {
    if (by_urgency_.load(std::memory_order_relaxed) && !waits_nothing_.load(std::memory_order_relaxed)) {
      return kNone;
    }
    return entries_.take();
  }

  NodeIndex next() noexcept override {
    if (by_urgency_.load(std::memory_order_relaxed) && !waiting_.empty() && waiting_.front() > next_entry()) {
      return pop();
    }
    if (const NodeIndex entry = entries_.take(); entry != kNone) {
      return entry;
    }
    if (waiting_.size() == begin_) {
      return kNone;
    }
    return by_urgency_.load(std::memory_order_relaxed) ? pop() : shift();
  }

 private:
  /// In Urgency: priorities count more than any way to go.
  [[nodiscard]] Urgency spread_limit() const noexcept { return most_spread_ << 32U; }

  [[nodiscard]] Urgency next_entry() const noexcept {
    const NodeIndex entry = entries_.front();
    return entry == kNone ? 0 : urgency_of(plan_, rules_, entry);
  }

  void begin_to_choose() {
    by_urgency_.store(true, std::memory_order_relaxed);
    waits_nothing_.store(false, std::memory_order_relaxed);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
    std::ranges::make_heap(waiting_);
    if (on_switch_) {
      on_switch_("critical_path", "more nodes wait than workers can take, and some have a longer way to go");
    }
  }

  void append(NodeIndex node) {
    const Urgency urgency = urgency_of(plan_, rules_, node);
    highest_ = std::max(highest_, urgency);
    lowest_ = std::min(lowest_, urgency);
    waiting_.push_back(urgency);
  }
  NodeIndex shift() noexcept {
    Urgency urgency = 0;
    if (depth_first_) {
      urgency = waiting_.back();
      waiting_.pop_back();
    } else {
      urgency = waiting_[begin_++];
    }
    if (begin_ == waiting_.size()) {
      forget();
    }
    return node_of(urgency);
  }

  void push(NodeIndex node) {
    waiting_.push_back(urgency_of(plan_, rules_, node));
    std::ranges::push_heap(waiting_);
    waits_nothing_.store(false, std::memory_order_relaxed);
  }
  NodeIndex pop() noexcept {
    std::ranges::pop_heap(waiting_);
    const Urgency urgency = waiting_.back();
    waiting_.pop_back();
    if (waiting_.empty()) {
      forget();
      if (!always_by_urgency_) {
        by_urgency_.store(false, std::memory_order_relaxed);
        if (on_switch_) {
          on_switch_("first_come", "nothing waits any more");
        }
      }
    }
    return node_of(urgency);
  }

  void forget() noexcept {
    waiting_.clear();
    begin_ = 0;
    highest_ = 0;
    lowest_ = std::numeric_limits<Urgency>::max();
    waits_nothing_.store(true, std::memory_order_relaxed);
  }

  const Plan& plan_;
  std::span<const NodeRules> rules_;
  std::function<void(std::string_view, std::string_view)> on_switch_;
  const bool depth_first_;
  const bool always_by_urgency_;
  std::atomic<bool> by_urgency_;
  const std::size_t most_waiting_;
  const std::uint64_t most_spread_;
  Entries entries_;
  DependencyCounts counts_;

  // Under mutex_: nodes that are ready, by urgency a heap, otherwise a queue that begins at begin_.
  std::vector<Urgency> waiting_;
  std::size_t begin_ = 0;
  Urgency highest_ = 0;
  Urgency lowest_ = std::numeric_limits<Urgency>::max();
  std::atomic<bool> waits_nothing_{true};  // a hint for those who do not hold the lock
};

}  // namespace

std::unique_ptr<Dispatch> make_hybrid(const Plan& plan, const Dispatch::Options& options) {
  return std::make_unique<Hybrid>(plan, options);
}

}  // namespace caisson::workflow
