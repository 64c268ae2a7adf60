#pragma once

#include "engine/host_function.h"
#include "net/http_client.h"
#include "observe/observer.h"
#include "sandbox/call_listener.h"
#include "sandbox/host_recorder.h"
#include "sandbox/internal/abi.h"
#include "sandbox/internal/call_watch.h"
#include "sandbox/internal/file_table.h"
#include "sandbox/internal/guest_memory.h"
#include "sandbox/internal/host_registry.h"
#include "sandbox/internal/operations.h"
#include "sandbox/internal/pollables.h"
#include "sandbox/internal/random_source.h"
#include "sandbox/internal/wasi_types.h"
#include "sandbox/outcome.h"
#include "sandbox/policy.h"
#include "sandbox/run_memory.h"
#include "sandbox/run_storage.h"
#include "sandbox/secrets.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {

/// Descriptors 0 to 2: which are open, and with which rights.
struct StandardStreams {
  static constexpr wasi::Rights kCommon = wasi::kFdFilestatGet | wasi::kFdFdstatSetFlags | wasi::kPollFdReadwrite;

  std::array<bool, 3> open = {true, true, true};
  std::array<wasi::FdFlags, 3> flags{};
  std::array<wasi::Rights, 3> rights = {kCommon | wasi::kFdRead, kCommon | wasi::kFdWrite, kCommon | wasi::kFdWrite};
};

class HttpCalls;

/// What HTTP is made with. Borrowed for the call.
struct HttpHost {
  const net::HttpClient* client = nullptr;  ///< nullptr: there is no HTTP
  const Secrets* secrets = nullptr;         ///< nullptr: there are none
  observe::Observer* observer = nullptr;    ///< told of every decision
};

/// One running call as host functions see it: what it was granted, what it has used, and how it ends.
///
/// Threads: the guest's only. Lifetime: one call; what it refers to outlives it.
class CallState {
 public:
  struct Options {
    const Policy* policy = nullptr;
    const base::Environment* environment = nullptr;
    const std::stop_token* stop = nullptr;
    const std::atomic<bool>* killed = nullptr;
    std::chrono::steady_clock::time_point begin{};
    observe::Observer* observer = nullptr;  ///< told of each host call, if it wants to be
    HostRecorder* recorder = nullptr;       ///< sees the host calls, and may answer them
    CallListener* listener = nullptr;       ///< hears what the guest tells
    RunStorage* storage = nullptr;          ///< of the run; nullptr: `kv` keeps nothing and says so
    RunMemory* memory = nullptr;            ///< of the run; nullptr: not limited
    HttpHost http{};
    std::string_view program{};        ///< the first argument
    std::string_view input{};          ///< what standard input is, if that is granted
    std::uint64_t baseline_bytes = 0;  ///< memory that the guest begins with
    std::uint64_t language_bytes = 0;  ///< of an image: what of it the run is not charged with
  };
  explicit CallState(const Options& options);
  CallState(const CallState&) = delete;
  CallState& operator=(const CallState&) = delete;
  ~CallState();

  // ---- what every host function begins and ends with (HostAdapter)

  /// Counts the call and takes its fuel. False: the call has to end.
  [[nodiscard]] bool enter(engine::HostCall& call) noexcept;
  engine::HostVerdict leave(engine::HostCall& call) noexcept;
  [[nodiscard]] HostRecorder* recorder() const noexcept { return options_.recorder; }
  /// How many host calls were made, this one included.
  [[nodiscard]] std::uint64_t host_calls() const noexcept { return host_calls_; }
  /// Fuel that this host call took besides its own.
  [[nodiscard]] std::uint64_t charged() const noexcept { return charged_; }
  /// Whether the call ends when the function returns.
  [[nodiscard]] bool ends() const noexcept { return fault_ || failure_ || exit_code_; }

  // ---- for host functions

  [[nodiscard]] const Limits& limits() const noexcept { return options_.policy->limits; }
  [[nodiscard]] const Grants& grants() const noexcept { return options_.policy->grants; }
  [[nodiscard]] const base::Environment& environment() const noexcept { return *options_.environment; }
  [[nodiscard]] RunStorage* storage() const noexcept { return options_.storage; }
  [[nodiscard]] std::string_view program() const noexcept { return options_.program; }
  [[nodiscard]] CallWatch& watch() noexcept { return watch_; }
  [[nodiscard]] GuestMemory memory() noexcept { return GuestMemory(host_call_->memory()); }

  /// Takes fuel, as such or for `bytes` that are moved or made. False: it is used up, and the call ends when the
  /// function returns.
  [[nodiscard]] bool charge(std::uint64_t fuel) noexcept;
  [[nodiscard]] bool charge_bytes(std::uint64_t bytes) noexcept;

  /// A limit that is reached and ends the call when the function returns. `reason` is without its `sandbox.`.
  void end_at_limit(std::string_view reason, std::string message);
  /// A pointer of the guest leads out of its memory, in a function that has no error code for that.
  void end_with_bad_pointer(std::string_view function, std::uint32_t address, std::uint32_t size);
  /// The guest broke a rule of an interface that has no error code for that; `what` continues "the guest trapped: ".
  void end_with_trap(std::string_view what);
  /// Waiting for the guest gave this.
  void end(Ending ending);
  /// The program ends itself.
  void exit(std::int32_t code) noexcept { exit_code_ = code; }
  void fail_host(std::string_view what) noexcept;

