// What a sandbox call costs beside the bare C API: a fresh store and instance for every call, all limits on, warm
// module.
//
//   bare   store, limiter, fuel, epoch deadline, instantiate_pre, the guest's functions, copies in and out, drop
//   full   InlineExecutor::call: the same, plus the deadline's callback, the total memory limit, checks of every
//   pointer,
//          usage with two clocks, Outcome and Payload, events (nobody listens)
//
// Rounds of both alternate, so that what else the machine does hits both; the ratio is that of the medians.

#include "base/environment.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/internal/config.h"
#include "engine/testing/guest_modules.h"
#include "sandbox/executor.h"

#include <caisson_native.h>
#include <fmt/format.h>
#include <wasmtime.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using caisson::engine::guest_module;

[[noreturn]] void fail(const char* what) {
  fmt::print(stderr, "sandbox_call: {}\n", what);
  std::exit(1);
}

/// The same calls as the full path makes, written down straight, with nothing checked that need not be.
class Bare {
 public:
  Bare(wasm_engine_t* engine, const std::string& wasm, std::string allocator, std::string entry)
      : engine_(engine), allocator_(std::move(allocator)), entry_(std::move(entry)) {
    wasmtime_module_t* module = nullptr;
    if (wasmtime_module_new(engine, reinterpret_cast<const std::uint8_t*>(wasm.data()), wasm.size(), &module) !=
        nullptr) {
      fail("compile");
    }
    if (wasmtime_linker_instantiate_pre(wasmtime_linker_new(engine), module, &pre_) != nullptr) {
      fail("link");
    }
  }

