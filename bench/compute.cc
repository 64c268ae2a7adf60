// Compute-heavy guest code beside the same C source compiled natively: what sandboxing costs a guest that only
// computes.
//
// The guest runs as every guest does, with fuel and epoch checks compiled in and a fresh instance for each call; the
// native side is a plain function call. Rounds alternate; the ratio is that of the medians. Both must give the same
// checksum.

#include "base/environment.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/testing/guest_modules.h"
#include "sandbox/executor.h"

#include <compute/compute.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

double milliseconds(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

struct Workload {
  const char* name;
  std::int32_t size;
  std::int64_t (*native)(std::int32_t);
};

}  // namespace

int main(int argc, char** argv) {
  using namespace caisson;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 11;
  const auto environment = base::make_environment();
  const auto engine = engine::Engine::create({.environment = environment.get()}).value();
  base::ThreadPool pool({.threads = 1, .stack_bytes = engine::thread_stack_for(1 << 20)});
  const sandbox::InlineExecutor executor({environment.get(), &pool, nullptr});
  const auto module = engine->compile(engine::guest_module("compute")).value();
  sandbox::Limits limits;
  limits.fuel.reset();

  const Workload workloads[] = {
      {"mandelbrot", 400, compute_mandelbrot}, {"sha256", 4'000, compute_sha256}, {"json", 40'000, compute_json}};
  fmt::print("{:12} {:>10} {:>10} {:>7}   (medians of {} rounds, ms)\n", "workload", "native", "sandbox", "ratio",
             rounds);
  for (const Workload& workload : workloads) {
    const auto guest = sandbox::bind_guest(module, workload.name).value();
    const Payload input(fmt::format("[{}]", workload.size));
    std::vector<double> native;
    std::vector<double> sandboxed;
    for (int i = 0; i < rounds; ++i) {
      auto begin = Clock::now();
      const std::int64_t expected = workload.native(workload.size);
      native.push_back(milliseconds(begin));
      begin = Clock::now();
      const sandbox::Outcome outcome = executor.call(guest, input, {limits, {}}, {});
      sandboxed.push_back(milliseconds(begin));
      if (outcome.error || outcome.output.bytes() != std::to_string(expected)) {
        fmt::print(stderr, "compute: {}: {}\n", workload.name,
                   outcome.error ? outcome.error->message : std::string("another result"));
        return 1;
      }
    }
    fmt::print("{:12} {:10.2f} {:10.2f} {:7.2f}\n", workload.name, median(native), median(sandboxed),
               median(sandboxed) / median(native));
  }
  return 0;
}
