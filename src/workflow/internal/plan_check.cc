#include "workflow/internal/plan_check.h"

#include "base/suggest.h"
#include "base/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace caisson::workflow {

namespace {

constexpr std::size_t kMaxIdBytes = 256;
constexpr std::size_t kShownCycle = 20;  // ids of a longer cycle are left out of the message
constexpr std::size_t kMostSuggestions = 20;
constexpr std::size_t kMostCandidates = 10'000;
constexpr NodeIndex kNone = UINT32_MAX;

std::string shown(std::string_view id) { return base::printable(base::shorten(id, 64)); }

/// C0, DEL and C1: what a terminal or a log would act upon.
bool has_control_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool c1 = c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c < 0x20 || c == 0x7F || c1) {
      return true;
    }
  }
  return false;
}

void check_id(const PlanNode& node, Problems& problems) {
  const auto refuse = [&](std::string message) { problems.error("workflow.bad_id", std::move(message), node.mark); };
  if (node.id.empty()) {
    refuse("a node's id must not be empty");
  } else if (node.id.size() > kMaxIdBytes) {
    refuse(
        fmt::format("the id '{}' has {} bytes; at most {} are allowed", shown(node.id), node.id.size(), kMaxIdBytes));
  } else if (!base::is_utf8(node.id)) {
    refuse(fmt::format("the id '{}' is not UTF-8", shown(node.id)));
  } else if (has_control_characters(node.id)) {
    refuse(fmt::format("the id '{}' has control characters; leave them out", shown(node.id)));
  } else if (node.id == kRequestId) {
    refuse(fmt::format("the id '{}' is taken: the metadata of the run has that name; choose another", kRequestId));
  }
}

/// Knows all ids, and which known one an unknown one may have been meant to be.
class Names {
 public:
  Names(std::span<const PlanNode> nodes, Problems& problems) : nodes_(nodes) {
    by_id_.reserve(nodes.size());
    for (NodeIndex i = 0; i < nodes.size(); ++i) {
      check_id(nodes[i], problems);
      const auto [first, is_new] = by_id_.try_emplace(nodes[i].id, i);
      if (!is_new) {
        const int line = nodes[first->second].mark.line;
        problems.error("workflow.duplicate_id",
                       fmt::format("duplicate id '{}'{}; ids must be unique", shown(nodes[i].id),
                                   line > 0 ? fmt::format(": line {} has it already", line) : ""),
                       nodes[i].mark);
      }
    }
  }

  [[nodiscard]] NodeIndex find(std::string_view id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? kNone : found->second;
  }

  /// Comparing with every id takes time: only the first few unknown ones get a suggestion, and only in small plans.
  [[nodiscard]] std::string suggestion(std::string_view unknown) {
    if (nodes_.size() > kMostCandidates || suggestions_++ >= kMostSuggestions) {
      return {};
    }
    if (candidates_.empty()) {
      for (const PlanNode& node : nodes_) {
        candidates_.push_back(node.id);
      }
    }
    const auto best = base::closest(unknown, candidates_);
    return best ? fmt::format(" (did you mean '{}'?)", shown(*best)) : std::string();
  }

 private:
  std::span<const PlanNode> nodes_;
  std::unordered_map<std::string_view, NodeIndex> by_id_;
  std::vector<std::string_view> candidates_;
  std::size_t suggestions_ = 0;
};

/// `a -> b -> a`. `cycle` has each node once.
std::string describe_cycle(std::span<const PlanNode> nodes, std::span<const NodeIndex> cycle) {
  std::string out = "Cyclic dependency detected: ";
  for (std::size_t i = 0; i < std::min(cycle.size(), kShownCycle); ++i) {
    out += shown(nodes[cycle[i]].id) + " -> ";
  }
  if (cycle.size() > kShownCycle) {
    out += fmt::format("... ({} more) -> ", cycle.size() - kShownCycle);
  }
  return out + shown(nodes[cycle.front()].id);
}

/// Every node that was not sorted waits for another one that was not sorted: following the first such dependency from
/// node to node must come back to a node already passed, and that is a cycle. Each node is passed once.
void report_cycles(std::span<const PlanNode> nodes, const Edges& edges, std::span<const std::uint32_t> waiting,
                   Problems& problems) {
  std::vector<NodeIndex> passed_in_walk(nodes.size(), kNone);  // the node a walk began at
  std::vector<NodeIndex> walk;
  for (NodeIndex begin = 0; begin < nodes.size(); ++begin) {
    if (waiting[begin] == 0 || passed_in_walk[begin] != kNone) {
      continue;
    }
    walk.clear();
    NodeIndex at = begin;
    while (passed_in_walk[at] == kNone) {
      passed_in_walk[at] = begin;
      walk.push_back(at);
      const auto dependencies = edges.of(at);
      at = *std::ranges::find_if(dependencies, [&](NodeIndex d) { return waiting[d] > 0; });
    }
    if (passed_in_walk[at] == begin) {  // otherwise it ran into an older walk, whose cycle is reported
      const auto first = std::ranges::find(walk, at);
      std::rotate(first, std::min_element(first, walk.end()), walk.end());
      const std::span<const NodeIndex> cycle(first, walk.end());
      problems.error("workflow.cycle", describe_cycle(nodes, cycle), nodes[cycle.front()].mark);
    }
  }
}

