#pragma once

#include "base/environment.h"
#include "sandbox/run_memory.h"
#include "sandbox/run_storage.h"
#include "workflow/internal/dispatch.h"
#include "workflow/internal/gates.h"
#include "workflow/scheduler.h"
#include "workflow/workers.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace caisson::workflow {

/// What a run and everything nested in it share.
struct RunContext {
  RunContext(const RunOptions& options, Workers& workers, const base::Environment& environment, RunSink* sink);

  [[nodiscard]] RunTime elapsed() const noexcept { return environment.now() - begin; }
  /// Counts a node that is about to run. False: there were too many.
  [[nodiscard]] bool count_step() noexcept { return steps.fetch_add(1, std::memory_order_relaxed) < options.max_steps; }
  /// Counts the bytes of an output. False: there were too many.
  [[nodiscard]] bool count_bytes(std::uint64_t bytes) noexcept;

  const RunOptions& options;
  Workers& workers;
  const base::Environment& environment;
  std::chrono::steady_clock::time_point begin;
  sandbox::RunStorage storage;
  sandbox::RunMemory memory;
  Budget budget;
  Gates gates;
  std::atomic<std::uint64_t> steps{0};
  std::atomic<std::uint64_t> bytes{0};

  RunSink* const sink;
  std::mutex sink_mutex;
};

}  // namespace caisson::workflow
