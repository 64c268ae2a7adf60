#include "sandbox/internal/call_state.h"

#include "sandbox/internal/http_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace caisson::sandbox {

namespace {

constexpr std::size_t kMostViolations = 100;  // that one call keeps; the others are counted
constexpr std::uint64_t kRecordBytes = 64;    // that a log line or an emitted record counts besides its text
constexpr std::uint64_t kBytesPerFuel = 8;    // that the host moves: a copy is cheaper than the guest's own
// Where a virtual clock begins: 2000-01-01. Every reading moves it, so that a guest that waits for it to pass goes on.
constexpr auto kVirtualEpoch = std::chrono::seconds(946'684'800);
constexpr auto kVirtualStep = std::chrono::microseconds(1);
constexpr std::chrono::nanoseconds kVirtualEnd = std::chrono::hours(24 * 365 * 100);

CallWatch::Options watch_options(const CallState::Options& options) noexcept {
  return {&options.policy->limits, options.environment,    options.stop,   options.killed,
          options.begin,           options.baseline_bytes, options.memory, options.language_bytes};
}

/// The failure of a call that had to end while the host looked at it.
Failure failure_of(Ending ending, const CallState::Options& call) {
  const Limits& limits = call.policy->limits;
  const auto limit = [](Category category, std::string reason, std::string message) {
    return Failure{OutcomeStatus::kLimit, {category, std::move(reason), std::move(message)}};
  };
  const auto milliseconds = [](std::chrono::nanoseconds time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  };
  switch (ending) {
    case Ending::kDeadline:
      return to_failure({engine::FaultKind::kDeadline, {}}, limits);
    case Ending::kCancelled:
      return to_failure({engine::FaultKind::kCancelled, {}}, limits);
    case Ending::kKilled:
      return {OutcomeStatus::kCancelled, {Category::kCancelled, "sandbox.killed", "an operator ended the call"}};
    case Ending::kCpu:
      return cpu_failure(limits);
    case Ending::kGrowth:
      return limit(Category::kResourceExhausted, "sandbox.memory_growth",
                   fmt::format("the guest's memory grew by more than {} bytes a second",
                               limits.memory_growth_bytes_per_second.value_or(0)));
    case Ending::kRunMemory:
      return limit(Category::kResourceExhausted, "sandbox.run_memory",
                   fmt::format("the calls of this run asked for more memory together than its limit of {} bytes",
                               call.memory->most()));
    case Ending::kIdle:
      break;
  }
  return limit(Category::kDeadlineExceeded, "sandbox.idle",
               fmt::format("the guest waited longer than {} ms at a time",
                           milliseconds(limits.idle.value_or(std::chrono::nanoseconds(0)))));
}

/// What a guest with this clock sees of the times of files. A virtual clock and none at all have no time of the host's.
FileTimes file_times(ClockMode clock) noexcept {
  switch (clock) {
    case ClockMode::kReal:
      return {};
    case ClockMode::kCoarse:
      return {.unit = 1'000'000};
    case ClockMode::kVirtual:
      return {.latest = static_cast<std::uint64_t>(std::chrono::nanoseconds(kVirtualEpoch).count())};
    case ClockMode::kDenied:
      break;
  }
  return {.latest = 0};
}

}  // namespace

CallState::CallState(const Options& options) : options_(options), watch_(watch_options(options)) {}

CallState::~CallState() = default;

bool CallState::enter(engine::HostCall& call) noexcept {
  host_call_ = &call;
  charged_ = 0;
  operation_ = kOperations;
  ++counts_[call.index()];
  if (++host_calls_ > limits().host_calls) {
    end_at_limit("host_call_limit", fmt::format("the guest called the host more than {} times", limits().host_calls));
    return false;
  }
  if (!call.charge(host_rows()[call.index()].fuel)) {
    fault_ = engine::FaultKind::kFuel;
    return false;
  }
  return true;
}

