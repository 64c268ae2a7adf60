#pragma once

#include "base/digest.h"
#include "base/environment.h"
#include "base/guarded.h"
#include "engine/instance.h"
#include "sandbox/executor.h"
#include "sandbox/guest.h"
#include "sandbox/outcome.h"
#include "sandbox/policy.h"
#include "sandbox/run_storage.h"
#include "sandbox/session_slots.h"

#include <caisson/result.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace caisson::sandbox {

struct Snapshot;

/// What a session is made of, and what its forks take over.
struct SessionSetup {
  const Executor* executor = nullptr;              ///< required
  const base::Environment* environment = nullptr;  ///< required
  std::shared_ptr<const Guest> guest{};            ///< an image; its own code is never run
  Policy policy{};
  base::Digest policy_digest{};
  base::Digest rights{};  ///< names what it may touch: a snapshot is restored only where it is the same
  std::chrono::nanoseconds idle = std::chrono::minutes(10);  ///< between calls, before it ends itself
  std::string key{};              ///< seals snapshots: others' are refused; empty: only damage is found
  SessionSlots* slots = nullptr;  ///< one is taken by each session; nullptr: there may be any number
};

struct SessionTotals {
  std::uint64_t calls = 0;
  Usage usage{};
};

/// One instance of an image that is kept between calls: what code defines is there for the code after it.
///
/// The policy holds for the session as a whole: session_limits are counted over all calls, memory is that of the one
/// instance, and `kv` keeps what it keeps; `timeout` and `idle`, rates, and the sizes of an input and an output are of
/// each call. A call that is ended by a limit, a trap or somebody who asked to stop ends
/// the session, because what it was doing is half done: its memory is dropped at once, and every call after it fails.
/// An error of the language ends nothing.
///
/// Lifetime: everything in the setup outlives it. Threads: safe to call concurrently; one call at a time, any other
/// fails with unavailable / sandbox.session_busy.
class Session {
 public:
  /// `id`: the run of its calls in the audit log and in listings.
  /// Errors: resource_exhausted / sandbox.session_limit; unavailable / sandbox.no_slot; those of a start that fails.
  [[nodiscard]] static Result<std::unique_ptr<Session>> open(SessionSetup setup, std::string id);
  /// The session that `bytes` are a snapshot of, under this setup's limits, with the totals that it had. The bytes may
  /// hold anything, and bring no right along: what the code of a session knows was read with its own.
  /// Errors: those of `open`; data_loss / sandbox.bad_snapshot: not written by a session with this key, or damaged;
  /// failed_precondition / sandbox.other_image, sandbox.other_rights; resource_exhausted / sandbox.memory_limit,
  /// sandbox.storage_limit.
  [[nodiscard]] static Result<std::unique_ptr<Session>> restore(SessionSetup setup, std::string id,
                                                                std::string_view bytes);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// Runs code. Once the session has ended: failed_precondition / sandbox.session_ended, with the reason.
  [[nodiscard]] Outcome call(std::string code, const Payload& request, const std::stop_token& stop);

  /// Another session with the same memory, storage and totals; what happens in one is not seen in the other. Each may
  /// use what was left at that moment: how many there may be is for `slots` to say.
  /// Errors: those of `open`, and of a session that has ended or is busy.
  [[nodiscard]] Result<std::unique_ptr<Session>> fork(std::string id);

  /// Memory, storage and totals as bytes: of the memory, what differs from that of the image. Errors: as `fork`.
  [[nodiscard]] Result<std::string> snapshot();

  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] const Policy& policy() const noexcept { return setup_.policy; }
  [[nodiscard]] SessionTotals totals() const;
  /// What `kv` keeps now.
  [[nodiscard]] std::uint64_t storage_bytes() const { return storage_.bytes(); }

  /// Whether every further call fails; not while one runs.
  [[nodiscard]] bool ended() const;

  /// Ends it: a call that runs is stopped and waited for. Nothing when it has ended already.
  void close();

  /// Ends it if it has not been used for its idle time. Gives how long it has left; nothing when it has ended.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> expire();

 private:
  Session(SessionSetup setup, std::string id) : setup_(std::move(setup)), id_(std::move(id)) {}

  [[nodiscard]] Result<std::unique_ptr<engine::Instance>> fresh_instance() const;
  void end(std::string why);
  void end_if_idle();
  [[nodiscard]] Status check_origin(const Snapshot& snapshot) const;
  [[nodiscard]] Error ended_error() const;
  [[nodiscard]] Status check_alive();

  const SessionSetup setup_;
  const std::string id_;
  std::stop_source closing_;
  RunStorage storage_;
  base::Guarded<SessionTotals> totals_;

  mutable std::mutex mutex_;                    // held for a call; of the members below
  std::unique_ptr<engine::Instance> instance_;  // nullptr: it has ended
  SessionSlots::Slot slot_;
  std::string why_ended_;
  std::chrono::steady_clock::time_point last_use_;
};

}  // namespace caisson::sandbox
