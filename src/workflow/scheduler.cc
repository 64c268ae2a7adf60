#include "workflow/scheduler.h"

#include "workflow/internal/dispatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

namespace caisson::workflow {

void Dispatch::abandon() {
  const std::scoped_lock lock(mutex_);
  give_back();
}

void Dispatch::wait() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return busy_ == 0; });
}

std::size_t Dispatch::reserve(std::size_t useful) noexcept {
  const std::size_t taken = std::min(useful, free_);
  free_ -= taken;
  busy_ += taken;
  return taken;
}

void Dispatch::give_back() noexcept {
  ++free_;
  if (--busy_ == 0) {
    idle_.notify_one();  // under the lock: who waits may destroy this as soon as the lock is free
  }
}

namespace {

/// One run while it lasts. Each node's record is written only by the worker that runs the node, and read by others
/// after the dispatch has handed them a node that depends on it; so the fold goes on without a lock.
class Execution {
 public:
  Execution(const Plan& plan, std::span<const NodeRunner* const> runners, const RunOptions& options,
            base::ThreadPool& pool, const base::Environment& environment, RunSink* sink)
      : plan_(plan),
        runners_(runners),
        options_(options),
        pool_(pool),
        environment_(environment),
        sink_(sink),
        record_(empty_record(plan)),
        begin_(environment.now()) {
    const std::size_t slots = std::min(std::max<std::size_t>(1, options.max_concurrency), pool.size());
    dispatch_ = options.strategy == Strategy::kLevel ? make_levels(plan, slots) : make_work_queue(plan, slots);
  }

  RunRecord run() && {
    emit(RunStarted{options_.strategy, options_.failure_strategy, std::max<std::size_t>(1, options_.max_concurrency),
                    options_.input, options_.context});
    {
      const std::stop_callback forward(options_.stop, [this] { stop_.request_stop(); });
      start_workers(dispatch_->open());
      dispatch_->wait();
    }
    end_the_rest();
    emit(RunFinished{elapsed()});
    return std::move(record_);
  }

 private:
  void start_workers(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      pool_.submit([this] { work(); });
    }
  }

  /// What a worker does with its slot. Nothing of this object is touched after the slot was given back.
  void work() noexcept {
    NodeIndex node = dispatch_->take();
    while (node != Dispatch::kNone) {
      if (stop_.stop_requested()) {
        dispatch_->abandon();
        return;
      }
      const Dispatch::Next next = dispatch_->finished(node, !blocked(node) && run_node(node));
      start_workers(next.wake);
      node = next.node == Dispatch::kNone ? dispatch_->take() : next.node;
    }
  }

  /// Whether something that the node depends on did not succeed; only a strategy that goes by rank hands such nodes
  /// out.
  [[nodiscard]] bool blocked(NodeIndex node) const noexcept {
    return any_failed_.load(std::memory_order_relaxed) &&
           std::ranges::any_of(plan_.dependencies(node),
                               [this](NodeIndex d) { return record_.nodes[d].state != NodeState::kSucceeded; });
  }

  bool run_node(NodeIndex node) {
    emit(NodeStarted{node, elapsed()});
    NodeOutcome outcome = outcome_of(node);
    if (!outcome.error && !outcome.payload && plan_.intent(node) == Intent::kTransform) {
      outcome.error =
          Error{Category::kInternal, "workflow.invalid_response",
                "the node gave no payload, and its intent is to transform; a node without one must analyze"};
    }
    if (!outcome.error) {
      emit(NodeSucceeded{node, elapsed(), std::move(outcome.payload), std::move(outcome.metadata),
                         std::move(outcome.usage), std::move(outcome.details)});
      return true;
    }
    if (outcome.error->category == Category::kCancelled && stop_.stop_requested()) {
      emit(NodeCancelled{node, elapsed(), std::move(outcome.usage), std::move(outcome.details)});
      return false;
    }
    any_failed_.store(true, std::memory_order_relaxed);
    emit(NodeFailed{node, elapsed(), *std::move(outcome.error), std::move(outcome.metadata), std::move(outcome.usage),
                    std::move(outcome.details)});
    if (options_.failure_strategy == FailureStrategy::kFailFast) {
      stop_.request_stop();
    }
    return false;
  }