void CallState::tell(const engine::HostCall& call) const {
  const engine::HostFunction& function = host_rows()[call.index()].function;
  const std::array attributes = {
      observe::Attribute{"module", function.module}, observe::Attribute{"function", function.name},
      observe::Attribute{"operation", operation_ < kOperations ? operation_name(operation_) : std::string_view()},
      observe::Attribute{"node", options_.program}, observe::Attribute{"ends_the_call", ends()}};
  options_.observer->on_event({"sandbox.host_call", attributes});
}

engine::HostVerdict CallState::leave(engine::HostCall& call) noexcept {
  if (options_.observer != nullptr) [[unlikely]] {
    tell(call);
  }
  host_call_ = nullptr;
  if (fault_) {
    return call.stop(*fault_);
  }
  return failure_ || exit_code_ ? call.stop(engine::FaultKind::kStopped) : engine::HostVerdict::kReturn;
}

bool CallState::charge(std::uint64_t fuel) noexcept {
  charged_ += fuel;
  if (!host_call_->charge(fuel)) {
    fault_ = engine::FaultKind::kFuel;
    return false;
  }
  return true;
}

bool CallState::charge_bytes(std::uint64_t bytes) noexcept { return charge(bytes / kBytesPerFuel); }

void CallState::end_at_limit(std::string_view reason, std::string message) {
  if (!failure_) {
    failure_ = Failure{OutcomeStatus::kLimit,
                       {Category::kResourceExhausted, fmt::format("sandbox.{}", reason), std::move(message)}};
  }
}

void CallState::end_with_bad_pointer(std::string_view function, std::uint32_t address, std::uint32_t size) {
  if (!failure_) {
    failure_ = Failure{OutcomeStatus::kTrap,
                       {Category::kGuestFault, "sandbox.bad_pointer",
                        fmt::format("the guest gave {} a place of {} bytes at {}, outside its memory of {}", function,
                                    size, address, host_call_->memory().size())}};
  }
}

void CallState::end_with_trap(std::string_view what) {
  if (!failure_) {
    failure_ = to_failure({engine::FaultKind::kTrap, std::string(what)}, limits());
  }
}

void CallState::end(Ending ending) {
  if (!failure_) {
    failure_ = failure_of(ending, options_);
  }
}

void CallState::fail_host(std::string_view what) noexcept {
  failure_ = to_failure({engine::FaultKind::kHost, std::string(what)}, limits());
}

std::string CallState::denied(const std::string& what, std::string_view grant, ViolationSeverity severity) {
  std::string text = fmt::format("{}; `{}` would allow it", what, grant);
  record({ViolationKind::kCapability, severity, "Capability not granted: " + text});
  return "not granted: " + text;
}

void CallState::limited(ViolationKind kind, std::string description) {
  record({kind, ViolationSeverity::kMedium, std::move(description)});
}

void CallState::refused(const FileRefusal& refusal) {
  if (violations_.size() >= kMostViolations) {
    ++violations_dropped_;  // before it is described: a guest may ask often
    return;
  }
  if (is_limit(refusal.reason)) {
    limited(ViolationKind::kFileLimit, describe(refusal));
  } else {
    record({ViolationKind::kCapability, ViolationSeverity::kLow, "Capability not granted: " + describe(refusal)});
  }
}

/// What is asked for again and again is one record with a count, and hides nothing else.
void CallState::record(Violation violation) {
  const auto known = std::ranges::find(violations_, violation, &Recorded::violation);
  if (known != violations_.end()) {
    ++known->times;
  } else if (violations_.size() >= kMostViolations) {
    ++violations_dropped_;
  } else {
    violations_.push_back({std::move(violation), 1});
  }
}

std::size_t CallState::write_stdout(std::string_view bytes) {
  return capture(bytes, captured_.standard_output, limits().stdout_bytes, "standard output");
}

