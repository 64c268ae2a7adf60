// What the scheduler itself costs for each node: graphs of nodes that do nothing, run with every strategy beside
// oneTBB's flow graph on the same graphs, and one graph of nodes that take time, on which hybrid has to be faster than
// the strategies that it is made of. Medians of interleaved runs.
//
// usage: bench_scheduler [threads [graph]]     one for each CPU, and all of them, if absent

#include "workflow/scheduler.h"
#include "base/environment.h"
#include "base/thread_pool.h"

#ifdef CAISSON_BENCH_TBB
#include <tbb/flow_graph.h>
#include <tbb/global_control.h>
#endif

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace caisson;
using namespace caisson::workflow;
using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

constexpr std::array kStrategies{Strategy::kWorkQueue, Strategy::kLevel, Strategy::kReactive, Strategy::kHybrid};
constexpr std::size_t kRepetitions = 11;
constexpr std::size_t kLargest = 100'000;
constexpr double kMostMicroseconds = 1;  // for each node of the largest graphs
constexpr double kMostTimesTbb = 2;
constexpr double kHybridGain = 1.1;

class Nothing final : public NodeRunner {
 public:
  NodeOutcome run(const NodeInput& input, const std::stop_token& /*stop*/) const override {
    return {.payload = input.payload};
  }
};

/// Keeps a processor busy.
class Work final : public NodeRunner {
 public:
  explicit Work(std::chrono::microseconds time) : time_(time) {}
  NodeOutcome run(const NodeInput& input, const std::stop_token& /*stop*/) const override {
    for (const auto end = Clock::now() + time_; Clock::now() < end;) {
    }
    return {.payload = input.payload};
  }

 private:
  std::chrono::microseconds time_;
};

/// Nodes that are named by their numbers; each waits for smaller ones.
class Graph {
 public:
  std::size_t add(const std::vector<std::size_t>& depends_on = {}) {
    std::vector<Dependency> dependencies;
    for (const std::size_t d : depends_on) {
      dependencies.push_back({fmt::format("n{}", d)});
    }
    dependencies_.push_back(std::move(dependencies));
    return dependencies_.size() - 1;
  }
  [[nodiscard]] std::size_t size() const noexcept { return dependencies_.size(); }
  [[nodiscard]] Plan plan() const {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < size(); ++i) {
      ids.push_back(fmt::format("n{}", i));
    }
    std::vector<PlanNode> nodes;
    for (std::size_t i = 0; i < size(); ++i) {
      nodes.push_back({ids[i], dependencies_[i]});
    }
    return make_plan(nodes).value();
  }

 private:
  std::vector<std::vector<Dependency>> dependencies_;
};

Graph chain(std::size_t count) {
  Graph out;
  out.add();
  while (out.size() < count) {
    out.add({out.size() - 1});
  }
  return out;
}

/// One node, eight that depend on it, one that depends on these, and so on.
Graph diamonds(std::size_t count) {
  Graph out;
  std::size_t top = out.add();
  while (out.size() + 9 <= count) {
    std::vector<std::size_t> sides(8);
    std::ranges::generate(sides, [&] { return out.add({top}); });
    top = out.add(sides);
  }
  return out;
}

/// Each node has two dependents.
Graph tree(std::size_t count) {
  Graph out;
  out.add();
  while (out.size() < count) {
    out.add({(out.size() - 1) / 2});
  }
  return out;
}

/// Each node depends on up to three of the hundred before it.
Graph random_graph(std::size_t count) {
  Graph out;
  std::minstd_rand random(1);
  while (out.size() < count) {
    std::vector<std::size_t> before;
    for (std::size_t d = random() % 4; d > 0 && out.size() > 0; --d) {
      before.push_back(out.size() - 1 - random() % std::min<std::size_t>(100, out.size()));
    }
    std::ranges::sort(before);
    before.erase(std::ranges::unique(before).begin(), before.end());
    out.add(before);
  }
  return out;
}

/// Runs the strategies on a graph.
class Contest {
 public:
  Contest(Plan plan, std::vector<const NodeRunner*> runners, std::size_t threads)
      : plan_(std::move(plan)), runners_(std::move(runners)), threads_(threads), pool_({.threads = threads}) {}

