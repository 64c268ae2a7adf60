// What a call of code costs, for each language: the whole path through the product beside the bare call of the same
// image through the C API, each in a fresh sandbox; and beside a process of the language's usual program.
//
//   bare   store, limiter, fuel, epoch deadline, instantiate_pre, code and request copied in, the answer copied out
//   full   the request built, InlineExecutor::call with every limit and usage, the answer read
//
// Rounds of both alternate; percentiles are over single calls.

#include "base/environment.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/internal/config.h"
#include "language/images.h"
#include "observe/observer.h"
#include "sandbox/executor.h"

#include <fmt/format.h>
#include <wasmtime.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <spawn.h>
#include <sys/wait.h>

extern char** environ;  // NOLINT(readability-redundant-declaration): not every header has it

namespace {

using Clock = std::chrono::steady_clock;
using caisson::language::Language;

[[noreturn]] void fail(const char* what) {
  fmt::print(stderr, "languages: {}\n", what);
  std::exit(1);
}

/// An image called straight, with nothing checked that need not be. Its imports trap: trivial code calls none.
class Bare {
 public:
  Bare(wasm_engine_t* engine, const std::string& wasm) : engine_(engine) {
    wasmtime_module_t* module = nullptr;
    if (wasmtime_module_new(engine, reinterpret_cast<const std::uint8_t*>(wasm.data()), wasm.size(), &module) !=
        nullptr) {
      fail("compile");
    }
    wasmtime_linker_t* linker = wasmtime_linker_new(engine);
    if (wasmtime_linker_define_unknown_imports_as_traps(linker, module) != nullptr ||
        wasmtime_linker_instantiate_pre(linker, module, &pre_) != nullptr) {
      fail("link");
    }
  }