  [[nodiscard]] NodeOutcome outcome_of(NodeIndex node) const {
    const NodeRunner* runner = node < runners_.size() ? runners_[node] : nullptr;
    const auto failure = [](std::string_view reason, std::string message) {
      return NodeOutcome{.error = Error{Category::kInternal, std::string(reason), std::move(message)}};
    };
    if (runner == nullptr) {
      return failure("workflow.no_runner", "nothing was set up to run this node");
    }
    try {
      NodeInput input{payload_for(node), options_.id, &storage_, {}};
      if (runner->wants_inputs()) {
        input.inputs = inputs_for(node);
      }
      return runner->run(input, stop_.get_token());
    } catch (const std::exception& e) {
      return failure("workflow.exception", fmt::format("the node's runner threw: {}", e.what()));
    } catch (...) {
      return failure("workflow.exception", "the node's runner threw something that is no exception");
    }
  }

  [[nodiscard]] Payload payload_for(NodeIndex node) const {
    const auto source = plan_.source(node);
    return source ? record_.nodes[*source].payload.value_or(Payload()) : options_.input;
  }

  [[nodiscard]] std::vector<NamedPayload> inputs_for(NodeIndex node) const {
    std::vector<NamedPayload> out;
    out.reserve(plan_.dependencies(node).size());
    for (const NodeIndex d : plan_.dependencies(node)) {
      out.push_back({plan_.id(d), record_.nodes[d].payload.value_or(Payload())});
    }
    return out;
  }

  /// Says of every node that did not start why: in plan order, when nothing runs any more.
  void end_the_rest() {
    const bool skips = any_failed_ && options_.failure_strategy != FailureStrategy::kFailFast;
    std::vector<NodeIndex> failed(skips ? plan_.size() : 0, Dispatch::kNone);  // itself, or the first before it
    const auto before = [this](NodeIndex a, NodeIndex b) {
      return plan_.rank(a) != plan_.rank(b) ? plan_.rank(a) < plan_.rank(b) : a < b;
    };
    for (const NodeIndex node : plan_.order()) {
      const NodeState state = record_.nodes[node].state;
      if (skips) {
        failed[node] = state == NodeState::kFailed ? node : Dispatch::kNone;
        for (const NodeIndex d : plan_.dependencies(node)) {
          const NodeIndex offered = failed[d];
          if (offered != Dispatch::kNone && (failed[node] == Dispatch::kNone || before(offered, failed[node]))) {
            failed[node] = offered;
          }
        }
      }
      if (state == NodeState::kPending) {
        if (skips && failed[node] != Dispatch::kNone) {
          emit(NodeSkipped{node, elapsed(), failed[node]});
        } else {
          emit(NodeCancelled{node, elapsed()});
        }
      }
    }
  }

  void emit(RunEvent event) {
    if (sink_ != nullptr) {
      const std::scoped_lock lock(sink_mutex_);
      sink_->on_event(event);
    }
    apply(plan_, record_, std::move(event));
  }

  [[nodiscard]] RunTime elapsed() const noexcept { return environment_.now() - begin_; }

  const Plan& plan_;
  mutable sandbox::RunStorage storage_;  // safe to share between nodes
  std::span<const NodeRunner* const> runners_;
  const RunOptions& options_;
  base::ThreadPool& pool_;
  const base::Environment& environment_;
  RunSink* sink_;
  std::mutex sink_mutex_;
  RunRecord record_;
  std::chrono::steady_clock::time_point begin_;
  std::unique_ptr<Dispatch> dispatch_;
  std::stop_source stop_;
  std::atomic<bool> any_failed_{false};
};

}  // namespace

RunRecord run(const Plan& plan, std::span<const NodeRunner* const> runners, const RunOptions& options,
              base::ThreadPool& pool, const base::Environment& environment, RunSink* sink) {
  return Execution(plan, runners, options, pool, environment, sink).run();
}

}  // namespace caisson::workflow
