#pragma once

#include "base/environment.h"
#include "base/thread_pool.h"
#include "net/http_client.h"
#include "observe/audit.h"
#include "observe/observer.h"
#include "sandbox/call_listener.h"
#include "sandbox/calls.h"
#include "sandbox/guest.h"
#include "sandbox/host_recorder.h"
#include "sandbox/outcome.h"
#include "sandbox/policy.h"
#include "sandbox/run_memory.h"
#include "sandbox/run_storage.h"
#include "sandbox/secrets.h"

#include <stop_token>
#include <string_view>

namespace caisson::engine {
class Instance;
}  // namespace caisson::engine

namespace caisson::sandbox {

/// On whose behalf a call is made. Everything is borrowed for the call.
struct CallContext {
  std::string_view run{};                ///< for listings and the audit
  std::string_view node{};               ///< the same; a program's first argument
  const base::Digest* policy = nullptr;  ///< of the policy, for the audit
  RunStorage* storage = nullptr;         ///< what `kv` works on; nullptr: nothing is kept
  RunMemory* memory = nullptr;           ///< that all calls of the run hold together; nullptr: it is not limited
  engine::Instance* instance = nullptr;  ///< of an image, started, at rest: called and kept; nullptr: a fresh one
  CallListener* listener = nullptr;      ///< hears what the guest tells while it runs
  HostRecorder* recorder = nullptr;      ///< sees this call's host calls, and may answer them; nullptr costs nothing
};

/// Where sandboxes run.
///
/// Threads: safe to call concurrently.
class Executor {
 public:
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;

  /// One isolated call: a fresh instance unless the context has one, the input in, the Outcome out, everything else
  /// gone. Returns within a few milliseconds of the deadline or of `stop`. Whatever the guest does, the process goes
  /// on.
  [[nodiscard]] virtual Outcome call(const Guest& guest, const Payload& input, const Policy& policy,
                                     const std::stop_token& stop, const CallContext& context = {}) const = 0;
};

/// Runs calls in this process, on the calling thread; on a thread of the pool when the caller's stack is too small for
/// the guest's.
///
/// With an audit, a call whose record cannot be accepted is not made, or what it gave is thrown away; the error is that
/// of Audit::status.
/// Events: sandbox.host_call {module, function, operation, node, ends_the_call}, for an observer that wants them;
/// sandbox.call {digest, status, reason, wall_us, cpu_us, fuel, memory_bytes, input_bytes, output_bytes}.
class InlineExecutor final : public Executor {
 public:
  struct Options {
    const base::Environment* environment = nullptr;  ///< required
    base::ThreadPool* pool = nullptr;                ///< required; its threads' stacks hold the largest guest stack
    observe::Observer* observer = nullptr;
    CallRegistry* calls = nullptr;          ///< lists the calls, and lets them be killed
    observe::Audit* audit = nullptr;        ///< a record of each call; when it fails, calls are refused
    const net::HttpClient* http = nullptr;  ///< nullptr: `http.fetch` fails
    const Secrets* secrets = nullptr;       ///< nullptr: there are none
  };
  /// Everything named in `options` outlives the executor.
  explicit InlineExecutor(const Options& options) : options_(options) {}

  [[nodiscard]] Outcome call(const Guest& guest, const Payload& input, const Policy& policy,
                             const std::stop_token& stop, const CallContext& context = {}) const override;

 private:
  [[nodiscard]] Outcome call_here(const Guest& guest, const Payload& input, const Policy& policy,
                                  const std::stop_token& stop, const CallContext& context) const;
  void tell(const Guest& guest, const Outcome& outcome) const;

  Options options_;
};

}  // namespace caisson::sandbox
