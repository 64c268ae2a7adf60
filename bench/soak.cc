// A million calls on one warm module, as a long-lived server makes them: what the process holds must not grow.
//
//   bench_soak [CALLS]

#include "base/environment.h"
#include "base/thread_pool.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/testing/guest_modules.h"
#include "sandbox/executor.h"
#include "sandbox/host_functions.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

using namespace caisson;

constexpr double kMiB = 1 << 20;

std::int64_t resident_bytes() {
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * ::sysconf(_SC_PAGESIZE);
}

std::int64_t descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t calls = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
  const auto environment = base::make_environment();
  const auto engine =
      engine::Engine::create({.host_functions = sandbox::host_functions(), .environment = environment.get()}).value();
  base::ThreadPool pool({.threads = 1, .stack_bytes = engine::thread_stack_for(engine->profile().stack_bytes)});
  sandbox::CallRegistry registry;
  const sandbox::InlineExecutor executor({.environment = environment.get(), .pool = &pool, .calls = &registry});
  const auto bind = [&](std::string_view name) {
    return sandbox::bind_guest(engine->compile(engine::guest_module(name)).value()).value();
  };
  const auto bytes = bind("appender_c");
  const auto dynamic = bind("dynamic");
  const auto probe = bind("probe");
  const sandbox::Policy nothing;
  const sandbox::Policy wasi{.limits = {.fuel = 10'000'000},
                             .grants = {.clock = sandbox::ClockMode::kReal, .random = sandbox::RandomMode::kReal}};
  // Of a hundred calls one traps, one reaches a limit and five use WASI.
  const auto run = [&](std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      const auto call = [&](const sandbox::Guest& guest, std::string_view input, const sandbox::Policy& policy) {
        (void)executor.call(guest, Payload(std::string(input)), policy, std::stop_token());
      };
      switch (i % 100) {
        case 10:
          call(dynamic, "trap oob", nothing);
          break;
        case 20:
          call(dynamic, "grow_until_refused", nothing);
          break;
        case 30:
        case 45:
        case 60:
        case 75:
        case 90:
          call(probe, "call random_get @0 16\ncall clock_time_get 0 0 @0\ncall path_open 3 0 @0 1 0 0 0 0 @8", wasi);
          break;
        default:
          call(bytes, "hello world", nothing);
      }
    }
  };
  run(calls / 20);  // pools and caches fill up
  const std::int64_t resident = resident_bytes();
  const std::int64_t files = descriptors();
  const auto begin = std::chrono::steady_clock::now();
  run(calls);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  const double growth = static_cast<double>(resident_bytes() - resident) / kMiB;
  fmt::print("{} calls in {:.1f} s: resident growth {:.2f} MiB (goal: below 1), descriptors {:+}\n", calls,
             time.count(), growth, descriptors() - files);
  return growth < 1 && descriptors() == files ? 0 : 1;
}
