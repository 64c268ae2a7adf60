#include "observe/audit.h"

#include "observe/internal/audit_log.h"
#include "observe/internal/audit_packing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace caisson::observe {

namespace {

/// The longest packed record, generously.
constexpr std::size_t kLeastQueueBytes = 32 << 10;
/// How long the writer lets records gather, so that waking it is not paid for every one of them.
constexpr std::chrono::milliseconds kGather{1};

}  // namespace

struct Audit::State {
  explicit State(AuditOptions given) : options(std::move(given)) {
    const std::size_t bytes = std::max(options.queue_bytes, kLeastQueueBytes);
    waiting.resize(bytes);
    taken.resize(bytes);
  }

  [[nodiscard]] bool urgent() const noexcept { return used > waiting.size() / 2 || flushing > 0 || stopping; }
  void work();
  void write_taken(std::size_t size);
  [[nodiscard]] Status write_records(std::size_t size);
  void check(const Status& status);
  void end_full();
  void close();
  void refuse(Error error);
  void tell(std::string_view why, std::uint64_t lost) const;

  AuditOptions options;
  AuditSystem own_system;
  std::unique_ptr<AuditLog> log;  // of the writer, once it runs
  std::string fields;             // of the writer: of one line
  std::uint64_t added = 0;        // of the writer: records that were given to `log`

  mutable std::mutex mutex;
  std::condition_variable space;   // in `waiting`
  std::condition_variable due;     // something for the writer
  std::condition_variable done;    // `written` or `synced` has grown
  std::vector<std::byte> waiting;  // records, packed, up to `used`
  std::size_t used = 0;
  std::uint64_t appended = 0;
  std::uint64_t written = 0;
  std::uint64_t synced = 0;
  std::uint64_t sync_wanted = 0;
  std::size_t flushing = 0;  // how many wait for `done`
  std::size_t blocked = 0;   // how many wait for `space`
  bool idle = false;         // the writer sleeps until something is due
  bool stopping = false;
  std::optional<Error> failure;

  std::atomic<bool> failed{false};
  std::vector<std::byte> taken;  // of the writer: what it took from `waiting`
  std::thread writer;
};

Result<std::unique_ptr<Audit>> Audit::open(AuditOptions options) {
  auto state = std::make_unique<State>(std::move(options));
  AuditSystem& system = state->options.system != nullptr ? *state->options.system : state->own_system;
  CAISSON_TRY(state->log, AuditLog::open(state->options, system));
  std::unique_ptr<Audit> audit(new Audit(std::move(state)));
  // A signal that is meant for the program must not be handled on this thread, and a limit on the size of files must
  // be an error of write(), not a signal.
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    audit->state_->writer = std::thread([&s = *audit->state_] { s.work(); });
  } catch (const std::system_error& error) {
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return Error{Category::kResourceExhausted, "observe.audit_failed",
                 fmt::format("the system gives no thread for the audit log: {}", error.what())};
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return audit;
}

Audit::Audit(std::unique_ptr<State> state) : state_(std::move(state)) {}

Audit::~Audit() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->stopping = true;
  }
  state_->due.notify_one();
  if (state_->writer.joinable()) {
    state_->writer.join();
  }
}

Status Audit::append(const AuditRecord& record) {
  State& s = *state_;
  const std::size_t size = packed_audit_size(record);
  const auto time = s.options.environment->wall_time();
  std::unique_lock lock(s.mutex);
  while (!s.failure && s.used + size > s.waiting.size()) {
    ++s.blocked;
    s.space.wait(lock);
    --s.blocked;
  }
  if (s.failure) {
    return *s.failure;
  }
  const bool was_urgent = s.urgent();
  pack_audit_record(record, time, std::span(s.waiting).subspan(s.used, size));
  s.used += size;
  ++s.appended;
  const bool wake = s.idle || (!was_urgent && s.urgent());
  s.idle = false;
  lock.unlock();
  if (wake) {
    s.due.notify_one();
  }
  return {};
}

bool Audit::failed() const noexcept { return state_->failed.load(std::memory_order_acquire); }

Status Audit::status() const {
  if (!failed()) {
    return {};
  }
  const std::scoped_lock lock(state_->mutex);
  return state_->failure ? Status(*state_->failure) : Status();
}

Status Audit::flush(Durability durability) {
  State& s = *state_;
  std::unique_lock lock(s.mutex);
  const std::uint64_t target = s.appended;
  if (durability == Durability::kSynced) {
    s.sync_wanted = std::max(s.sync_wanted, target);
  }
  const std::uint64_t& reached = durability == Durability::kSynced ? s.synced : s.written;
  ++s.flushing;
  s.due.notify_one();
  s.done.wait(lock, [&] { return s.failure || reached >= target; });
  --s.flushing;
  return s.failure ? Status(*s.failure) : Status();
}

