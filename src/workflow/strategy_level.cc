#include "workflow/internal/dispatch.h"

#include <atomic>

namespace caisson::workflow {

namespace {

/// Hands out the plan's order up to the end of the current rank. The worker that ends the last node of a rank opens the
/// next one and goes on with it; nobody waits at the barrier.
class Levels final : public Dispatch {
 public:
  Levels(const Plan& plan, const Options& options)
      : Dispatch(options), plan_(plan), on_level_(options.on_level), order_(plan.order()) {}

  std::size_t open() override {
    const std::scoped_lock lock(mutex_);
    return order_.empty() ? 0 : reserve(open_rank(0));
  }

  Next finished(NodeIndex node, bool /*done*/) override {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) > 1) {
      return {};
    }
    const std::size_t rank = std::size_t{plan_.rank(node)} + 1;
    if (rank == plan_.rank_count()) {
      return {};
    }
    if (plan_.nodes_of_rank(rank).size() == 1) {
      open_rank(rank);
      return {next_unlocked(), 0};
    }
    const std::scoped_lock lock(mutex_);
    const std::size_t others = open_rank(rank) - 1;
    return {next_unlocked(), reserve(others)};
  }

 protected:
  NodeIndex next_unlocked() noexcept override {
    std::size_t at = next_.load(std::memory_order_relaxed);
    while (at < end_.load(std::memory_order_acquire)) {
      if (next_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
        return order_[at];
      }
    }
    return kNone;
  }

  NodeIndex next() noexcept override { return next_unlocked(); }  // a rank may have been opened meanwhile

 private:
  /// Returns the number of nodes of that rank. Only by the worker that ended the last one.
  std::size_t open_rank(std::size_t rank) {
    const std::size_t size = plan_.nodes_of_rank(rank).size();
    left_.store(size, std::memory_order_relaxed);
    if (on_level_) {
      on_level_(rank);
    }
    // release: who sees the new end sees the count, and everything that the nodes before it wrote.
    end_.store(end_.load(std::memory_order_relaxed) + size, std::memory_order_release);
    return size;
  }

  const Plan& plan_;
  const std::function<void(std::size_t)> on_level_;
  std::span<const NodeIndex> order_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> end_{0};
  std::atomic<std::size_t> left_{0};  // nodes of the current rank that have not ended
};

}  // namespace

std::unique_ptr<Dispatch> make_levels(const Plan& plan, const Dispatch::Options& options) {
  return std::make_unique<Levels>(plan, options);
}

}  // namespace caisson::workflow