  void call(const std::string& code, const std::string& request, std::string& output) const {
    wasmtime_store_t* store = wasmtime_store_new(engine_, nullptr, nullptr);
    wasmtime_context_t* context = wasmtime_store_context(store);
    wasmtime_store_limiter(store, 256 << 20, 50'000, 1, 4, 2);
    if (wasmtime_context_set_fuel(context, UINT64_MAX) != nullptr) {
      fail("fuel");
    }
    wasmtime_context_set_epoch_deadline(context, 6000);
    wasmtime_instance_t instance;
    wasm_trap_t* trap = nullptr;
    if (wasmtime_instance_pre_instantiate(pre_, context, &instance, &trap) != nullptr || trap != nullptr) {
      fail("instantiate");
    }
    wasmtime_extern_t memory;
    wasmtime_instance_export_get(context, &instance, "memory", 6, &memory);
    const auto copy_in = [&](const std::string& text) {
      std::array<wasmtime_val_raw_t, 1> values{};
      values[0].i32 = static_cast<std::int32_t>(text.size());
      run(context, instance, "caisson_alloc", values.data(), values.size());
      std::memcpy(wasmtime_memory_data(context, &memory.of.memory) + static_cast<std::uint32_t>(values[0].i32),
                  text.data(), text.size());
      return values[0].i32;
    };
    std::array<wasmtime_val_raw_t, 4> values{};
    values[0].i32 = copy_in(code);
    values[1].i32 = static_cast<std::int32_t>(code.size());
    values[2].i32 = copy_in(request);
    values[3].i32 = static_cast<std::int32_t>(request.size());
    run(context, instance, "caisson_run", values.data(), values.size());
    const auto packed = static_cast<std::uint64_t>(values[0].i64);
    output.assign(reinterpret_cast<char*>(wasmtime_memory_data(context, &memory.of.memory)) + (packed >> 32),
                  static_cast<std::uint32_t>(packed));
    wasmtime_store_delete(store);
  }

 private:
  static void run(wasmtime_context_t* context, const wasmtime_instance_t& instance, std::string_view name,
                  wasmtime_val_raw_t* values, std::size_t count) {
    wasmtime_extern_t function;
    wasm_trap_t* trap = nullptr;
    if (!wasmtime_instance_export_get(context, &instance, name.data(), name.size(), &function) ||
        wasmtime_func_call_unchecked(context, &function.of.func, values, count, &trap) != nullptr || trap != nullptr) {
      fail("call");
    }
  }

  wasm_engine_t* engine_;
  wasmtime_instance_pre_t* pre_ = nullptr;
};

using Times = std::vector<double>;  // milliseconds

void time_calls(int calls, const std::function<void()>& call, Times& out) {
  for (int i = 0; i < calls; ++i) {
    const auto begin = Clock::now();
    call();
    out.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
}

double percentile(Times times, double part) {
  const auto at = static_cast<std::ptrdiff_t>(static_cast<double>(times.size() - 1) * part);
  std::nth_element(times.begin(), times.begin() + at, times.end());
  return times[static_cast<std::size_t>(at)];
}

/// How long a program takes from its start to its end; nothing when it is not here.
std::vector<double> time_process(std::vector<std::string> words, int rounds) {
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  Times out;
  for (int i = 0; i < rounds; ++i) {
    const auto begin = Clock::now();
    pid_t child = 0;
    if (posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) {
      return {};
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 127) {
      return {};
    }
    out.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  return out;
}

/// Keeps every call that calls the host there, until it is let go.
class Pause final : public caisson::observe::Observer {
 public:
  [[nodiscard]] bool enabled() const noexcept override { return true; }
  [[nodiscard]] bool wants_host_calls() const noexcept override { return true; }
  void on_event(const caisson::observe::Event& event) noexcept override {
    if (event.name == "sandbox.host_call") {
      arrived.fetch_add(1);
      arrived.notify_all();
      gone.wait(false);
    }
  }

  std::atomic<int> arrived = 0;
  std::atomic<bool> gone = false;
};

/// The pages of an image that calls only read are the same for all of them, and are counted once.
double resident_mebibytes() {
  std::ifstream status("/proc/self/smaps_rollup");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Pss:")) {
      return std::strtod(line.c_str() + 4, nullptr) / 1024;
    }
  }
  fail("/proc/self/smaps_rollup");
}

/// What is added to the memory of this process while `count` calls stand in a call of the host, each on a thread.
double memory_of(int count, const caisson::sandbox::Guest& guest, const std::string& request,
                 const caisson::sandbox::Policy& policy, caisson::base::Environment& environment,
                 std::size_t stack_bytes) {
  using namespace caisson;
  const auto size = static_cast<std::size_t>(count);
  base::ThreadPool pool({.threads = size, .stack_bytes = stack_bytes});
  Pause pause;
  const sandbox::InlineExecutor executor({.environment = &environment, .pool = &pool, .observer = &pause});
  const double before = resident_mebibytes();
  std::atomic<int> left = count;
  for (int i = 0; i < count; ++i) {
    pool.submit([&] {
      const sandbox::Outcome outcome = executor.call(guest, Payload(request, Payload::kJson), policy, {});
      if (outcome.output.bytes() != "42") {
        fail(outcome.error ? outcome.error->message.c_str() : "a wrong answer");
      }
      left.fetch_sub(1);
      left.notify_all();
    });
  }
  for (int now = pause.arrived.load(); now != count; now = pause.arrived.load()) {
    pause.arrived.wait(now);
  }
  const double after = resident_mebibytes();
  pause.gone = true;
  pause.gone.notify_all();
  for (int now = left.load(); now != 0; now = left.load()) {
    left.wait(now);
  }
  return after - before;
}

void print_memory(caisson::language::Images& images, caisson::base::Environment& environment, std::size_t stack_bytes) {
  using namespace caisson;
  struct Paused {
    Language language;
    const char* code;
  };
  constexpr std::array kPaused = {
      Paused{Language::kLua, "print('here') return inputs.a + 1"},
      Paused{Language::kJavaScript, "console.log('here'); inputs.a + 1"},
      Paused{Language::kPython, "print('here')\ninputs['a'] + 1"},
  };
  const sandbox::Policy policy{.limits = {.memory_bytes = 32U << 20, .timeout = std::chrono::minutes(5)}};
  fmt::print(
      "\nmemory of calls that stand in a call of the host, MiB more than before them (each on a thread of its own)\n");
  fmt::print("{:12} {:>10} {:>10} {:>10} {:>12}\n", "language", "1", "100", "1,000", "KiB for each");
  for (const Paused& p : kPaused) {
    if (language::find_image(p.language) == nullptr) {
      continue;
    }
    const language::Program program{.language = p.language, .code = p.code};
    const language::Arguments arguments{.inputs = {{"a", Payload("41", Payload::kJson)}}};
    const sandbox::Guest guest = images.bind(program).value();
    const std::string request = request_for(program, arguments);
    std::array<double, 3> mebibytes{};
    std::ranges::transform(std::array{1, 100, 1000}, mebibytes.begin(), [&](int count) {
      return memory_of(count, guest, request, policy, environment, stack_bytes);
    });
    fmt::print("{:12} {:10.1f} {:10.1f} {:10.1f} {:12.0f}\n", title(p.language), mebibytes[0], mebibytes[1],
               mebibytes[2], mebibytes[2] * 1024 / 1000);
  }
}

struct Case {
  Language language;
  const char* code;
  double goal;
  std::vector<std::string> process;
};

}  // namespace

int main(int argc, char** argv) {
  using namespace caisson;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 10;
  constexpr int kCalls = 50;
  const auto environment = base::make_environment();
  const engine::Profile profile = engine::image_profile();
  language::Images images({.environment = environment.get()});
  const engine::EngineHandle theirs = engine::make_engine(profile, engine::Allocation::kPooling, engine::Effort::kFull);
  base::ThreadPool pool({.threads = 2, .stack_bytes = engine::thread_stack_for(profile.stack_bytes)});
  const sandbox::InlineExecutor executor({environment.get(), &pool, nullptr});
  const sandbox::Policy policy{.limits = {.memory_bytes = 32U << 20, .fuel = std::nullopt}};

  const std::array cases = {
      Case{Language::kLua, "return inputs.a + 1", 1.25, {}},
      Case{Language::kJavaScript, "inputs.a + 1", 1.25, {"node", "-e", "41 + 1"}},
      Case{Language::kPython, "inputs['a'] + 1", 1.1, {"python3", "-c", "41 + 1"}},
  };
  fmt::print("{:12} {:>9} {:>9} {:>9} {:>9} {:>7} {:>6}   {:>10} {:>10}   (ms a call; {} calls)\n", "language",
             "bare p50", "full p50", "bare p99", "full p99", "ratio", "goal", "1 thread/s", "2 threads/s",
             rounds * kCalls);
  for (const Case& c : cases) {
    const language::Image* image = language::find_image(c.language);
    if (image == nullptr) {
      continue;
    }
    const language::Program program{.language = c.language, .code = c.code};
    const language::Arguments arguments{.inputs = {{"a", Payload("41", Payload::kJson)}}};
    const Bare bare(theirs.get(), language::unpack(*image).value());
    const sandbox::Guest guest = images.bind(program).value();
    const std::string request = request_for(program, arguments);
    std::string output;
    const auto call_bare = [&] { bare.call(program.code, request, output); };
    const auto call_full = [&] {
      const sandbox::Outcome outcome =
          executor.call(guest, Payload(request_for(program, arguments), Payload::kJson), policy, {});
      if (outcome.output.bytes() != "42") {
        fail(outcome.error ? outcome.error->message.c_str() : "a wrong answer");
      }
    };
    // On a thread whose stack holds the guest's, so that nothing hops.
    std::array<Times, 2> times;
    double alone = 0;
    double together = 0;
    const auto measure = [&] {
      Times warm;
      time_calls(kCalls, call_bare, warm);
      time_calls(kCalls, call_full, warm);
      for (int i = 0; i < rounds; ++i) {
        time_calls(kCalls, call_bare, times[0]);
        time_calls(kCalls, call_full, times[1]);
      }
    };
    const auto on_pool = [&](int threads, const std::function<void()>& work) {
      const auto begin = Clock::now();
      std::atomic<int> left = threads;
      for (int i = 0; i < threads; ++i) {
        pool.submit([&] {
          work();
          left.fetch_sub(1);
          left.notify_all();
        });
      }
      for (int now = left.load(); now != 0; now = left.load()) {
        left.wait(now);
      }
      return std::chrono::duration<double>(Clock::now() - begin).count();
    };
    on_pool(1, measure);
    const auto burst = [&] {
      Times ignored;
      time_calls(rounds * kCalls / 2, call_full, ignored);
    };
    alone = rounds * kCalls / 2 / on_pool(1, burst);
    together = rounds * kCalls / on_pool(2, burst);
    const double ratio = percentile(times[1], 0.5) / percentile(times[0], 0.5);
    fmt::print("{:12} {:9.3f} {:9.3f} {:9.3f} {:9.3f} {:7.2f} {:6.2f}   {:10.0f} {:10.0f}\n", title(c.language),
               percentile(times[0], 0.5), percentile(times[1], 0.5), percentile(times[0], 0.99),
               percentile(times[1], 0.99), ratio, c.goal, alone, together);
    if (!c.process.empty()) {
      const Times process = time_process(c.process, 10);
      fmt::print(
          "{:12} {:>19}  {}\n", "", fmt::format("{} {}", c.process[0], c.process[1]),
          process.empty() ? "not on this machine" : fmt::format("{:.1f} ms a process", percentile(process, 0.5)));
    }
  }
  print_memory(images, *environment, engine::thread_stack_for(profile.stack_bytes));
  return 0;
}