bool depends_directly(const Edges& edges, NodeIndex node, NodeIndex on) {
  return std::ranges::find(edges.of(node), on) != edges.of(node).end();
}

std::optional<NodeIndex> common_dependency(const Edges& edges, NodeIndex a, NodeIndex b) {
  for (const NodeIndex d : edges.of(a)) {
    if (depends_directly(edges, b, d)) {
      return d;
    }
  }
  return std::nullopt;
}

}  // namespace

Edges resolve_references(std::span<const PlanNode> nodes, Problems& problems) {
  Names names(nodes, problems);
  Edges edges;
  edges.begin.reserve(nodes.size() + 1);
  std::vector<NodeIndex> listed_by(nodes.size(), kNone);  // the last node that listed this one
  for (NodeIndex i = 0; i < nodes.size(); ++i) {
    for (const Dependency& dependency : nodes[i].depends_on) {
      const NodeIndex found = names.find(dependency.id);
      if (found == kNone) {
        problems.error("workflow.unknown_dependency",
                       fmt::format("node '{}' depends on '{}', which does not exist{}", shown(nodes[i].id),
                                   shown(dependency.id), names.suggestion(dependency.id)),
                       dependency.mark);
      } else if (found == i) {
        problems.error("workflow.self_dependency", fmt::format("node '{}' depends on itself", shown(nodes[i].id)),
                       dependency.mark);
      } else if (listed_by[found] == i) {
        problems.warning("workflow.duplicate_dependency",
                         fmt::format("node '{}' lists '{}' more than once; once is enough", shown(nodes[i].id),
                                     shown(dependency.id)),
                         dependency.mark);
      } else {
        listed_by[found] = i;
        edges.dependencies.push_back(found);
      }
    }
    edges.begin.push_back(edges.dependencies.size());
  }
  return edges;
}

std::vector<NodeIndex> sort_topologically(std::span<const PlanNode> nodes, const Edges& edges, Problems& problems) {
  // For each node, what waits for it: found by counting, as a flat list.
  std::vector<std::size_t> begin(nodes.size() + 1, 0);
  for (const NodeIndex d : edges.dependencies) {
    ++begin[d + 1];
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    begin[i + 1] += begin[i];
  }
  std::vector<NodeIndex> dependents(edges.dependencies.size());
  std::vector<std::uint32_t> waiting(nodes.size());
  std::vector<NodeIndex> sorted;
  sorted.reserve(nodes.size());
  std::vector<std::size_t> next(begin.begin(), begin.end());
  for (NodeIndex i = 0; i < nodes.size(); ++i) {
    waiting[i] = static_cast<std::uint32_t>(edges.of(i).size());
    for (const NodeIndex d : edges.of(i)) {
      dependents[next[d]++] = i;
    }
    if (waiting[i] == 0) {
      sorted.push_back(i);
    }
  }
  for (std::size_t done = 0; done < sorted.size(); ++done) {
    const NodeIndex node = sorted[done];
    for (std::size_t i = begin[node]; i < begin[node + 1]; ++i) {
      if (--waiting[dependents[i]] == 0) {
        sorted.push_back(dependents[i]);
      }
    }
  }
  if (sorted.size() < nodes.size()) {
    report_cycles(nodes, edges, waiting, problems);
  }
  return sorted;
}

void warn_of_diamonds(std::span<const PlanNode> nodes, const Edges& edges, std::span<const NodeIndex> sorted,
                      Problems& problems) {
  // The root of a node is where all its paths come from: the node itself when it has no dependencies or joins paths of
  // different roots. Two dependencies with the same root, other than themselves, make a diamond. This finds diamonds of
  // any depth in linear time, and misses some whose arms also have another origin: it is a warning, not a check.
  std::vector<NodeIndex> root(nodes.size());
  std::vector<NodeIndex> arm(nodes.size());            // per root: the dependency it was first seen at ...
  std::vector<NodeIndex> joined(nodes.size(), kNone);  // ... by this node
  std::size_t found = 0;
  for (const NodeIndex node : sorted) {
    const auto dependencies = edges.of(node);
    root[node] = dependencies.empty() ? node : root[dependencies.front()];
    bool warned = false;
    for (const NodeIndex d : dependencies) {
      const NodeIndex from = root[d];
      if (from != root[node]) {
        root[node] = node;
      }
      if (from == d || warned || found >= Problems::kMax) {
        continue;
      }
      if (joined[from] != node) {
        joined[from] = node;
        arm[from] = d;
      } else if (!depends_directly(edges, d, arm[from]) && !depends_directly(edges, arm[from], d)) {
        const auto direct = common_dependency(edges, arm[from], d);
        problems.warning("workflow.diamond",
                         fmt::format("node '{}' joins '{}' and '{}', which both {} '{}'", shown(nodes[node].id),
                                     shown(nodes[arm[from]].id), shown(nodes[d].id), direct ? "depend on" : "come from",
                                     shown(nodes[direct.value_or(from)].id)),
                         nodes[node].mark);
        warned = true;
        ++found;
      }
    }
  }
}

void check_graph(std::span<const PlanNode> nodes, Problems& problems) {
  Problems found{std::string_view()};
  const Edges edges = resolve_references(nodes, found);
  if (!found.has_errors()) {
    sort_topologically(nodes, edges, found);
  }
  for (const Diagnostic& d : found.errors()) {
    problems.add(d);
  }
}

}  // namespace caisson::workflow
