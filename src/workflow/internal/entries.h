#pragma once

#include "workflow/internal/dispatch.h"

#include <atomic>
#include <cstddef>
#include <utility>
#include <vector>

namespace caisson::workflow {

/// The nodes without dependencies, handed out one after the other. Lock-free.
class Entries {
 public:
  explicit Entries(std::vector<NodeIndex> nodes) : nodes_(std::move(nodes)) {}

  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }

  /// The one that `take` would return now; Dispatch::kNone: none is left.
  [[nodiscard]] NodeIndex front() const noexcept {
    const std::size_t i = next_.load(std::memory_order_relaxed);
    return i < nodes_.size() ? nodes_[i] : Dispatch::kNone;
  }

  /// Dispatch::kNone: none is left.
  [[nodiscard]] NodeIndex take() noexcept {
    if (front() == Dispatch::kNone) {
      return Dispatch::kNone;  // without writing: the line is shared by all workers
    }
    const std::size_t i = next_.fetch_add(1, std::memory_order_relaxed);
    return i < nodes_.size() ? nodes_[i] : Dispatch::kNone;
  }

 private:
  const std::vector<NodeIndex> nodes_;
  std::atomic<std::size_t> next_{0};
};

}  // namespace caisson::workflow