  double run_once(Strategy strategy) {
    RunOptions options;
    options.strategy = strategy;
    options.max_concurrency = threads_;
    options.input = Payload("x");
    const auto begin = Clock::now();
    const RunRecord record = run(plan_, runners_, options, pool_, *environment_);
    const double took = Microseconds(Clock::now() - begin).count();
    if (record.status != RunStatus::kSucceeded) {
      std::fputs("a run did not succeed\n", stderr);
      std::exit(1);
    }
    return took;
  }

  [[nodiscard]] const Plan& plan() const noexcept { return plan_; }
  [[nodiscard]] const std::vector<const NodeRunner*>& runners() const noexcept { return runners_; }

 private:
  Plan plan_;
  std::vector<const NodeRunner*> runners_;
  std::size_t threads_;
  base::ThreadPool pool_;
  std::unique_ptr<base::Environment> environment_ = base::make_environment();
};

#ifdef CAISSON_BENCH_TBB
constexpr bool kHasTbb = true;

/// The same graph for oneTBB, built once; a node calls the same runner and keeps what it gave.
class TbbGraph {
 public:
  TbbGraph(const Plan& plan, std::vector<const NodeRunner*> runners) : plan_(plan), runners_(std::move(runners)) {
    for (NodeIndex i = 0; i < plan.size(); ++i) {
      nodes_.push_back(std::make_unique<Node>(graph_, [this, i](tbb::flow::continue_msg) {
        const auto source = plan_.source(i);
        outcomes_[i] = runners_[i]->run({.payload = source ? *outcomes_[*source].payload : input_}, {});
      }));
    }
    for (NodeIndex i = 0; i < plan.size(); ++i) {
      for (const NodeIndex dependent : plan.dependents(i)) {
        tbb::flow::make_edge(*nodes_[i], *nodes_[dependent]);
      }
    }
  }

  double run_once() {
    const auto begin = Clock::now();
    outcomes_ = std::vector<NodeOutcome>(plan_.size());
    for (const NodeIndex node : plan_.nodes_of_rank(0)) {
      nodes_[node]->try_put({});
    }
    graph_.wait_for_all();
    return Microseconds(Clock::now() - begin).count();
  }

 private:
  using Node = tbb::flow::continue_node<tbb::flow::continue_msg>;
  const Plan& plan_;
  std::vector<const NodeRunner*> runners_;
  Payload input_{"x"};
  std::vector<NodeOutcome> outcomes_;
  tbb::flow::graph graph_;
  std::vector<std::unique_ptr<Node>> nodes_;
};
#else
constexpr bool kHasTbb = false;

class TbbGraph {
 public:
  TbbGraph(const Plan& /*plan*/, const std::vector<const NodeRunner*>& /*runners*/) {}
  double run_once() { return 0; }
};
#endif

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// The medians of all contenders, run in turns; the first turn does not count.
std::vector<double> medians(const std::vector<std::function<double()>>& contenders, std::size_t repetitions) {
  std::vector<std::vector<double>> samples(contenders.size());
  for (std::size_t repetition = 0; repetition <= repetitions; ++repetition) {
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      const double took = contenders[i]();
      if (repetition > 0) {
        samples[i].push_back(took);
      }
    }
  }
  std::vector<double> out;
  std::ranges::transform(samples, std::back_inserter(out), median);
  return out;
}