  /// Something that is not granted was asked for: `what` names it (names that a guest chose are escaped by the caller),
  /// `grant` is the line that would allow it. The guest goes on with an error code.
  /// The text for the guest: what it is not granted, and the line that would grant it.
  std::string denied(const std::string& what, std::string_view grant,
                     ViolationSeverity severity = ViolationSeverity::kLow);
  /// Anything else that the policy forbids.
  void record(Violation violation);
  /// A limit that the guest sees as an error code and survives.
  void limited(ViolationKind kind, std::string description);
  /// What the file table refused.
  void refused(const FileRefusal& refusal);

  /// What is left of standard input.
  [[nodiscard]] std::string_view input_left() const noexcept { return options_.input.substr(input_at_); }
  void take_input(std::size_t count) noexcept { input_at_ += count; }

  /// An operation is called; `place` as in operations.h.
  void count_operation(std::size_t place) noexcept {
    operation_ = place;
    ++operations_[place];
  }
  void count_random(std::uint64_t bytes) noexcept { random_bytes_ += bytes; }
  [[nodiscard]] std::uint64_t random_bytes() const noexcept { return random_bytes_; }

  /// Appends to what is captured; ends the call at the limit, with what fits kept. Returns what was taken.
  std::size_t write_stdout(std::string_view bytes);
  std::size_t write_stderr(std::string_view bytes);

  /// Beyond the limit of log bytes lines are only counted.
  void add_log_line(std::uint8_t level, std::string_view text);
  /// False, and nothing added, beyond the limit of emitted bytes.
  [[nodiscard]] bool emit(std::string_view topic, std::string_view bytes);

  /// Nothing when no directory is granted; or when those that are cannot be had, which ends the call.
  [[nodiscard]] FileTable* files();
  [[nodiscard]] StandardStreams& streams() noexcept { return streams_; }
  [[nodiscard]] RandomSource& random();
  [[nodiscard]] HttpCalls& http();
  /// The result of `caisson_v1.call` that the guest has not taken yet.
  [[nodiscard]] std::string& pending() noexcept { return pending_; }
  /// Time as the guest sees it: since 1970, and since the call began.
  [[nodiscard]] std::chrono::nanoseconds wall_clock() noexcept;
  [[nodiscard]] std::chrono::nanoseconds monotonic_clock() noexcept;
  [[nodiscard]] std::chrono::nanoseconds clock_resolution() const noexcept;
  /// Waits as the guest's clock goes: a virtual one jumps. False: the call ends.
  [[nodiscard]] bool wait(std::chrono::nanoseconds time);
  /// What a component waits for.
  [[nodiscard]] Pollables& pollables() noexcept { return pollables_; }
  /// Lets a virtual clock jump; it stands still after a hundred years.
  void advance_clock(std::chrono::nanoseconds by) noexcept;

  // ---- for the executor, after the call

  /// Why the host ended the guest, if it did.
  [[nodiscard]] const std::optional<Failure>& failure() const noexcept { return failure_; }
  [[nodiscard]] const std::optional<std::int32_t>& exit_code() const noexcept { return exit_code_; }
  /// Moves what was captured and recorded into the outcome, and fills its usage.
  void finish(Outcome& outcome);
  /// Replaces the secrets that the call used in all that is left of it.
  void redact(Outcome& outcome) const;

  /// For Instance: on_tick.
  static std::optional<engine::FaultKind> on_tick(void* self, const engine::Tick& tick) noexcept;

 private:
  void tell(const engine::HostCall& call) const;
  /// Without the secrets that the call has used so far.
  [[nodiscard]] std::string redacted(std::string text) const;
  void count_by_name(std::vector<std::pair<std::string_view, std::uint64_t>>& out) const;
  [[nodiscard]] std::size_t capture(std::string_view bytes, std::string& to, std::uint64_t most, std::string_view what);

  Options options_;
  CallWatch watch_;
  engine::HostCall* host_call_ = nullptr;
  std::optional<engine::FaultKind> fault_;  // of the engine: it ends the call by it
  std::optional<Failure> failure_;          // of ours
  std::optional<std::int32_t> exit_code_;
  std::size_t input_at_ = 0;
  Captured captured_;
  struct Recorded {
    Violation violation;
    std::uint64_t times = 0;
  };
  std::vector<Recorded> violations_;
  std::uint64_t violations_dropped_ = 0;
  StandardStreams streams_;
  std::unique_ptr<FileTable> files_;
  Pollables pollables_;
  std::optional<RandomSource> random_;
  std::unique_ptr<HttpCalls> http_;
  std::uint64_t random_bytes_ = 0;
  std::string pending_;
  std::chrono::nanoseconds virtual_time_{0};
  std::uint64_t host_calls_ = 0;
  std::uint64_t charged_ = 0;
  std::uint64_t log_bytes_ = 0;
  std::uint64_t emit_bytes_ = 0;
  std::array<std::uint32_t, kMaxHostFunctions> counts_{};
  std::array<std::uint32_t, kOperations> operations_{};
  std::size_t operation_ = kOperations;  // that the host call is about
};

}  // namespace caisson::sandbox