std::size_t CallState::write_stderr(std::string_view bytes) {
  return capture(bytes, captured_.standard_error, limits().stderr_bytes, "standard error");
}

std::size_t CallState::capture(std::string_view bytes, std::string& to, std::uint64_t most, std::string_view what) {
  const std::size_t count = std::min<std::uint64_t>(bytes.size(), most - std::min<std::uint64_t>(most, to.size()));
  to.append(bytes.substr(0, count));
  if (count < bytes.size()) {
    end_at_limit("output_limit", fmt::format("the guest wrote more to {} than its limit of {} bytes", what, most));
  }
  return count;
}

void CallState::add_log_line(std::uint8_t level, std::string_view text) {
  if (text.size() + kRecordBytes > limits().log_bytes - log_bytes_) {
    if (captured_.log_lines_dropped++ == 0) {
      limited(ViolationKind::kOutputLimit,
              fmt::format("log: more than {} bytes; later lines are dropped", limits().log_bytes));
    }
    return;
  }
  log_bytes_ += text.size() + kRecordBytes;
  const LogLine& line = captured_.log.emplace_back(LogLine{level, std::string(text)});
  if (options_.listener != nullptr) {
    options_.listener->on_log({level, redacted(line.text)});
  }
}

bool CallState::emit(std::string_view topic, std::string_view bytes) {
  const std::uint64_t size = topic.size() + bytes.size() + kRecordBytes;
  if (size > limits().emit_bytes - emit_bytes_) {
    limited(ViolationKind::kOutputLimit, fmt::format("emit: more than {} bytes", limits().emit_bytes));
    return false;
  }
  emit_bytes_ += size;
  const EmittedRecord& record = captured_.emitted.emplace_back(EmittedRecord{std::string(topic), std::string(bytes)});
  if (options_.listener != nullptr) {
    options_.listener->on_record({redacted(record.topic), redacted(record.bytes)});
  }
  return true;
}

FileTable* CallState::files() {
  if (files_ != nullptr || failure_ || grants().directories.empty()) {
    return files_.get();
  }
  FileIdentity::Key identity_key{};
  // Never seeded: with the key a guest could turn the numbers it sees back into those of the host.
  RandomSource keys(environment(), std::nullopt);
  Status filled = keys.fill(std::as_writable_bytes(std::span(identity_key)));
  auto made = filled ? FileTable::create({.directories = grants().directories,
                                          .limits = limits(),
                                          .environment = &environment(),
                                          .on_refusal = [this](const FileRefusal& refusal) { refused(refusal); },
                                          .identity_key = identity_key,
                                          .times = file_times(grants().clock)})
                     : Result<std::unique_ptr<FileTable>>(std::move(filled).error());
  if (made) {
    files_ = std::move(made).value();
  } else {
    failure_ = Failure{OutcomeStatus::kHostError, std::move(made).error()};
  }
  return files_.get();
}

RandomSource& CallState::random() {
  if (!random_) {
    random_.emplace(environment(),
                    grants().random == RandomMode::kSeeded ? std::optional(grants().random_seed) : std::nullopt);
  }
  return *random_;
}

HttpCalls& CallState::http() {
  if (http_ == nullptr) {
    http_ = std::make_unique<HttpCalls>(options_.http);
  }
  return *http_;
}

std::string CallState::redacted(std::string text) const {
  if (http_ != nullptr) {
    http_->redact(text);
  }
  return text;
}

void CallState::redact(Outcome& outcome) const {
  if (http_ != nullptr) {
    http_->redact(outcome);
  }
}

void CallState::advance_clock(std::chrono::nanoseconds by) noexcept {
  virtual_time_ += std::min(by, kVirtualEnd - virtual_time_);
}

