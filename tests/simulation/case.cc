#include "case.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace caisson::simulation {

namespace {

using namespace std::chrono_literals;
using workflow::FailureStrategy;

/// What this scenario has at all, so that most are about few things.
struct Flavour {
  bool failures = false;
  bool retries = false;
  bool timeouts = false;
  bool conditions = false;
  bool choices = false;
  bool groups = false;
  bool priorities = false;
  bool tolerated = false;
  bool nested = false;
  bool ties = false;  // much happens at the same time
};

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  Scenario scenario() {
    flavour_ = {.failures = once_in(2),
                .retries = once_in(2),
                .timeouts = once_in(3),
                .conditions = once_in(3),
                .choices = once_in(3),
                .groups = once_in(2),
                .priorities = once_in(3),
                .tolerated = once_in(3),
                .nested = once_in(3),
                .ties = once_in(3)};
    Scenario out;
    out.threads = 1 + below(6);
    if (flavour_.groups) {
      out.groups.resize(1 + below(3));
      std::ranges::generate(out.groups, [this] { return workflow::NodeGroup{1 + below(4)}; });
      groups_ = out.groups.size();
    }
    const std::size_t sizes[] = {4, 12, 30, 60};
    out.graph = graph(1 + below(sizes[below(4)]), 0);
    out.hints = {.prefer_deterministic_ordering = once_in(8),
                 .optimize_for_memory = once_in(4),
                 .enable_critical_path_optimization = once_in(8)};
    if (once_in(6)) {
      out.cancelled_after = time();
    }
    if (once_in(8)) {
      out.timeout = time() + 1ns;
    }
    if (once_in(12)) {
      out.max_steps = 1 + below(out.graph->nodes.size() + 1);
    }
    return out;
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }
  bool once_in(std::size_t times) { return below(times) == 0; }
  std::chrono::nanoseconds time() {
    return once_in(4) ? 0ns : std::chrono::milliseconds(flavour_.ties ? below(4) * 10 : below(40));
  }

  std::shared_ptr<const Case> graph(std::size_t count, std::size_t depth) {
    auto out = std::make_shared<Case>();
    out->max_concurrency = 1 + below(8);
    const FailureStrategy failure[] = {FailureStrategy::kFailFast, FailureStrategy::kContinueOnError,
                                       FailureStrategy::kBestEffort};
    out->failure_strategy = failure[below(3)];
    out->nodes.resize(count);
    std::vector<std::size_t> place(count);  // the order of the definition is not that of the dependencies
    std::iota(place.begin(), place.end(), 0U);
    std::ranges::shuffle(place, random_);
    const std::size_t density = 1 + below(12);
    for (std::size_t i = 0; i < count; ++i) {
      Node& node = out->nodes[place[i]];
      node.plan.id = fmt::format("n{}", below(1000) * 100 + i);
      node.plan.intent = once_in(3) ? workflow::Intent::kAnalyze : workflow::Intent::kTransform;
      for (std::size_t d = 0; d < i; ++d) {
        if (below(density + i - d) == 0) {
          node.plan.depends_on.push_back(out->nodes[place[d]].plan.id);
          if (once_in(16)) {
            node.plan.depends_on.push_back(out->nodes[place[d]].plan.id);  // written twice
          }
        }
      }
      fill(node, depth);
    }
    std::vector<workflow::TestNode> nodes;
    std::ranges::transform(out->nodes, std::back_inserter(nodes), &Node::plan);
    out->plan = workflow::plan_of(nodes);
    if (flavour_.choices) {
      choose(*out);
    }
    return out;
  }

  void fill(Node& node, std::size_t depth) {
    node.wants_inputs = once_in(2);
    node.obeys = !once_in(4);
    if (flavour_.nested && depth < 3 && once_in(8)) {
      node.nested = graph(1 + below(8), depth + 1);
    }
    if (flavour_.retries && once_in(2)) {
      node.rules.retry = {.attempts = static_cast<std::uint32_t>(1 + below(4)),
                          .backoff = static_cast<workflow::Backoff>(below(3)),
                          .delay = time(),
                          .longest = 50ms,
                          .jitter = once_in(2) ? 0.0 : 0.5,
                          .on = once_in(2) ? std::vector<std::string>{} : std::vector<std::string>{"unavailable"}};
    }
    if (flavour_.timeouts && !node.nested && once_in(3)) {
      node.rules.timeout = 1ms + time();
    }
    if (flavour_.conditions && once_in(4)) {
      node.condition = once_in(8) ? Condition::kError : once_in(2) ? Condition::kFails : Condition::kHolds;
    }
    if (flavour_.groups && !node.nested && !once_in(4)) {
      for (std::uint32_t group = 0; group < groups_; ++group) {
        if (once_in(2)) {
          node.rules.groups.push_back(group);
        }
      }
    }
    if (flavour_.priorities && once_in(3)) {
      node.rules.priority = static_cast<std::int8_t>(static_cast<int>(below(256)) - 128);
    }
    node.rules.failure_counts = !(flavour_.tolerated && once_in(3));
    node.attempts.resize(1 + below(4));
    for (Attempt& attempt : node.attempts) {
      attempt.duration = time();
      if (flavour_.failures && once_in(5)) {
        attempt.act = once_in(2) ? Act::kFail : static_cast<Act>(1 + below(8));
        if (attempt.act == Act::kGiveUp && node.rules.timeout.count() > 0) {
          attempt.act = Act::kFault;  // whether that was the timeout's doing is a matter of timing
        }
      }
    }
  }

  void choose(Case& graph) {
    for (workflow::NodeIndex i = 0; i < graph.nodes.size(); ++i) {
      if (graph.nodes[i].nested || !once_in(4)) {
        continue;
      }
      for (const workflow::NodeIndex dependent : graph.plan.dependents(i)) {
        if (once_in(2)) {
          graph.nodes[i].not_taken.emplace_back(graph.plan.id(dependent));
        }
      }
    }
  }

  std::mt19937_64 random_;
  Flavour flavour_;
  std::size_t groups_ = 0;
};

}  // namespace

Scenario random_scenario(std::uint64_t seed) { return Maker(seed).scenario(); }

}  // namespace caisson::simulation
