#include "workflow/internal/execution.h"

#include "workflow/internal/fold.h"
#include "workflow/internal/time_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace caisson::workflow {

namespace {

constexpr std::uint32_t kLastAttempt = UINT32_MAX;  // a number after which there is no other

/// What chance has a part in, the same for the same attempt of the same run: from 0 to 1.
double chance(std::string_view run, std::string_view scope, std::string_view node, std::uint32_t attempt) {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325;
  const auto add = [&](std::uint64_t word) {
    hash = (hash ^ word) * 0x9E37'79B9'7F4A'7C15;
    hash ^= hash >> 32U;
  };
  add(std::hash<std::string_view>()(run));
  add(std::hash<std::string_view>()(scope));
  add(std::hash<std::string_view>()(node));
  add(attempt);
  return static_cast<double>(hash >> 11U) / static_cast<double>(1ULL << 53U);
}

NodeOutcome failure(Category category, std::string_view reason, std::string message) {
  NodeOutcome out;
  out.error = Error{category, std::string(reason), std::move(message)};
  return out;
}

/// Runs it; what it throws is its failure.
NodeOutcome run_node(const NodeRunner& runner, const NodeInput& input, const std::stop_token& stop) {
  try {
    return runner.run(input, stop);
  } catch (const std::exception& e) {
    return failure(Category::kInternal, "workflow.exception", fmt::format("the node's runner threw: {}", e.what()));
  } catch (...) {
    return failure(Category::kInternal, "workflow.exception", "the node's runner threw something that is no exception");
  }
}

std::string seconds(std::chrono::nanoseconds time) {
  return fmt::format("{:g} s", std::chrono::duration<double>(time).count());
}

}  // namespace

/// What a runner is given to run nodes of its own.
class Execution::Nest final : public NestedRuns {
 public:
  /// `stop` outlives it.
  Nest(Execution& outer, NodeIndex node, const std::stop_token& stop) : outer_(outer), node_(node), stop_(stop) {}

  RunRecord run(const Plan& plan, std::span<const NodeRunner* const> runners, const NestedOptions& options) override {
    NestedOptions nested = options;
    const std::string_view own = options.scope.empty() ? outer_.plan_.id(node_) : std::string_view(options.scope);
    const bool apart = !outer_.options_.scope.empty() && !own.starts_with('[');
    nested.scope = fmt::format("{}{}{}", outer_.options_.scope, apart ? "/" : "", own);
    return Execution(outer_.context_, plan, runners, std::move(nested), Kind::kNested, stop_).run();
  }

  base::Timer& timer() noexcept override { return outer_.context_.workers.timer(); }

 private:
  Execution& outer_;
  NodeIndex node_;
  const std::stop_token& stop_;
};

/// Makes events of what a guest tells.
class Execution::Listener final : public sandbox::CallListener {
 public:
  Listener(Execution& execution, NodeIndex node) : execution_(execution), node_(node) {}

  void on_log(const sandbox::LogLine& line) noexcept override {
    execution_.emit(NodeLogged{node_, execution_.context_.elapsed(), line});
  }
  void on_record(const sandbox::EmittedRecord& record) noexcept override {
    execution_.emit(NodeEmitted{node_, execution_.context_.elapsed(), record});
  }

 private:
  Execution& execution_;
  NodeIndex node_;
};

bool Execution::Crew::join() noexcept {
  std::size_t left = waiting.load(std::memory_order_acquire);
  while (left > 0) {
    if (waiting.compare_exchange_weak(left, left - 1, std::memory_order_acq_rel)) {
      return true;
    }
  }
  return false;
}

