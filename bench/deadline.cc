// How long guests run past their deadline: by how much the wall time of a call, host and teardown included, is longer
// than its limit of 100 ms. As many at once as the machine has processors, and no more.
//
//   spin    a loop of one branch: code that looks at the epoch all the time
//   fill    a loop that fills 32 MiB with one instruction: nothing is looked at before it is done
//   sleep   one poll_oneoff of an hour
//
//   bench_deadline [CALLS]     1000 of each; ends with 1 when any call ended before its deadline

#include "base/environment.h"
#include "base/thread_pool.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/testing/guest_modules.h"
#include "sandbox/executor.h"
#include "sandbox/host_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace caisson;
using namespace std::chrono_literals;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr auto kLimit = 100ms;

struct Case {
  const char* label;
  const char* module;
  const char* input;
  double goal;  // ms, of the 99th percentile
};

}  // namespace

int main(int argc, char** argv) {
  const int calls = argc > 1 ? std::atoi(argv[1]) : 1000;
  const unsigned at_once = std::max(1U, std::thread::hardware_concurrency());
  const auto environment = base::make_environment();
  const engine::Profile profile = engine::strict_profile();
  const auto made = engine::Engine::create(
      {.profile = profile, .host_functions = sandbox::host_functions(), .environment = environment.get()});
  base::ThreadPool pool({.threads = at_once, .stack_bytes = engine::thread_stack_for(profile.stack_bytes)});
  const sandbox::InlineExecutor executor({environment.get(), &pool, nullptr});
  sandbox::Policy policy;
  policy.limits.fuel.reset();
  policy.limits.timeout = kLimit;
  policy.grants.clock = sandbox::ClockMode::kReal;
  policy.grants.random = sandbox::RandomMode::kReal;  // what the component imports
  policy.grants.imports = {"kv"};

  const Case cases[] = {
      {"spin", "dynamic", "spin", 50},
      {"fill 32 MiB", "dynamic", "fill 33554432 0", 300},
      {"sleep", "probe", "u32 @16 1\nu64 @24 3600000000000\ncall poll_oneoff @0 @100 1 @200", 50},
      {"component", "node_probe", "!loop", 50},
      {"its sleep", "node_probe", "!sleep 3600000000000", 50},
  };
  fmt::print("past a limit of 100 ms, in ms; {} calls of each, {} at once\n", calls, at_once);
  fmt::print("{:12} {:>8} {:>8} {:>8} {:>8} {:>7}  {}\n", "guest", "early", "p50", "p99", "max", "goal", "of p99");
  bool early = false;
  for (const Case& c : cases) {
    const auto guest = sandbox::bind_guest(made.value()->compile(engine::guest_module(c.module)).value()).value();
    std::vector<double> past(static_cast<std::size_t>(std::max(calls, 1)));
    std::atomic<std::size_t> next = 0;
    {
      std::vector<std::jthread> threads;
      for (unsigned thread = 0; thread < at_once; ++thread) {
        threads.emplace_back([&] {
          for (std::size_t i = next++; i < past.size(); i = next++) {
            const sandbox::Outcome outcome = executor.call(guest, Payload(std::string(c.input)), policy, {});
            if (!outcome.error || outcome.error->reason != "sandbox.deadline") {
              fmt::print(stderr, "deadline: {} ended otherwise: {}\n", c.label,
                         outcome.error ? outcome.error->message : "ok");
              std::exit(1);
            }
            past[i] = Milliseconds(outcome.usage.wall - kLimit).count();
          }
        });
      }
    }
    std::ranges::sort(past);
    const auto percentile = [&](std::size_t percent) { return past[(past.size() - 1) * percent / 100]; };
    const auto before = std::ranges::count_if(past, [](double value) { return value < 0; });
    early = early || before > 0;
    fmt::print("{:12} {:8} {:8.2f} {:8.2f} {:8.2f} {:7.0f}  {}\n", c.label, before, percentile(50), percentile(99),
               past.back(), c.goal, percentile(99) <= c.goal ? "met" : "missed");
  }
  return early ? 1 : 0;
}
