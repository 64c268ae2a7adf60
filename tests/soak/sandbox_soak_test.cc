#include "base/environment.h"
#include "base/testing/campaign.h"
#include "base/thread_pool.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/module_cache.h"
#include "engine/testing/guest_modules.h"
#include "sandbox/executor.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace caisson::sandbox {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::int64_t kNoise = 512 << 20;  // sanitizers keep what was freed, or what is known of it, for a while,
constexpr std::int64_t kMappings = 256;     // in mappings of its own
#else
constexpr std::int64_t kNoise = 16 << 20;
constexpr std::int64_t kMappings = 8;
#endif

/// What a process must not use more and more of.
struct Held {
  std::int64_t resident_bytes = 0;
  std::int64_t descriptors = 0;
  std::int64_t threads = 0;
  std::int64_t mappings = 0;
};

std::int64_t count_of(const char* folder) {
  return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}

Held held() {
  Held out;
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  out.resident_bytes = pages * ::sysconf(_SC_PAGESIZE);
  out.descriptors = count_of("/proc/self/fd");
  out.threads = count_of("/proc/self/task");
  std::ifstream maps("/proc/self/maps");
  out.mappings = std::count(std::istreambuf_iterator<char>(maps), std::istreambuf_iterator<char>(), '\n');
  return out;
}

TEST(SandboxSoak, CallsLeaveNothingBehind) {
  const auto environment = base::make_environment();
  base::ThreadPool pool({.threads = 2, .stack_bytes = engine::thread_stack_for(4 << 20)});
  engine::ModuleCache cache(
      {.engine = engine::Engine::create({.environment = environment.get()}).value(), .environment = environment.get()});
  const Guest guest = bind_guest(cache.get(engine::guest_module("dynamic")).value(), std::nullopt).value();
  const InlineExecutor executor({environment.get(), &pool, nullptr});
  const Limits limits{.fuel = 200'000};

  // Good calls, and one that ends in each other way: every path has to give back what it took.
  static constexpr std::array kCommands = {
      "echo hello", "touch 1000000", "echo hello", "trap unreachable",         "grow_until_refused", "error no",
      "echo hello", "recurse 0",     "spin",       "bad_pointer past_end_zero"};
  const auto call_often = [&](std::int64_t calls) {
    std::vector<std::jthread> callers;
    for (std::int64_t caller = 0; caller < 2; ++caller) {
      callers.emplace_back([&, calls] {
        for (std::int64_t i = 0; i < calls / 2; ++i) {
          const auto which = static_cast<std::size_t>(i) % kCommands.size();
          const Outcome outcome = executor.call(guest, Payload(kCommands[which]), limits, std::stop_token());
          if (which == 0) {
            EXPECT_EQ(outcome.output.bytes(), "hello");
          }
        }
      });
    }
  };

  call_often(2'000);  // pools and caches of all kinds fill up
  const Held before = held();
  call_often(base::testing::campaign("sandbox_calls_soak"));
  const Held after = held();
  EXPECT_LE(after.resident_bytes, before.resident_bytes + kNoise);
  EXPECT_LE(after.descriptors, before.descriptors);
  EXPECT_LE(after.threads, before.threads);
  EXPECT_LE(after.mappings, before.mappings + kMappings);
}

}  // namespace
}  // namespace caisson::sandbox