Execution::Execution(RunContext& context, const Plan& plan, std::span<const NodeRunner* const> runners,
                     NestedOptions options, Kind kind, const std::stop_token& stop)
    : context_(context),
      plan_(plan),
      runners_(runners),
      options_(std::move(options)),
      kind_(kind),
      outer_stop_(stop),
      record_(empty_record(plan)) {
  may_skip_ = std::ranges::any_of(runners, [](const NodeRunner* r) { return r != nullptr && r->chooses(); }) ||
              std::ranges::any_of(options_.rules, [](const NodeRules& r) { return r.when || !r.failure_counts; });
  if (may_skip_) {
    excluded_by_ = std::vector<std::atomic<NodeIndex>>(plan.size());
    std::ranges::for_each(excluded_by_, [](auto& by) { by.store(kNobody, std::memory_order_relaxed); });
    sources_.assign(plan.size(), kNobody);
  }
  Dispatch::Options dispatch{
      .slots = std::min(std::max<std::size_t>(1, options_.max_concurrency), context.workers.size()),
      .budget = &context.budget,
      .own_places = kind == Kind::kNested ? 1U : 0U,
      .rules = options_.rules,
      .hints = context.options.hints};
  if (options_.strategy == Strategy::kHybrid) {
    dispatch.on_switch = [this](std::string_view to, std::string_view reason) {
      emit(StrategySwitched{context_.elapsed(), to, reason});
    };
  }
  if (options_.strategy == Strategy::kLevel && context.sink != nullptr) {
    dispatch.on_level = [this](std::size_t rank) { emit(LevelStarted{context_.elapsed(), rank}); };
  }
  dispatch_ = make_dispatch(options_.strategy, plan, dispatch);
}

RunRecord Execution::run() && {
  emit(RunStarted{options_.strategy, options_.failure_strategy, std::max<std::size_t>(1, options_.max_concurrency),
                  options_.input, kind_ == Kind::kRun ? context_.options.context : document::Value(),
                  kind_ == Kind::kRun ? RunTime() : context_.elapsed()});
  {
    const auto request = [this] { stop_.request_stop(); };
    const std::stop_callback halt(stop_.get_token(), [this] { dispatch_->halt(); });
    const std::stop_callback forward(options_.stop, request);
    const std::stop_callback forward_outer(outer_stop_, request);
    if (kind_ == Kind::kRun && context_.options.timeout.count() > 0) {
      arm(context_.options.timeout, [this] {
        stop_because(
            {Category::kDeadlineExceeded, "workflow.run_timeout",
             fmt::format("the run took longer than its timeout, {}; `executor_options: {{timeout_seconds: N}}` "
                         "gives it more",
                         seconds(context_.options.timeout))});
      });
    }
    if (kind_ == Kind::kRun) {
      start_workers(dispatch_->open());
      dispatch_->wait(context_.workers, [] { return false; });
    } else {
      work_here();
    }
    for (const base::Timer::Id timer : timers_) {  // nothing runs any more, so nothing is added
      context_.workers.timer().cancel(timer);
    }
    context_.gates.forget(this);
  }
  end_the_rest();
  finish();
  return std::move(record_);
}

void Execution::start_workers(std::size_t count) {
  if (count == 0) {
    return;
  }
  if (kind_ == Kind::kRun) {
    for (std::size_t i = 0; i < count; ++i) {
      context_.workers.submit([this] { work(); });
    }
    return;
  }
  crew_->waiting.fetch_add(count, std::memory_order_acq_rel);
  for (std::size_t i = 0; i < count; ++i) {
    context_.workers.submit([crew = crew_] {
      if (crew->join()) {
        crew->execution->work();
      }
    });
  }
  dispatch_->nudge();
}

/// The thread that waits for a nested run works for it, in its own place and in those of workers that have not begun.
void Execution::work_here() {
  crew_ = std::make_shared<Crew>();
  crew_->execution = this;
  const std::size_t reserved = dispatch_->open();
  if (reserved == 0) {
    return;
  }
  start_workers(reserved - 1);
  work();
  while (dispatch_->is_running()) {
    if (crew_->join()) {
      work();
    } else {
      dispatch_->wait(context_.workers, [this] { return crew_->waiting.load(std::memory_order_acquire) > 0; });
    }
  }
}

/// What a worker does with its slot. Nothing of this object is touched after the slot was given back.
void Execution::work() noexcept {
  NodeIndex node = dispatch_->take();
  Moment now;
  while (node != Dispatch::kNone) {
    if (stop_.stop_requested()) {
      dispatch_->abandon();
      return;
    }
    const Step result = step(node, now);
    if (result == Step::kLater) {
      now.reset();
      node = dispatch_->take();
      continue;
    }
    const Dispatch::Next next = dispatch_->finished(node, result == Step::kDone);
    if (next.wake > 0 || next.node == Dispatch::kNone) {
      now.reset();
    }
    start_workers(next.wake);
    node = next.node == Dispatch::kNone ? dispatch_->take() : next.node;
  }
}

