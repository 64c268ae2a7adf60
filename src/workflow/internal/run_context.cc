#include "workflow/internal/run_context.h"

#include <algorithm>
#include <cstddef>

namespace caisson::workflow {

RunContext::RunContext(const RunOptions& run_options, Workers& run_workers, const base::Environment& run_environment,
                       RunSink* run_sink)
    : options(run_options),
      workers(run_workers),
      environment(run_environment),
      begin(run_environment.now()),
      memory(run_options.max_sandbox_bytes),
      budget(std::min(std::max<std::size_t>(1, run_options.max_concurrency), run_workers.size())),
      gates(run_options.groups),
      sink(run_sink) {}

bool RunContext::count_bytes(std::uint64_t more) noexcept {
  constexpr std::uint64_t kNotWorthCounting = 256;
  return more < kNotWorthCounting ||
         bytes.fetch_add(more, std::memory_order_relaxed) + more <= options.max_output_bytes;
}

}  // namespace caisson::workflow
