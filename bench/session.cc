// What a call in a session costs beside a fresh call of the same code, and what a fork and a snapshot cost.

#include "sandbox/session.h"
#include "base/environment.h"
#include "engine/engine.h"
#include "language/images.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <semaphore>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using caisson::language::Language;

[[noreturn]] void fail(const char* what) {
  fmt::print(stderr, "session: {}\n", what);
  std::exit(1);
}

double median(std::vector<double> times) {
  std::ranges::sort(times);
  return times[times.size() / 2];
}

double timed(const std::function<void()>& work) {
  const auto begin = Clock::now();
  work();
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

struct Case {
  Language language;
  const char* define;
  const char* code;
};

void measure(const Case& c, caisson::language::Images& images, const caisson::sandbox::InlineExecutor& executor,
             const caisson::base::Environment& environment, int rounds) {
  using namespace caisson;
  language::Program program;
  program.language = c.language;
  program.code = c.code;
  auto guest = std::make_shared<const sandbox::Guest>(images.bind(program).value());
  const sandbox::Policy policy{.limits = {.memory_bytes = 32U << 20, .fuel = std::nullopt}};
  const Payload once(request_for(program, {}), Payload::kJson);
  language::Arguments arguments;
  arguments.session = true;
  const Payload kept(request_for(program, arguments), Payload::kJson);
  const auto session = sandbox::Session::open(
                           {.executor = &executor, .environment = &environment, .guest = guest, .policy = policy}, "a")
                           .value();
  if (session->call(c.define, kept, {}).error) {
    fail("what is defined fails");
  }
  std::array<std::vector<double>, 4> times;
  for (int i = 0; i < rounds; ++i) {
    times[0].push_back(timed([&] {
      if (executor.call(*guest, once, policy, {}).output.bytes() != "42") {
        fail("a wrong answer of a fresh call");
      }
    }));
    times[1].push_back(timed([&] {
      if (session->call(c.code, kept, {}).output.bytes() != "42") {
        fail("a wrong answer in the session");
      }
    }));
    times[2].push_back(timed([&] { session->fork("b").value().reset(); }));
    times[3].push_back(timed([&] {
      if (session->snapshot().value().empty()) {
        fail("a snapshot");
      }
    }));
  }
  const double fresh = median(times[0]);
  const double call = median(times[1]);
  fmt::print("{:12} {:>10.3f} {:>10.3f} {:>8.2f} {:>10.3f} {:>10.3f}\n", title(c.language), fresh, call, call / fresh,
             median(times[2]), median(times[3]));
}

}  // namespace

int main(int argc, char** argv) {
  using namespace caisson;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 500;
  const auto environment = base::make_environment();
  language::Images images({.environment = environment.get()});
  base::ThreadPool pool({.threads = 1, .stack_bytes = engine::thread_stack_for(engine::image_profile().stack_bytes)});
  const sandbox::InlineExecutor executor({environment.get(), &pool, nullptr});
  constexpr std::array kCases = {
      Case{Language::kLua, "x = 41", "40 + 2"},
      Case{Language::kJavaScript, "var x = 41", "40 + 2"},
      Case{Language::kPython, "x = 41", "40 + 2"},
  };
  fmt::print("{:12} {:>10} {:>10} {:>8} {:>10} {:>10}   (p50, ms)\n", "language", "fresh", "session", "ratio", "fork",
             "snapshot");
  for (const Case& c : kCases) {
    if (language::find_image(c.language) == nullptr) {
      continue;
    }
    // On a thread whose stack holds the guest's, so that nothing hops.
    std::binary_semaphore done(0);
    pool.submit([&] {
      measure(c, images, executor, *environment, rounds);
      done.release();
    });
    done.acquire();
  }
}
