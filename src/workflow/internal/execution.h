#pragma once

#include "base/timer.h"
#include "workflow/internal/dispatch.h"
#include "workflow/internal/run_context.h"
#include "workflow/nested_runs.h"
#include "workflow/scheduler.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

namespace caisson::workflow {

/// One run of a plan while it lasts: the run itself, or one that is nested in it.
///
/// Each node's record is written only by the worker that runs the node, and read by others after the dispatch has
/// handed them a node that depends on it; so the fold goes on without a lock.
class Execution {
 public:
  enum class Kind : std::uint8_t { kRun, kNested };

  /// `stop`: besides that of the options.
  Execution(RunContext& context, const Plan& plan, std::span<const NodeRunner* const> runners, NestedOptions options,
            Kind kind, const std::stop_token& stop);
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;
  ~Execution() = default;

  /// Runs everything and waits. Once. A nested one is run by the calling thread, and by others as there is room.
  [[nodiscard]] RunRecord run() &&;

 private:
  static constexpr NodeIndex kNobody = UINT32_MAX;
  enum class Step : std::uint8_t { kDone, kFailed, kLater };

  /// What the node in a scope can nest.
  class Nest;
  class Listener;

  /// Workers of a nested run that were asked for and have not begun: whoever comes first, the pool or the thread that
  /// waits, does their work.
  struct Crew {
    std::atomic<std::size_t> waiting{0};
    Execution* execution = nullptr;

    [[nodiscard]] bool join() noexcept;
  };

  void start_workers(std::size_t count);
  void work() noexcept;
  void work_here();

  /// When the last node of a worker ended, as long as that is now: reading the clock is much of what a node costs.
  using Moment = std::optional<RunTime>;

  [[nodiscard]] Step step(NodeIndex node, Moment& now);
  /// Whether the node has its places in its groups; otherwise it comes again when there may be some.
  [[nodiscard]] bool admit(NodeIndex node, const NodeRules& rules);
  [[nodiscard]] Step attempt(NodeIndex node, const NodeRules* rules, Moment& now);
  [[nodiscard]] Step fail(NodeIndex node, const NodeRules* rules, std::uint32_t number, NodeOutcome outcome);
  [[nodiscard]] NodeOutcome outcome_of(NodeIndex node, NodeInput& input, const std::stop_token& stop);
  [[nodiscard]] NodeOutcome outcome_in_time(NodeIndex node, NodeInput& input, std::chrono::nanoseconds timeout);
  /// What is wrong with the output of a node that succeeded.
  [[nodiscard]] std::optional<Error> objection(NodeIndex node, const NodeInput& input, const NodeOutcome& outcome);
  void exclude(NodeIndex by, std::span<const std::string> ids);
  void skip(NodeIndex node, SkipCause cause, NodeIndex because);
  void stop_because(Error error);

  /// Whether something that it depends on did not end as it has to; only a strategy that goes by rank hands such nodes
  /// out.
  [[nodiscard]] bool is_blocked(NodeIndex node) const noexcept;
  /// Whether it ended in a way that lets what depends on it run.
  [[nodiscard]] bool is_done(NodeIndex node) const noexcept;
  /// Skips a node that is not taken. Returns whether it was.
  [[nodiscard]] bool skip_unless_taken(NodeIndex node);

  [[nodiscard]] const NodeRules* rules_of(NodeIndex node) const noexcept {
    return options_.rules.empty() ? nullptr : &options_.rules[node];
  }
  [[nodiscard]] NodeInput input_for(NodeIndex node, const NodeRules* rules);
  [[nodiscard]] std::optional<NodeIndex> source_of(NodeIndex node) noexcept;
  [[nodiscard]] std::vector<NamedPayload> inputs_for(NodeIndex node) const;
  [[nodiscard]] document::Value metadata_for(NodeIndex node) const;

  void arm(std::chrono::nanoseconds delay, std::function<void()> callback);
  void end_the_rest();
  void emit(RunEvent event);
  template <typename Event>
  void emit_often(Event event);
  void tell(const RunEvent& event);
  void finish();

  RunContext& context_;
  const Plan& plan_;
  std::span<const NodeRunner* const> runners_;
  const NestedOptions options_;
  const Kind kind_;
  const std::stop_token outer_stop_;
  RunRecord record_;
  std::stop_source stop_;
  const std::stop_token stop_token_ = stop_.get_token();
  std::atomic<bool> any_failed_{false};

  // Only where nodes may be skipped although nothing failed, or fail without consequences; otherwise the plan knows.
  bool may_skip_ = false;
  std::vector<std::atomic<NodeIndex>> excluded_by_;
  std::vector<NodeIndex> sources_;

  std::mutex mutex_;                                       // of what follows
  std::unordered_map<NodeIndex, std::uint32_t> attempts_;  // of nodes that are tried again: the number of the next
  std::vector<base::Timer::Id> timers_;
  std::optional<Error> stopped_by_;

  std::unique_ptr<Dispatch> dispatch_;
  std::shared_ptr<Crew> crew_;  // shared_ptr: tasks of the pool that come too late outlive the run
};

}  // namespace caisson::workflow