Execution::Step Execution::step(NodeIndex node, Moment& now) {
  if (any_failed_.load(std::memory_order_relaxed) && is_blocked(node)) {
    return Step::kFailed;
  }
  if (may_skip_ && skip_unless_taken(node)) {
    now.reset();
    return Step::kDone;
  }
  const NodeRules* rules = rules_of(node);
  if (rules == nullptr || rules->groups.empty()) {
    return attempt(node, rules, now);
  }
  if (!admit(node, *rules)) {
    return Step::kLater;
  }
  const Step result = attempt(node, rules, now);
  context_.gates.leave(rules->groups);
  return result;
}

bool Execution::admit(NodeIndex node, const NodeRules& rules) {
  dispatch_->postpone();  // first: it may be called before `enter` returns
  const auto waits = [this, node](std::uint32_t group) {
    emit(NodeWaiting{node, context_.elapsed(), context_.options.groups[group].name});
  };
  const auto called = [this, node] { start_workers(dispatch_->resume(node)); };
  const bool entered = context_.gates.enter(rules.groups, {this, node, waits, called});
  if (entered) {
    dispatch_->withdraw();
  }
  return entered;
}

Execution::Step Execution::attempt(NodeIndex node, const NodeRules* rules, Moment& now) {
  std::uint32_t number = 1;
  if (rules != nullptr && rules->retry.attempts > 1) {
    const std::scoped_lock lock(mutex_);
    if (const auto found = attempts_.find(node); found != attempts_.end()) {
      number = found->second;
    }
  }
  NodeInput input = input_for(node, rules);
  std::optional<Error> refused;
  if (rules != nullptr && rules->when && number == 1) {
    Result<bool> holds = rules->when->holds(input, stop_token_);
    if (holds && !*holds) {
      skip(node, SkipCause::kCondition, node);
      return Step::kDone;
    }
    if (!holds) {
      refused = std::move(holds).error().with_context("when");
    }
  }
  if (!context_.count_step()) {
    stop_because({Category::kResourceExhausted, "workflow.too_many_steps",
                  fmt::format("the run was ended before its step {}: it may have {} in all, nested ones and repeated "
                              "ones with it",
                              context_.options.max_steps + 1, context_.options.max_steps)});
    return Step::kFailed;
  }
  const bool is_now = now && rules == nullptr && context_.sink == nullptr;  // neither took time since
  emit_often(NodeStarted{node, is_now ? *now : context_.elapsed(), number});
  NodeOutcome outcome;
  if (refused) {
    outcome.error = refused;
  } else {
    outcome = rules != nullptr && rules->timeout.count() > 0 ? outcome_in_time(node, input, rules->timeout)
                                                             : outcome_of(node, input, stop_token_);
  }
  if (!outcome.error) {
    outcome.error = objection(node, input, outcome);
  }
  if (outcome.error) {
    now.reset();
    return fail(node, rules, refused ? kLastAttempt : number, std::move(outcome));
  }
  exclude(node, outcome.not_taken);
  now = context_.elapsed();
  emit_often(NodeSucceeded{node, *now, std::move(outcome.payload), std::move(outcome.metadata),
                           std::move(outcome.usage), std::move(outcome.details), number});
  return Step::kDone;
}

Execution::Step Execution::fail(NodeIndex node, const NodeRules* rules, std::uint32_t number, NodeOutcome outcome) {
  Error& error = outcome.error ? *outcome.error : outcome.error.emplace();  // there is one: it failed
  if (error.category == Category::kCancelled && stop_.stop_requested()) {
    emit(NodeCancelled{node, context_.elapsed(), std::move(outcome.usage), std::move(outcome.details), number});
    return Step::kFailed;
  }
  if (rules != nullptr && number < rules->retry.attempts && rules->retry.covers(outcome)) {
    const auto wait =
        rules->retry.wait_before(number + 1, chance(context_.options.id, options_.scope, plan_.id(node), number + 1));
    {
      const std::scoped_lock lock(mutex_);
      attempts_[node] = number + 1;
    }
    emit(NodeRetrying{node, context_.elapsed(), number, wait, std::move(error), std::move(outcome.usage),
                      std::move(outcome.details)});
    dispatch_->postpone();
    arm(wait, [this, node] { start_workers(dispatch_->resume(node)); });
    return Step::kLater;
  }
  const bool counts = rules == nullptr || rules->failure_counts;
  if (counts) {
    any_failed_.store(true, std::memory_order_relaxed);
  }
  emit(NodeFailed{node, context_.elapsed(), std::move(error), counts, std::move(outcome.metadata),
                  std::move(outcome.usage), std::move(outcome.details), number});
  if (counts && options_.failure_strategy == FailureStrategy::kFailFast) {
    stop_.request_stop();
  }
  return counts ? Step::kFailed : Step::kDone;
}

