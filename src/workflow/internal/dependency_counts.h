#pragma once

#include "workflow/internal/dispatch.h"
#include "workflow/plan.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace caisson::workflow {

/// How many dependencies each node still waits for. Lock-free.
class DependencyCounts {
 public:
  explicit DependencyCounts(const Plan& plan) : plan_(plan), waits_for_(plan.size()) {
    for (NodeIndex i = 0; i < plan.size(); ++i) {
      waits_for_[i].store(static_cast<std::uint32_t>(plan.dependencies(i).size()), std::memory_order_relaxed);
    }
  }

  /// Nodes that wait for nothing more, in the plan's order.
  struct Ready {
    NodeIndex first = Dispatch::kNone;
    std::vector<NodeIndex> more{};  ///< apart, because there is seldom more than one
  };

  /// Counts a node as done for all that depend on it, and returns which of them became ready by that.
  [[nodiscard]] Ready count_down(NodeIndex node) {
    Ready out;
    for (const NodeIndex dependent : plan_.dependents(node)) {
      // acq_rel: whoever counts to zero sees what all the others wrote before they counted.
      if (waits_for_[dependent].fetch_sub(1, std::memory_order_acq_rel) == 1) {
        if (out.first == Dispatch::kNone) {
          out.first = dependent;
        } else {
          out.more.push_back(dependent);
        }
      }
    }
    return out;
  }

 private:
  const Plan& plan_;
  std::vector<std::atomic<std::uint32_t>> waits_for_;
};

}  // namespace caisson::workflow