  void call(const std::string& input, std::string& output) const {
    wasmtime_store_t* store = wasmtime_store_new(engine_, nullptr, nullptr);
    wasmtime_context_t* context = wasmtime_store_context(store);
    wasmtime_store_limiter(store, 64 << 20, 50'000, 1, 4, 1);
    if (wasmtime_context_set_fuel(context, 100'000'000) != nullptr) {
      fail("fuel");
    }
    wasmtime_context_set_epoch_deadline(context, 6000);
    wasmtime_instance_t instance;
    wasm_trap_t* trap = nullptr;
    if (wasmtime_instance_pre_instantiate(pre_, context, &instance, &trap) != nullptr || trap != nullptr) {
      fail("instantiate");
    }
    wasmtime_val_raw_t values[2];
    if (allocator_.empty()) {
      values[0].i32 = 40;
      values[1].i32 = 2;
      run(context, instance, entry_, values, 2);
      output = std::to_string(values[0].i32);
    } else {
      wasmtime_extern_t memory;
      wasmtime_instance_export_get(context, &instance, "memory", 6, &memory);
      values[0].i32 = static_cast<std::int32_t>(input.size());
      run(context, instance, allocator_, values, 1);
      const auto address = static_cast<std::uint32_t>(values[0].i32);
      std::memcpy(wasmtime_memory_data(context, &memory.of.memory) + address, input.data(), input.size());
      values[0].i32 = static_cast<std::int32_t>(address);
      values[1].i32 = static_cast<std::int32_t>(input.size());
      run(context, instance, entry_, values, 2);
      const auto packed = static_cast<std::uint64_t>(values[0].i64);
      output.assign(reinterpret_cast<char*>(wasmtime_memory_data(context, &memory.of.memory)) + (packed >> 32),
                    static_cast<std::uint32_t>(packed));
    }
    wasmtime_store_delete(store);
  }

 private:
  static void run(wasmtime_context_t* context, const wasmtime_instance_t& instance, const std::string& name,
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
  std::string allocator_;
  std::string entry_;
};

double microseconds_each(int calls, const std::function<void()>& call) {
  const auto begin = Clock::now();
  for (int i = 0; i < calls; ++i) {
    call();
  }
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count() / calls;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

struct Case {
  const char* label;
  const char* module;
  const char* function;  // of the scalar ABI; null: the buffer ABI
  std::size_t input_bytes;
  int calls;
};

/// What is added to a call by what can be switched on: beside the bare call, in the same rounds.
void print_parts(caisson::engine::Engine& ours, wasm_engine_t& theirs, caisson::base::Environment& environment,
                 caisson::base::ThreadPool& pool, int rounds) {
  using namespace caisson;
  constexpr int kCalls = 500;
  const std::string wasm = guest_module("appender_c");
  const Bare bare(&theirs, wasm, "caisson_alloc", "caisson_process");
  const auto guest = sandbox::bind_guest(ours.compile(wasm).value()).value();
  const std::string text = "hello world";
  const Payload input(text);
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / fmt::format("caisson-bench-{}", getpid());
  std::filesystem::create_directory(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  {
    const auto audit = observe::Audit::open({.file = folder / "audit.jsonl", .environment = &environment}).value();
    sandbox::CallRegistry calls;
    const sandbox::InlineExecutor plain({.environment = &environment, .pool = &pool});
    const sandbox::InlineExecutor listed({.environment = &environment, .pool = &pool, .calls = &calls});
    const sandbox::InlineExecutor audited(
        {.environment = &environment, .pool = &pool, .calls = &calls, .audit = audit.get()});
    const base::Digest digest{};
    const auto call = [&](const sandbox::InlineExecutor& executor) {
      return std::function<void()>([&] {
        const auto outcome =
            executor.call(guest, input, {}, std::stop_token(), {.run = "run", .node = "node", .policy = &digest});
        if (outcome.status != sandbox::OutcomeStatus::kOk) {
          fail(outcome.error->message.c_str());
        }
      });
    };
    std::string output;
    struct Part {
      const char* label;
      std::function<void()> call;
      std::vector<double> times{};
    };
    std::array parts = {Part{"the bare C API", [&] { bare.call(text, output); }},
                        Part{"limits, grants, usage", call(plain)}, Part{"and listed, to be killed", call(listed)},
                        Part{"and audited", call(audited)}};
    for (int i = 0; i < rounds; ++i) {
      for (Part& part : parts) {
        part.times.push_back(microseconds_each(kCalls, part.call));
        (void)audit->flush();  // the writer's work belongs to nobody's turn
      }
    }
    const double base = median(parts[0].times);
    fmt::print("\nwhat is added on the calling thread, 11 bytes\n");
    for (const Part& part : parts) {
      fmt::print("{:28} {:9.2f} {:9.2f}\n", part.label, median(part.times), median(part.times) / base);
    }
    fmt::print("the goal is at most 1.4 with the audit; its writer's own cost: bench_audit\n");
  }
  std::filesystem::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace caisson;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 41;
  const auto environment = base::make_environment();
  engine::Profile profile = engine::strict_profile();
  if (argc > 2) {
    profile.keep_resident_bytes = static_cast<std::size_t>(std::atoll(argv[2]));
  }
  const auto ours = engine::Engine::create({.profile = profile, .environment = environment.get()}).value();
  const engine::EngineHandle theirs = engine::make_engine(profile, engine::Allocation::kPooling, engine::Effort::kFull);
  base::ThreadPool pool({.threads = 1, .stack_bytes = engine::thread_stack_for(profile.stack_bytes)});
  const sandbox::InlineExecutor executor({environment.get(), &pool, nullptr});
  const std::stop_token never;

  const Case cases[] = {
      {"scalar add(40, 2)", "wat/scalar", "add", 0, 500},
      {"buffer, C, 11 bytes", "appender_c", nullptr, 11, 500},
      {"buffer, 40 pages, 11 bytes", "dynamic", nullptr, 11, 500},
      {"buffer, C, 64 KiB", "appender_c", nullptr, 64 << 10, 200},
      {"buffer, C, 1 MiB", "appender_c", nullptr, 1 << 20, 20},
  };
  fmt::print("{:28} {:>9} {:>9} {:>7}   (medians of {} rounds, µs a call)\n", "call", "bare", "full", "ratio", rounds);
  double worst = 0;
  for (const Case& c : cases) {
    const std::string wasm = guest_module(c.module);
    const Bare bare(theirs.get(), wasm, c.function != nullptr ? "" : "caisson_alloc",
                    c.function != nullptr ? c.function : "caisson_process");
    const auto guest =
        sandbox::bind_guest(ours->compile(wasm).value(),
                            c.function != nullptr ? std::optional<std::string>(c.function) : std::nullopt)
            .value();
    std::string text(c.input_bytes, 'x');
    if (std::string_view(c.module) == "dynamic") {
      text = "echo abcdef";
    }
    const Payload input(c.function != nullptr ? "[40, 2]" : text);
    std::string output;
    const auto call_bare = [&] { bare.call(text, output); };
    const auto call_full = [&] {
      const sandbox::Outcome outcome = executor.call(guest, input, {}, never);
      if (outcome.status != sandbox::OutcomeStatus::kOk) {
        fail(outcome.error->message.c_str());
      }
      output = outcome.output.bytes();
    };
    microseconds_each(c.calls, call_bare);
    microseconds_each(c.calls, call_full);
    std::vector<double> bare_times;
    std::vector<double> full_times;
    for (int i = 0; i < rounds; ++i) {
      bare_times.push_back(microseconds_each(c.calls, call_bare));
      full_times.push_back(microseconds_each(c.calls, call_full));
    }
    const double ratio = median(full_times) / median(bare_times);
    worst = std::max(worst, ratio);
    fmt::print("{:28} {:9.2f} {:9.2f} {:7.2f}\n", c.label, median(bare_times), median(full_times), ratio);
  }
  fmt::print("worst ratio {:.2f}; the goal is at most 1.25\n", worst);
  print_parts(*ours, *theirs, *environment, pool, rounds);
  return 0;
}
