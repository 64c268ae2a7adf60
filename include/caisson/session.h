#pragma once

#include <caisson/code.h>
#include <caisson/payload.h>
#include <caisson/result.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson {

/// A session of a language, and what it may use and touch over all of its calls.
struct SessionOptions {
  std::string language;  ///< `python`, `javascript`, `lua`, or another name of one of them
  /// All that it may import; nothing: what the language allows by default (docs/guide/code.md).
  std::optional<std::vector<std::string>> imports{};
  /// As behind `--limit`. What is counted is counted over the whole session; `timeout` is of each call.
  std::vector<std::string> limits{};
  /// As behind `--grant`.
  std::vector<std::string> grants{};
  /// Between two calls, before the session ends itself.
  std::chrono::nanoseconds idle = std::chrono::minutes(10);
  /// Seals snapshots, so that bytes that anybody else made are refused; empty: only damage is found.
  std::string snapshot_key{};
};

/// What one call of a session gets.
struct SessionStep {
  std::string code;  ///< UTF-8; its value is that of its last expression, null if there is none
  /// `inputs` of the code from now on, each name once; none: they stay what they were.
  std::vector<std::pair<std::string, Payload>> inputs{};
  std::stop_token stop{};  ///< requested: the call ends within milliseconds, and the session with it
};

/// What the calls of a session used together.
struct SessionUsage {
  struct Row {
    std::string name;   ///< of the limit: `memory`, `cpu` ...
    std::string used;   ///< as behind `--limit`
    std::string limit;  ///< likewise; `unlimited`
  };
  std::uint64_t calls = 0;
  std::chrono::nanoseconds wall{0};
  std::chrono::nanoseconds cpu{0};
  std::uint64_t memory_bytes = 0;  ///< that it has beyond its language, the most until now
  std::vector<Row> limits{};       ///< what is limited over the whole session; times in whole milliseconds
};

/// One sandbox that is kept between calls: variables, functions and imports live on. Made by Runtime::open_session.
///
/// A call that fails with an error of the language leaves the session as it is, with what the code did until then. A
/// call that a limit, a stop or a trap ends takes the session with it, and no other: its memory is dropped, and every
/// call after it fails with failed_precondition / sandbox.session_ended. Whoever wants to go on afterwards calls a
/// fork.
///
/// Threads: safe to call concurrently; a call while another one runs fails with unavailable / sandbox.session_busy.
/// Lifetime: its runtime outlives it.
class Session {
 public:
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// Runs code. Code that fails is an Execution with an error; code whose end is missing has the reason
  /// `code.incomplete`, and did nothing.
  [[nodiscard]] Execution run(const SessionStep& step);

  /// Another session that begins where this one is: variables, what `kv` keeps, and totals. Try a step, and throw it
  /// away. Each of the two may use what was left when it was made, so RuntimeOptions::max_sessions bounds them
  /// together. Errors: sandbox.session_ended, sandbox.session_busy, sandbox.session_limit, sandbox.no_slot.
  [[nodiscard]] Result<std::unique_ptr<Session>> fork();

  /// The session as bytes for Runtime::restore_session: memory, what `kv` keeps, and totals. They hold whatever the
  /// code had in its variables, and no right: those of the session that is restored are its options'. Errors: as
  /// `fork`.
  [[nodiscard]] Result<std::string> snapshot();

  [[nodiscard]] SessionUsage usage() const;

  /// The run of its calls in the audit log and in Runtime::calls.
  [[nodiscard]] const std::string& id() const noexcept;

  /// Whether every further call fails.
  [[nodiscard]] bool ended() const;

  /// Ends it: a call that runs is stopped and waited for.
  void close();

  struct State;

 private:
  friend class Runtime;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace caisson
