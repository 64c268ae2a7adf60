#pragma once

#include "workflow/node_rules.h"
#include "workflow/plan.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace caisson::workflow {

/// Groups of nodes that may have so many in flight each, over a whole run with its nested ones.
///
/// Who finds no place in all of its groups waits in line, and is called when there is one. A place belongs to nobody
/// until a worker that can run the node comes for it: a thread that waits in a nested run cannot come, and what it
/// would hold, others might wait for without end. In one run those who wait for the same places get them in their
/// order; of several lines the one that has waited longest is called first.
///
/// Threads: safe to call concurrently.
class Gates {
 public:
  using Groups = std::vector<std::uint32_t>;  ///< rising, each once

  struct Visitor {
    const void* owner = nullptr;  ///< the run that it belongs to
    NodeIndex node = 0;           ///< of that run
    /// Told that it stands in line, and the first of its groups that has no room or a line; must not call back.
    std::function<void(std::uint32_t group)> waits{};
    std::function<void()> called{};  ///< told later, once, to enter again; must not call back
  };

  explicit Gates(std::span<const NodeGroup> groups) {
    std::ranges::transform(groups, std::back_inserter(free_), &NodeGroup::limit);
  }

  /// Takes a place in each group, or puts the visitor in line; one that was called keeps its place there. Returns
  /// whether it has the places.
  [[nodiscard]] bool enter(const Groups& groups, Visitor visitor);

  /// Gives the places back.
  void leave(const Groups& groups);

  /// Takes everything of that owner out of the lines. After the return nothing of it is told any more.
  void forget(const void* owner);

 private:
  struct Waiting {
    std::uint64_t number = 0;
    Visitor visitor;
  };
  struct Line {
    std::deque<Waiting> waiting{};  // never empty
    bool called = false;            // the first was told and has not come yet
  };

  [[nodiscard]] bool has_places(const Groups& groups) const noexcept;
  void call();

  std::mutex mutex_;
  std::vector<std::size_t> free_;
  std::uint64_t last_number_ = 0;
  std::map<std::pair<const void*, Groups>, Line> lines_;
};

}  // namespace caisson::workflow