/// The writer. It sleeps while nothing waits; the first record wakes it, and it takes what has gathered a moment later.
void Audit::State::work() {
  std::unique_lock lock(mutex);
  while (true) {
    const auto something_due = [&] { return used > 0 || stopping || sync_wanted > synced; };
    while (!something_due()) {
      idle = true;
      due.wait(lock);
    }
    idle = false;
    if (!urgent()) {
      due.wait_for(lock, kGather, [&] { return urgent(); });
    }
    if (used == 0 && stopping) {
      break;
    }
    std::swap(waiting, taken);
    const std::size_t size = std::exchange(used, 0);
    const std::uint64_t records = appended;
    const bool sync = sync_wanted > synced;
    if (blocked > 0) {
      space.notify_all();
    }
    lock.unlock();
    write_taken(size);
    if (sync && !failed.load(std::memory_order_relaxed)) {
      check(log->sync());
    }
    lock.lock();
    written = records;
    synced = sync ? records : synced;
    done.notify_all();
  }
  lock.unlock();
  close();
}

void Audit::State::write_taken(std::size_t size) {
  if (!failed.load(std::memory_order_relaxed)) {
    check(write_records(size));
  }
}

Status Audit::State::write_records(std::size_t size) {
  for (std::size_t at = 0; at < size;) {
    fields.clear();
    const UnpackedAudit record = unpack_audit_record(std::span(taken).subspan(at, size - at), fields);
    at += record.size;
    ++added;
    CAISSON_CHECK(log->add("call", record.time, fields));
  }
  return log->write();
}

/// What becomes of the log after it wrote something.
void Audit::State::check(const Status& status) {
  if (!status) {
    refuse({Category::kInternal, "observe.audit_failed",
            fmt::format("the audit log cannot be written, so nothing more is run: {}", status.error().message)});
    std::uint64_t waiting_still = 0;
    {
      const std::scoped_lock lock(mutex);
      waiting_still = appended - added;
    }
    tell(status.error().message, waiting_still + log->lost());
  } else if (log->full()) {
    end_full();
  }
}

/// The disk is full and the reserve in use: what was accepted is written, and that this is the end.
void Audit::State::end_full() {
  refuse({Category::kResourceExhausted, "observe.audit_full",
          fmt::format("the disk of the audit log '{}' is full, so nothing more is run; make room and start again",
                      options.file.native())});
  std::size_t size = 0;
  {
    const std::scoped_lock lock(mutex);  // nothing is added any more
    std::swap(waiting, taken);
    size = std::exchange(used, 0);
  }
  Status status = write_records(size);
  if (status) {
    status = log->add("disk_full", options.environment->wall_time(), {});
  }
  if (status) {
    status = log->write();
  }
  if (status) {
    status = log->sync();
  }
  tell("the disk is full", status ? 0 : log->lost());
}

void Audit::State::close() {
  if (failed.load(std::memory_order_relaxed)) {
    return;
  }
  Status status = log->add("close", options.environment->wall_time(), {});
  if (status) {
    status = log->write();
  }
  if (status && !log->full()) {
    status = log->sync();
  }
  check(status);
}

/// From now on nothing is accepted.
void Audit::State::refuse(Error error) {
  {
    const std::scoped_lock lock(mutex);
    failure = std::move(error);
    failed.store(true, std::memory_order_release);
  }
  space.notify_all();
  done.notify_all();
}

void Audit::State::tell(std::string_view why, std::uint64_t lost) const {
  if (options.observer != nullptr && options.observer->enabled()) {
    const std::array attributes = {Attribute{"why", why}, Attribute{"lost", static_cast<std::int64_t>(lost)}};
    options.observer->on_event({"observe.audit_failed", attributes});
  }
}

Result<std::string> read_audit_key(const base::Environment& environment, const std::filesystem::path& file) {
  constexpr std::size_t kLeast = 16;
  constexpr std::size_t kMost = 4096;
  CAISSON_TRY(std::string key, environment.read_file(file, kMost));
  if (key.size() < kLeast) {
    return Error{Category::kInvalidArgument, "observe.audit_key",
                 fmt::format("'{}' has {} bytes, which is too short for a key: put at least {} random ones into it",
                             file.native(), key.size(), kLeast)};
  }
  return key;
}

std::filesystem::path audit_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return !path.has_filename() || std::filesystem::is_directory(path, ignored) ? path / "audit.jsonl" : path;
}

}  // namespace caisson::observe
