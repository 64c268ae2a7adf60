#include "workflow/internal/dispatch.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

namespace caisson::workflow {

std::size_t Budget::take(std::size_t wanted) noexcept {
  std::ptrdiff_t left = free_.load(std::memory_order_relaxed);
  while (left > 0) {
    const std::ptrdiff_t taken = std::min(left, static_cast<std::ptrdiff_t>(wanted));
    if (free_.compare_exchange_weak(left, left - taken, std::memory_order_relaxed)) {
      return static_cast<std::size_t>(taken);
    }
  }
  return 0;
}

NodeIndex Dispatch::take() {
  if (resumed_count_.load(std::memory_order_relaxed) == 0) {
    if (const NodeIndex node = next_unlocked(); node != kNone) {
      return node;
    }
  }
  const std::scoped_lock lock(mutex_);
  if (!resumed_.empty()) {
    const NodeIndex node = resumed_.front();
    resumed_.pop_front();
    resumed_count_.store(resumed_.size(), std::memory_order_relaxed);
    return node;
  }
  const NodeIndex node = next();
  if (node == kNone) {
    give_back();
  }
  return node;
}

void Dispatch::postpone() {
  const std::scoped_lock lock(mutex_);
  postponed_ += halted_ ? 0 : 1;
}

void Dispatch::withdraw() {
  const std::scoped_lock lock(mutex_);
  postponed_ -= halted_ ? 0 : 1;
}

std::size_t Dispatch::resume(NodeIndex node) {
  const std::scoped_lock lock(mutex_);
  if (halted_) {
    return 0;
  }
  --postponed_;
  resumed_.push_back(node);
  resumed_count_.store(resumed_.size(), std::memory_order_relaxed);
  // Where nothing runs, a place is free: that of who waits for a nested run, or any of the run itself.
  return reserve(1);
}

void Dispatch::halt() {
  const std::scoped_lock lock(mutex_);
  halted_ = true;
  postponed_ = 0;
  changed_.notify();
}

void Dispatch::abandon() {
  const std::scoped_lock lock(mutex_);
  give_back();
}

void Dispatch::wait(Workers& workers, const std::function<bool()>& enough) {
  std::unique_lock lock(mutex_);
  workers.wait(lock, changed_, [&] { return idle() || enough(); });
}

void Dispatch::nudge() {
  const std::scoped_lock lock(mutex_);
  changed_.notify();
}

bool Dispatch::is_running() {
  const std::scoped_lock lock(mutex_);
  return !idle();
}

std::size_t Dispatch::reserve(std::size_t useful) noexcept {
  const std::size_t wanted = std::min(useful, free_);
  const std::size_t own = std::min(wanted, own_places_);
  const std::size_t shared = wanted > own ? budget_.take(wanted - own) : 0;
  own_places_ -= own;
  budgeted_ += shared;
  free_ -= own + shared;
  busy_ += own + shared;
  return own + shared;
}

void Dispatch::give_back() noexcept {
  ++free_;
  if (budgeted_ > 0) {
    --budgeted_;
    budget_.give_back();
  } else {
    ++own_places_;
  }
  if (--busy_ == 0) {
    changed_.notify();  // under the lock: who waits may destroy this as soon as the lock is free
  }
}

Urgency urgency_of(const Plan& plan, std::span<const NodeRules> rules, NodeIndex node) noexcept {
  const int priority = rules.empty() ? 0 : rules[node].priority;
  const std::uint64_t height = std::min<std::uint32_t>(plan.height(node), 0xFF'FFFF);
  return static_cast<std::uint64_t>(priority + 128) << 56U | height << 32U | static_cast<NodeIndex>(~node);
}

std::vector<NodeIndex> entries_by_urgency(const Plan& plan, std::span<const NodeRules> rules) {
  if (plan.rank_count() == 0) {
    return {};
  }
  const auto entries = plan.nodes_of_rank(0);
  std::vector<NodeIndex> out(entries.begin(), entries.end());
  const auto same = [&](NodeIndex node) {
    return plan.height(node) == plan.height(out.front()) &&
           (rules.empty() || rules[node].priority == rules[out.front()].priority);
  };
  if (std::ranges::all_of(out, same)) {
    return out;  // in the order of the definition already
  }
  std::vector<Urgency> keys;
  keys.reserve(out.size());
  std::ranges::transform(out, std::back_inserter(keys), [&](NodeIndex node) { return urgency_of(plan, rules, node); });
  std::ranges::sort(keys, std::greater<>());
  std::ranges::transform(keys, out.begin(), node_of);
  return out;
}

std::unique_ptr<Dispatch> make_dispatch(Strategy strategy, const Plan& plan, const Dispatch::Options& options) {
  switch (strategy) {
    case Strategy::kLevel:
      return make_levels(plan, options);
    case Strategy::kReactive:
      return make_reactive(plan, options);
    case Strategy::kHybrid:
      return make_hybrid(plan, options);
    case Strategy::kWorkQueue:
      break;
  }
  return make_work_queue(plan, options);
}

}  // namespace caisson::workflow
