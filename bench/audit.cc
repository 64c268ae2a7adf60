// What it costs a call to be recorded in the audit log and to be listed while it runs.
//
//   append   Audit::append on the calling thread, in bursts that fit into the queue
//   writer   CPU time of the writing thread for each record: the line, its hash, write()
//   through  time from the first append to the last line in the file, one thread appending as fast as it can
//
//   listed   entering and leaving the registry of running calls
//
// Medians of rounds; each record with the usage of a call that made no host calls, and of one with host calls and a
// violation.

#include "observe/audit.h"
#include "base/environment.h"
#include "sandbox/calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

namespace {

using namespace caisson;
using Clock = std::chrono::steady_clock;

constexpr int kBurst = 200;
constexpr int kBursts = 100;

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

double microseconds(Clock::duration duration) { return std::chrono::duration<double, std::micro>(duration).count(); }

/// CPU time of all threads of the process, in microseconds.
double cpu_microseconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

struct Costs {
  double append = 0;
  double writer = 0;
  double through = 0;
};

Costs measure(observe::Audit& audit, const observe::AuditRecord& record) {
  std::vector<double> append;
  std::vector<double> through;
  const auto burst = [&] {
    const auto begin = Clock::now();
    for (int i = 0; i < kBurst; ++i) {
      if (!audit.append(record)) {
        std::exit(1);
      }
    }
    append.push_back(microseconds(Clock::now() - begin) / kBurst);
    if (!audit.flush()) {
      std::exit(1);
    }
    through.push_back(microseconds(Clock::now() - begin) / kBurst);
  };
  burst();
  append.clear();
  through.clear();
  const double cpu = cpu_microseconds();
  double appending = 0;
  for (int i = 0; i < kBursts; ++i) {
    burst();
    appending += append.back() * kBurst;
  }
  const double all = cpu_microseconds() - cpu;
  return {median(append), (all - appending) / (kBurst * kBursts), median(through)};
}

/// Entering and leaving, on `threads` at once.
double listed(std::size_t threads) {
  constexpr int kCalls = 200'000;
  sandbox::CallRegistry calls;
  std::vector<std::thread> running;
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < threads; ++i) {
    running.emplace_back([&] {
      for (int call = 0; call < kCalls; ++call) {
        const sandbox::CallRegistry::Entry entry(&calls, {"run", "node", {}, begin});
        if (entry.killed()->load(std::memory_order_relaxed)) {
          std::exit(1);
        }
      }
    });
  }
  for (std::thread& thread : running) {
    thread.join();
  }
  return microseconds(Clock::now() - begin) / kCalls;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
  const auto environment = base::make_environment();
  std::string folder = (std::filesystem::temp_directory_path() / "caisson-bench-XXXXXX").native();
  if (::mkdtemp(folder.data()) == nullptr) {
    return 1;
  }
  constexpr std::array kNames = {"wall_ns",         "cpu_ns",           "fuel",         "memory_bytes",
                                 "over_bytes",      "input_bytes",      "output_bytes", "stdout_bytes",
                                 "stderr_bytes",    "log_bytes",        "emit_bytes",   "random_bytes",
                                 "file_read_bytes", "file_write_bytes", "host_calls",   "throttled_ns"};
  std::vector<observe::AuditNumber> usage;
  for (const char* name : kNames) {
    usage.emplace_back(name, 1234 * usage.size());
  }
  const std::array<observe::AuditNumber, 4> host_calls = {
      {{"fd_write", 12}, {"path_open", 3}, {"fd_read", 100}, {"caisson_v1.log", 7}}};
  const std::array violations = {
      observe::AuditViolation{"capability", "high", "asked for '/etc/passwd', which no grant names: read: [/etc]"}};
  observe::AuditRecord small;
  small.call = 1;
  small.run = "flow.yaml";
  small.node = "shout";
  small.module = small.policy = base::sha256("x");
  small.status = "ok";
  small.usage = usage;
  observe::AuditRecord large = small;
  large.host_calls = host_calls;
  large.violations = violations;

  fmt::print("{:34} {:>9} {:>9} {:>9}   (µs a record, medians of {} rounds)\n", "record", "append", "writer", "through",
             rounds);
  for (const auto& [record, name] :
       {std::pair(&small, "a call without host calls"), {&large, "4 host calls, 1 violation"}}) {
    for (const char* key : {"", "key"}) {
      std::vector<double> append;
      std::vector<double> writer;
      std::vector<double> through;
      for (int i = 0; i < rounds; ++i) {
        auto audit = observe::Audit::open(
            {.file = folder + "/audit.jsonl", .environment = environment.get(), .key = key, .keep_files = 1});
        if (!audit) {
          fmt::print(stderr, "audit: {}\n", audit.error().message);
          return 1;
        }
        const Costs costs = measure(**audit, *record);
        append.push_back(costs.append);
        writer.push_back(costs.writer);
        through.push_back(costs.through);
      }
      fmt::print("{:34} {:9.3f} {:9.3f} {:9.3f}\n", fmt::format("{}, {}", name, *key == '\0' ? "SHA-256" : "HMAC"),
                 median(append), median(writer), median(through));
      std::filesystem::remove(folder + "/audit.jsonl");
      std::filesystem::remove(folder + "/audit.1.jsonl");
    }
  }
  for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
    std::vector<double> costs;
    for (int i = 0; i < rounds; ++i) {
      costs.push_back(listed(threads));
    }
    fmt::print("listed, {} thread{}: {:.3f} µs a call\n", threads, threads == 1 ? "" : "s", median(costs));
  }
  std::filesystem::remove_all(folder);
  return 0;
}
