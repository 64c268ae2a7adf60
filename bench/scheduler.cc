// What the scheduler itself costs for each node: plans of nodes that do nothing, run with every strategy and at several
// concurrencies, beside a loop that calls the same runners in plan order without a scheduler. Prints the median of the
// runs.
//
// usage: bench_scheduler [nodes]

#include "workflow/scheduler.h"
#include "base/environment.h"
#include "base/thread_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace caisson;
using namespace caisson::workflow;

constexpr std::size_t kRepetitions = 9;

class Nothing final : public NodeRunner {
 public:
  NodeOutcome run(const NodeInput& input, const std::stop_token& /*stop*/) const override {
    return {.payload = input.payload};
  }
};

enum class Shape { kWide, kChain, kLayers };

/// kLayers: 100 nodes in a layer, each waiting for three of the layer before.
Plan plan_of(Shape shape, std::size_t count) {
  std::vector<std::string> ids;
  std::vector<std::vector<Dependency>> dependencies(count);
  for (std::size_t i = 0; i < count; ++i) {
    ids.push_back(fmt::format("n{}", i));
    if (shape == Shape::kChain && i > 0) {
      dependencies[i] = {{ids[i - 1]}};
    } else if (shape == Shape::kLayers && i >= 100) {
      const std::size_t layer = i / 100 * 100 - 100;
      dependencies[i] = {{ids[layer + i % 100]}, {ids[layer + (i + 1) % 100]}, {ids[layer + (i + 7) % 100]}};
    }
  }
  std::vector<PlanNode> nodes;
  for (std::size_t i = 0; i < count; ++i) {
    nodes.push_back({ids[i], dependencies[i]});
  }
  return make_plan(nodes).value();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

template <typename F>
double microseconds_per_node(std::size_t count, F&& run_once) {
  std::vector<double> samples;
  for (std::size_t i = 0; i < kRepetitions; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    run_once();
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    samples.push_back(took.count() / static_cast<double>(count));
  }
  return median(std::move(samples));
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  const auto environment = base::make_environment();
  const Nothing nothing;
  const std::vector<const NodeRunner*> runners(count, &nothing);
  const Payload input("x");
  fmt::print("{} nodes that do nothing; median of {} runs; microseconds for each node\n", count, kRepetitions);
  fmt::print("{:8} {:12} {:>12} {:>10} {:>10}\n", "shape", "strategy", "concurrency", "us/node", "bare loop");
  for (const auto& [shape, name] :
       {std::pair(Shape::kWide, "wide"), {Shape::kChain, "chain"}, {Shape::kLayers, "layers"}}) {
    const Plan plan = plan_of(shape, count);
    const double bare = microseconds_per_node(count, [&] {
      std::vector<NodeOutcome> outcomes(count);
      for (const NodeIndex node : plan.order()) {
        outcomes[node] = runners[node]->run({input}, {});
      }
    });
    for (const Strategy strategy : {Strategy::kWorkQueue, Strategy::kLevel}) {
      for (const std::size_t concurrency : {1U, 2U, 8U}) {
        base::ThreadPool pool({.threads = concurrency});
        RunOptions options;
        options.strategy = strategy;
        options.max_concurrency = concurrency;
        options.input = input;
        bool good = true;
        const double cost = microseconds_per_node(count, [&] {
          good = good && run(plan, runners, options, pool, *environment).status == RunStatus::kSucceeded;
        });
        if (!good) {
          std::fputs("a run did not succeed\n", stderr);
          return 1;
        }
        fmt::print("{:8} {:12} {:>12} {:>10.3f} {:>10.3f}\n", name, to_string(strategy), concurrency, cost, bare);
      }
    }
  }
  return 0;
}