std::chrono::nanoseconds CallState::wall_clock() noexcept {
  switch (grants().clock) {
    case ClockMode::kReal:
      return environment().wall_time().time_since_epoch();
    case ClockMode::kCoarse:
      return std::chrono::floor<std::chrono::milliseconds>(environment().wall_time().time_since_epoch());
    case ClockMode::kVirtual:
      advance_clock(kVirtualStep);
      return kVirtualEpoch + virtual_time_;
    case ClockMode::kDenied:
      break;
  }
  return {};
}

std::chrono::nanoseconds CallState::monotonic_clock() noexcept {
  switch (grants().clock) {
    case ClockMode::kReal:
      return watch_.now() - watch_.begin();
    case ClockMode::kCoarse:
      return std::chrono::floor<std::chrono::milliseconds>(watch_.now() - watch_.begin());
    case ClockMode::kVirtual:
      advance_clock(kVirtualStep);
      return virtual_time_;
    case ClockMode::kDenied:
      break;
  }
  return {};
}

std::chrono::nanoseconds CallState::clock_resolution() const noexcept {
  switch (grants().clock) {
    case ClockMode::kCoarse:
      return std::chrono::milliseconds(1);
    case ClockMode::kVirtual:
      return kVirtualStep;
    case ClockMode::kReal:
    case ClockMode::kDenied:
      break;
  }
  return std::chrono::nanoseconds(1);
}

bool CallState::wait(std::chrono::nanoseconds time) {
  if (grants().clock == ClockMode::kVirtual) {
    advance_clock(time);
    return true;
  }
  constexpr std::chrono::nanoseconds kForever = std::chrono::hours(24 * 365);  // longer than any call
  if (const auto ending = watch_.wait_until(watch_.now() + std::min(time, kForever))) {
    end(*ending);
    return false;
  }
  return true;
}

/// What is called by the name of an operation is counted under that name.
void CallState::count_by_name(std::vector<std::pair<std::string_view, std::uint64_t>>& out) const {
  const auto rows = host_rows();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::uint64_t count = counts_[i];
    for (std::size_t place = 0; rows[i].function.name == kCallFunction && count > 0 && place < kOperations; ++place) {
      if (operations_[place] > 0) {
        out.emplace_back(operation_name(place), operations_[place]);
        count -= operations_[place];
      }
    }
    if (count > 0) {
      out.emplace_back(rows[i].function.name, count);
    }
  }
}

void CallState::finish(Outcome& outcome) {
  Usage& usage = outcome.usage;
  usage.stdout_bytes = captured_.standard_output.size();
  usage.stderr_bytes = captured_.standard_error.size();
  usage.log_bytes = log_bytes_;
  usage.emit_bytes = emit_bytes_;
  usage.random_bytes = random_bytes_;
  if (files_ != nullptr) {
    usage.file_read_bytes = files_->budget().read.used();
    usage.file_write_bytes = files_->budget().write.used();
  }
  if (http_ != nullptr) {
    http_->add_to(usage);
  }
  usage.throttled = watch_.throttled();
  usage.host_calls = host_calls_;
  if (host_calls_ > 0) {
    count_by_name(usage.host_calls_by_name);
  }
  for (Recorded& recorded : violations_) {
    if (recorded.times > 1) {
      recorded.violation.description += fmt::format(" ({} times)", recorded.times);
    }
    outcome.violations.push_back(std::move(recorded.violation));
  }
  if (violations_dropped_ > 0) {
    outcome.violations.push_back({ViolationKind::kCapability, ViolationSeverity::kMedium,
                                  fmt::format("and {} more that are not listed", violations_dropped_)});
  }
  outcome.captured = std::move(captured_);
  outcome.exit_code = exit_code_;
}

std::optional<engine::FaultKind> CallState::on_tick(void* self, const engine::Tick& tick) noexcept {
  auto& state = *static_cast<CallState*>(self);
  const auto ending = state.watch_.tick(tick);
  if (!ending) {
    return std::nullopt;
  }
  state.end(*ending);
  return engine::FaultKind::kStopped;
}

}  // namespace caisson::sandbox
