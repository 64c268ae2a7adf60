// Sessions: code whose sandbox is kept between calls.

#include "sandbox/session.h"

#include "document/print.h"
#include "language/images.h"
#include "runtime/code_calls.h"
#include "runtime/runtime_state.h"
#include "sandbox/policy_print.h"
#include "sandbox/session_limits.h"
#include "workflow/nodes/code.h"

#include <caisson/runtime.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

namespace caisson {

namespace {

/// Any longer time is none, and must not overflow a clock.
constexpr auto kLongestIdle = std::chrono::hours(24 * 365 * 10);

/// A session of the sandbox, and the time after which nobody wants it any more.
class IdleWatch {
 public:
  IdleWatch(base::Timer& timer, sandbox::Session& session) : timer_(timer), session_(session) { look(); }
  IdleWatch(const IdleWatch&) = delete;
  IdleWatch& operator=(const IdleWatch&) = delete;
  ~IdleWatch() {
    base::Timer::Id last = base::Timer::kNone;
    {
      const std::scoped_lock lock(mutex_);
      stopped_ = true;
      last = waiting_;
    }
    timer_.cancel(last);
  }

 private:
  /// Ends the session if it is time, and otherwise looks again when it may be.
  void look() {
    const std::scoped_lock lock(mutex_);
    if (stopped_) {
      return;
    }
    if (const auto left = session_.expire()) {
      waiting_ = timer_.after(*left, [this] { look(); });
    }
  }

  base::Timer& timer_;
  sandbox::Session& session_;
  std::mutex mutex_;
  base::Timer::Id waiting_ = base::Timer::kNone;  // the last look that was asked for
  bool stopped_ = false;
};

Result<std::string> new_id(const base::Environment& environment) {
  CAISSON_TRY(const std::string random, environment.random_bytes(8));
  std::string id = "session-";
  for (const char byte : random) {
    id += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return id;
}

/// What a time is to people: whole milliseconds, none too few.
std::uint64_t rounded(const sandbox::LimitRow& row, std::uint64_t amount) {
  constexpr std::uint64_t kMillisecond = 1'000'000;
  return row.unit == sandbox::Unit::kDuration ? (amount + kMillisecond - 1) / kMillisecond * kMillisecond : amount;
}

/// What names the grants and the imports of a session.
base::Digest rights_of(const sandbox::Policy& policy, const language::Program& program) {
  std::string text = sandbox::digest_of({.limits = {}, .grants = policy.grants}).hex();
  if (program.imports) {
    auto names = document::Value::list();
    for (const std::string& name : *program.imports) {
      names.push(name);
    }
    text += document::to_json(names);
  }
  return base::sha256(text);
}

}  // namespace

struct Session::State {
  State(runtime::Machinery& m, language::Program p, std::unique_ptr<sandbox::Session> s)
      : machinery(m), program(std::move(p)), session(std::move(s)), watch(machinery.timer(), *session) {}

  runtime::Machinery& machinery;
  const language::Program program;
  const std::unique_ptr<sandbox::Session> session;
  IdleWatch watch;
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

Execution Session::run(const SessionStep& step) {
  language::Arguments arguments{.session = true};
  arguments.inputs.reserve(step.inputs.size());
  for (const auto& [name, value] : step.inputs) {
    arguments.inputs.push_back({name, value});
  }
  const Payload request(request_for(state_->program, arguments), Payload::kJson);
  return runtime::execution_of(state_->session->call(step.code, request, step.stop), state_->program);
}

Result<std::unique_ptr<Session>> Session::fork() {
  CAISSON_TRY(std::string id, new_id(state_->machinery.environment()));
  CAISSON_TRY(std::unique_ptr<sandbox::Session> session, state_->session->fork(std::move(id)));
  return std::unique_ptr<Session>(
      new Session(std::make_unique<State>(state_->machinery, state_->program, std::move(session))));
}

Result<std::string> Session::snapshot() { return state_->session->snapshot(); }

SessionUsage Session::usage() const {
  const sandbox::SessionTotals totals = state_->session->totals();
  SessionUsage out{.calls = totals.calls,
                   .wall = totals.usage.wall,
                   .cpu = totals.usage.cpu,
                   .memory_bytes = totals.usage.memory_over_baseline_bytes};
  const auto add = [&](const sandbox::LimitRow& row, std::uint64_t used) {
    out.limits.push_back({std::string(row.key), sandbox::print_limit(row, rounded(row, used)),
                          sandbox::print_limit(row, row.get(state_->session->policy().limits))});
  };
  for (const sandbox::SessionLimit& limit : sandbox::session_limits()) {
    add(*sandbox::find_limit(limit.key), limit.used(totals.usage));
  }
  add(*sandbox::find_limit("kv"), state_->session->storage_bytes());
  return out;
}

const std::string& Session::id() const noexcept { return state_->session->id(); }

bool Session::ended() const { return state_->session->ended(); }

void Session::close() { state_->session->close(); }

Result<std::unique_ptr<Session>> Runtime::open_session(const SessionOptions& options) {
  return make_session(options, std::nullopt);
}

Result<std::unique_ptr<Session>> Runtime::restore_session(const SessionOptions& options, std::string_view bytes) {
  return make_session(options, bytes);
}

Result<std::unique_ptr<Session>> Runtime::make_session(const SessionOptions& options,
                                                       std::optional<std::string_view> bytes) {
  runtime::Machinery& machinery = state_->machinery;
  language::Program program;
  program.imports = options.imports;
  CAISSON_TRY(program.language, runtime::known_language(options.language));
  sandbox::SessionSetup setup{.executor = &machinery.executor(),
                              .environment = &machinery.environment(),
                              .idle = std::min<std::chrono::nanoseconds>(options.idle, kLongestIdle),
                              .key = options.snapshot_key,
                              .slots = &machinery.sessions()};
  CAISSON_TRY(setup.policy,
              runtime::resolve_code_policy(state_->configurations, machinery.environment(), options.limits,
                                           options.grants, workflow::code_defaults(false)));
  setup.policy_digest = sandbox::digest_of(setup.policy);
  setup.rights = rights_of(setup.policy, program);
  CAISSON_TRY(sandbox::Guest guest, machinery.images().bind(program));
  setup.guest = std::make_shared<const sandbox::Guest>(std::move(guest));
  CAISSON_TRY(std::string id, new_id(machinery.environment()));
  CAISSON_TRY(std::unique_ptr<sandbox::Session> session,
              bytes ? sandbox::Session::restore(std::move(setup), std::move(id), *bytes)
                    : sandbox::Session::open(std::move(setup), std::move(id)));
  return std::unique_ptr<Session>(
      new Session(std::make_unique<Session::State>(machinery, std::move(program), std::move(session))));
}

}  // namespace caisson
