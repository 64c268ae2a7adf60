#include "workflow/scheduler.h"

#include "workflow/internal/execution.h"

namespace caisson::workflow {

RunRecord run(const Plan& plan, std::span<const NodeRunner* const> runners, const RunOptions& options, Workers& workers,
              const base::Environment& environment, RunSink* sink) {
  RunContext context(options, workers, environment, sink);
  NestedOptions whole{.input = options.input,
                      .strategy = options.strategy,
                      .failure_strategy = options.failure_strategy,
                      .max_concurrency = options.max_concurrency,
                      .rules = options.rules,
                      .stop = options.stop};
  return Execution(context, plan, runners, std::move(whole), Execution::Kind::kRun, {}).run();
}

RunRecord run(const Plan& plan, std::span<const NodeRunner* const> runners, const RunOptions& options,
              base::ThreadPool& pool, const base::Environment& environment, RunSink* sink) {
  PoolWorkers workers(pool);
  return run(plan, runners, options, workers, environment, sink);
}

}  // namespace caisson::workflow