NodeOutcome Execution::outcome_of(NodeIndex node, NodeInput& input, const std::stop_token& stop) {
  const NodeRunner* runner = node < runners_.size() ? runners_[node] : nullptr;
  if (runner == nullptr) {
    return failure(Category::kInternal, "workflow.no_runner", "nothing was set up to run this node");
  }
  Nest nest(*this, node, stop);
  Listener listener(*this, node);
  input.nested = &nest;
  input.listener = context_.sink != nullptr ? &listener : nullptr;
  NodeOutcome outcome = run_node(*runner, input, stop);
  input.nested = nullptr;
  input.listener = nullptr;
  return outcome;
}

NodeOutcome Execution::outcome_in_time(NodeIndex node, NodeInput& input, std::chrono::nanoseconds timeout) {
  const TimeLimit limit(context_.workers.timer(), timeout, stop_token_);
  NodeOutcome outcome = outcome_of(node, input, limit.token());
  if (outcome.error && limit.caused(*outcome.error)) {
    outcome.error = Error{Category::kDeadlineExceeded, "workflow.timeout",
                          fmt::format("it took longer than its timeout, {}; `timeout: TIME` of the node gives it more",
                                      seconds(timeout))};
  }
  return outcome;
}

std::optional<Error> Execution::objection(NodeIndex node, const NodeInput& input, const NodeOutcome& outcome) {
  if (!outcome.payload) {
    if (plan_.intent(node) == Intent::kTransform) {
      return Error{Category::kInternal, "workflow.invalid_response",
                   "the node gave no payload, and its intent is to transform; a node without one must analyze"};
    }
    return std::nullopt;
  }
  const std::string_view bytes = outcome.payload->bytes();
  if (bytes.size() > context_.options.max_payload_bytes) {
    return Error{Category::kResourceExhausted, "workflow.payload_too_large",
                 fmt::format("its output has {} bytes; a payload may have {}", bytes.size(),
                             context_.options.max_payload_bytes)};
  }
  if (bytes.data() != input.payload.bytes().data() && !context_.count_bytes(bytes.size())) {
    return Error{Category::kResourceExhausted, "workflow.too_much_output",
                 fmt::format("with its output of {} bytes the run has more than the {} that it may have in all",
                             bytes.size(), context_.options.max_output_bytes)};
  }
  return std::nullopt;
}

void Execution::stop_because(Error error) {
  {
    const std::scoped_lock lock(mutex_);
    if (!stopped_by_) {
      stopped_by_ = std::move(error);
    }
  }
  stop_.request_stop();
}

/// Calls back while the run lasts.
void Execution::arm(std::chrono::nanoseconds delay, std::function<void()> callback) {
  const std::scoped_lock lock(mutex_);
  timers_.push_back(context_.workers.timer().after(delay, std::move(callback)));
}

void Execution::emit(RunEvent event) {
  tell(event);
  apply(plan_, record_, std::move(event));
}

/// Of the two events that every node has. Nobody may be there to be told, and then no variant is made.
template <typename Event>
void Execution::emit_often(Event event) {
  if (context_.sink != nullptr) {
    emit(std::move(event));
  } else {
    apply_event(record_, std::move(event));
  }
}

void Execution::tell(const RunEvent& event) {
  if (context_.sink != nullptr) {
    const std::scoped_lock lock(context_.sink_mutex);
    context_.sink->on_event(event, {plan_, options_.scope});
  }
}

/// The last event, which is told with what came of the run.
void Execution::finish() {
  const RunFinished event{context_.elapsed(), std::move(stopped_by_)};
  apply(plan_, record_, event);
  if (context_.sink != nullptr) {
    const std::scoped_lock lock(context_.sink_mutex);
    context_.sink->on_event(event, {plan_, options_.scope, &record_});
  }
}

}  // namespace caisson::workflow