/// Whether every goal is reached.
bool overhead(std::string_view name, Graph (*make)(std::size_t), std::size_t threads) {
  bool good = true;
  for (std::size_t count = 100; count <= kLargest; count *= 10) {
    const Graph graph = make(count);
    const Nothing nothing;
    Contest contest(graph.plan(), std::vector<const NodeRunner*>(graph.size(), &nothing), threads);
    TbbGraph tbb(contest.plan(), contest.runners());
    std::vector<std::function<double()>> contenders{[&] { return tbb.run_once(); }};
    for (const Strategy strategy : kStrategies) {
      contenders.emplace_back([&contest, strategy] { return contest.run_once(strategy); });
    }
    const std::vector<double> took = medians(contenders, kRepetitions);
    std::string line = fmt::format("{:10} {:>7}", name, graph.size());
    line +=
        kHasTbb ? fmt::format(" {:>8.3f}", took[0] / static_cast<double>(graph.size())) : fmt::format(" {:>8}", "-");
    for (std::size_t i = 1; i < took.size(); ++i) {
      const double each = took[i] / static_cast<double>(graph.size());
      const double ratio = kHasTbb ? took[i] / took[0] : 0;
      const bool counts = count == kLargest;
      const bool reached = !counts || (each < kMostMicroseconds && ratio <= kMostTimesTbb);
      good = good && reached;
      line += fmt::format("   {:>6.3f} {:>5.2f}{}", each, ratio, reached ? " " : "!");
    }
    fmt::print("{}\n", line);
    std::fflush(stdout);
  }
  return good;
}

/// "fan and tails": one node fans out to many equal cheap ones, and when all are done, to a few that take time, the
/// last of which has a long tail. Reactive begins that tail last; work_queue keeps a heap of nodes whose order means
/// nothing.
bool fan_and_tails(std::size_t threads) {
  constexpr std::size_t kCheap = 100'000;
  constexpr std::size_t kSlow = 100;
  Graph graph;
  const Nothing nothing;
  const Work work(std::chrono::microseconds(100));
  const std::size_t top = graph.add();
  std::vector<std::size_t> cheap(kCheap);
  std::ranges::generate(cheap, [&] { return graph.add({top}); });
  const std::size_t middle = graph.add(cheap);
  std::vector<const NodeRunner*> runners(graph.size(), &nothing);
  for (std::size_t i = 0; i < kSlow; ++i) {
    graph.add({middle});
  }
  for (std::size_t i = 0, last = middle; i < kSlow; ++i) {
    last = graph.add({last});
  }
  runners.resize(graph.size(), &work);
  Contest contest(graph.plan(), runners, threads);
  const std::array contenders{Strategy::kHybrid, Strategy::kWorkQueue, Strategy::kReactive};
  std::vector<std::function<double()>> runs;
  for (const Strategy strategy : contenders) {
    runs.emplace_back([&contest, strategy] { return contest.run_once(strategy); });
  }
  const std::vector<double> took = medians(runs, kRepetitions);
  fmt::print("\nfan and tails, {} nodes, {} of which take 100 us\n", graph.size(), 2 * kSlow);
  bool good = true;
  for (std::size_t i = 0; i < took.size(); ++i) {
    const bool reached = i == 0 || threads == 1 || took[i] >= took[0] * kHybridGain;
    good = good && reached;
    fmt::print("  {:10} {:>7.1f} ms  {:>5.2f}{}\n", to_string(contenders[i]), took[i] / 1000, took[i] / took[0],
               reached ? "" : "!");
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view wanted = argc > 2 ? argv[2] : "";
  const std::size_t threads = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : std::thread::hardware_concurrency();
#ifdef CAISSON_BENCH_TBB
  const tbb::global_control control(tbb::global_control::max_allowed_parallelism, threads);
#endif
  fmt::print("nodes that do nothing, {} threads; microseconds a node (median of {}), and how many times oneTBB's\n",
             threads, kRepetitions);
  fmt::print("{:10} {:>7} {:>8}   {:>12}    {:>10}    {:>10}    {:>10}\n", "graph", "nodes", "oneTBB", "work_queue",
             "level", "reactive", "hybrid");
  const auto is_other = [wanted](std::string_view graph) { return !wanted.empty() && wanted != graph; };
  bool good = true;
  for (const auto& [name, make] :
       {std::pair("chain", &chain), {"diamonds", &diamonds}, {"tree", &tree}, {"random", &random_graph}}) {
    good = (is_other(name) || overhead(name, make, threads)) && good;
  }
  good = (is_other("fan") || fan_and_tails(threads)) && good;
  if (!good) {
    fmt::print("\n! goals: below {} us a node and {} times oneTBB at {} nodes; hybrid {} times as fast\n",
               kMostMicroseconds, kMostTimesTbb, kLargest, kHybridGain);
  }
  return good ? 0 : 1;
}
