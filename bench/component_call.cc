// What a call of a component costs beside the same call of a module: both give their input back in place, have 40 pages
// of memory and go through InlineExecutor, with a fresh store and instance for every call and all limits on. The third
// column is a component of Rust with its standard library and WASI 0.2 linked.
//
// Rounds of all alternate, so that what else the machine does hits all; the ratio is that of the medians.

#include "base/environment.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/testing/guest_modules.h"
#include "sandbox/executor.h"
#include "sandbox/host_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using namespace caisson;

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

struct Bench {
  const base::Environment& environment;
  sandbox::InlineExecutor executor;
  sandbox::Policy policy;

  double microseconds_each(const sandbox::Guest& guest, const Payload& input, int calls) const {
    const auto begin = Clock::now();
    for (int i = 0; i < calls; ++i) {
      const sandbox::Outcome outcome = executor.call(guest, input, policy, std::stop_token());
      if (outcome.status != sandbox::OutcomeStatus::kOk || outcome.output.size() != input.size()) {
        fmt::print(stderr, "component_call: {}\n", outcome.error ? outcome.error->message : "another output");
        std::exit(1);
      }
    }
    return std::chrono::duration<double, std::micro>(Clock::now() - begin).count() / calls;
  }
};

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 41;
  const auto environment = base::make_environment();
  const auto engine =
      engine::Engine::create({.host_functions = sandbox::host_functions(), .environment = environment.get()}).value();
  base::ThreadPool pool({.threads = 1, .stack_bytes = engine::thread_stack_for(1 << 20)});
  Bench bench{*environment, sandbox::InlineExecutor({.environment = environment.get(), .pool = &pool}), {}};
  sandbox::Grants& grants = bench.policy.grants;
  grants.wasi = true;
  grants.clock = sandbox::ClockMode::kReal;
  grants.random = sandbox::RandomMode::kReal;
  grants.imports = {"kv"};
  const auto bind = [&](const char* name) {
    return sandbox::bind_guest(engine->compile(engine::guest_module(name)).value()).value();
  };
  struct Column {
    sandbox::Guest guest;
    std::vector<double> times{};
  };
  std::array columns = {Column{bind("wat/abi_echo")}, Column{bind("wat/component_echo")}, Column{bind("node_probe")}};

  fmt::print("{:>10} {:>9} {:>10} {:>7} {:>11}   (medians of {} rounds, µs a call)\n", "bytes", "module", "component",
             "ratio", "with std", rounds);
  double at_64k = 0;
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1} << 10, std::size_t{64} << 10, std::size_t{1} << 20}) {
    const Payload input(std::string(bytes, 'x'));
    const int calls = bytes >= (1 << 20) ? 20 : bytes >= (64 << 10) ? 200 : 500;
    for (Column& column : columns) {
      column.times.clear();
      (void)bench.microseconds_each(column.guest, input, calls);
    }
    for (int i = 0; i < rounds; ++i) {
      for (Column& column : columns) {
        column.times.push_back(bench.microseconds_each(column.guest, input, calls));
      }
    }
    const double ratio = median(columns[1].times) / median(columns[0].times);
    at_64k = bytes == (64 << 10) ? ratio : at_64k;
    fmt::print("{:>10} {:9.2f} {:10.2f} {:7.2f} {:11.2f}\n", bytes, median(columns[0].times), median(columns[1].times),
               ratio, median(columns[2].times));
  }
  fmt::print("ratio at 64 KiB {:.2f}; the goal is at most 1.2\n", at_64k);
  return 0;
}
