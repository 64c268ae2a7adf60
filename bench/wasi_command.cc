// What a WASI program costs in a sandbox, beside the bare C API with Wasmtime's own WASI running the same program:
// prints on both streams, reads a variable and the clock, fresh sandbox for every call. Ours counts, charges and bounds
// each call.
//
// Rounds alternate; the other side is a program of its own (wasi_reference.cc) beside this one. tools/run_benches
// builds it.

#include "base/environment.h"
#include "base/thread_pool.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "sandbox/executor.h"
#include "sandbox/host_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace caisson;

constexpr int kRounds = 15;
constexpr int kCalls = 300;
constexpr std::string_view kModule = CAISSON_SOURCE_DIR "/guests/samples/built/wasi_hello.wasm";

[[noreturn]] void fail(std::string_view what) {
  fmt::print(stderr, "wasi_command: {}\n", what);
  std::exit(1);
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

/// Microseconds a call, as the other program prints them.
double reference(const std::filesystem::path& program) {
  const std::string command = fmt::format("'{}' '{}' {}", program.native(), kModule, kCalls);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(::popen(command.c_str(), "r"), &::pclose);
  double time = 0;
  if (out == nullptr || std::fscanf(out.get(), "%lf", &time) != 1) {
    fail("the reference did not run");
  }
  return time;
}

}  // namespace

int main(int /*argc*/, char** argv) {
  const std::filesystem::path program = std::filesystem::path(argv[0]).parent_path() / "wasi_reference";
  if (!std::filesystem::exists(program)) {
    fmt::print("left out: there is no {} (tools/run_benches wasi_command builds it, which takes minutes once)\n",
               program.native());
    return 0;
  }
  const auto environment = base::make_environment();
  const auto engine =
      engine::Engine::create({.host_functions = sandbox::host_functions(), .environment = environment.get()}).value();
  base::ThreadPool pool({.threads = 1, .stack_bytes = engine::thread_stack_for(engine->profile().stack_bytes)});
  const sandbox::InlineExecutor executor({.environment = environment.get(), .pool = &pool});
  std::ifstream file(std::string(kModule), std::ios::binary);
  const std::string wasm((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto guest = sandbox::bind_guest(engine->compile(wasm).value()).value();
  const sandbox::Policy policy{.grants = {.env = {{"PATH", "/usr/bin"}}, .clock = sandbox::ClockMode::kReal}};
  const auto run = [&](int calls) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) {
      const auto outcome = executor.call(guest, Payload(), policy, std::stop_token(), {.node = "node"});
      if (outcome.status != sandbox::OutcomeStatus::kOk) {
        fail(outcome.error->message);
      }
    }
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() / calls;
  };
  run(50);
  std::vector<double> ours;
  std::vector<double> theirs;
  for (int i = 0; i < kRounds; ++i) {
    theirs.push_back(reference(program));
    ours.push_back(run(kCalls));
  }
  fmt::print("a WASI program, µs a call (medians of {} rounds of {})\n", kRounds, kCalls);
  fmt::print("bare C API, Wasmtime's WASI  {:9.2f}\n", median(theirs));
  fmt::print("sandbox, WASI of our own     {:9.2f} {:9.2f}\n", median(ours), median(ours) / median(theirs));
  return 0;
}
