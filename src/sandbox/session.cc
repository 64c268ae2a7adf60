#include "sandbox/session.h"

#include "sandbox/internal/abi.h"
#include "sandbox/internal/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace caisson::sandbox {

namespace {

constexpr std::string_view kNode = "session";

template <typename T>
void less(T& limit, T used) {
  limit -= std::min(limit, used);
}

template <typename T>
void less(std::optional<T>& limit, T used) {
  if (limit) {
    less(*limit, used);
  }
}

/// Whether the memory is that of a call that ended where it wanted to.
bool is_whole(OutcomeStatus status) noexcept {
  return status == OutcomeStatus::kOk || status == OutcomeStatus::kGuestError || status == OutcomeStatus::kDenied ||
         status == OutcomeStatus::kInvalid;
}

Error busy() { return {Category::kUnavailable, "sandbox.session_busy", "a call of this session is running"}; }

}  // namespace

Limits limits_left(const Limits& limits, const Usage& used) {
  Limits left = limits;
  less(left.fuel, used.fuel);
  less(left.cpu, used.cpu);
  less(left.stdout_bytes, used.stdout_bytes);
  less(left.stderr_bytes, used.stderr_bytes);
  less(left.log_bytes, used.log_bytes);
  less(left.emit_bytes, used.emit_bytes);
  less(left.host_calls, used.host_calls);
  less(left.random_bytes, used.random_bytes);
  less(left.file_read_bytes, used.file_read_bytes);
  less(left.file_write_bytes, used.file_write_bytes);
  left.http_requests -= static_cast<std::uint32_t>(std::min<std::uint64_t>(left.http_requests, used.http_requests));
  less(left.http_bytes, used.http_sent_bytes);
  less(left.http_bytes, used.http_received_bytes);
  return left;
}

Session::~Session() { close(); }

Result<std::unique_ptr<engine::Instance>> Session::fresh_instance() const {
  const std::stop_token never;
  const Limits& limits = setup_.policy.limits;
  auto instance = std::make_unique<engine::Instance>(
      *setup_.guest->module, limits_of(*setup_.guest, limits, setup_.environment->now() + limits.timeout), never,
      *setup_.environment);
  // An image has no code that runs now: its memory is written back as the initialiser left it.
  const auto fault = instance->start();
  instance->rest();
  if (fault) {
    return to_failure(*fault, limits).error;
  }
  return instance;
}

Result<std::unique_ptr<Session>> Session::open(SessionSetup setup, std::string id) {
  std::unique_ptr<Session> out(new Session(std::move(setup), std::move(id)));
  CAISSON_TRY(out->instance_, out->fresh_instance());
  out->last_use_ = out->setup_.environment->now();
  return out;
}

Result<std::unique_ptr<Session>> Session::restore(SessionSetup setup, std::string id, std::string_view bytes) {
  CAISSON_TRY(const Snapshot snapshot, read_snapshot(bytes, setup.key));
  if (!(snapshot.image == setup.guest->module->info().digest)) {
    return Error{Category::kFailedPrecondition, "sandbox.other_image",
                 fmt::format("the snapshot is of another image, {}; this one is {}: restore it with the version of the "
                             "program that made it",
                             snapshot.image.hex(), setup.guest->module->info().digest.hex())};
  }
  CAISSON_TRY(std::unique_ptr<Session> out, open(std::move(setup), std::move(id)));
  engine::Instance& instance = *out->instance_;
  if (snapshot.memory_bytes < instance.memory().size()) {
    return Error{Category::kDataLoss, "sandbox.bad_snapshot",
                 "these bytes are no snapshot of a session: their memory is smaller than that of their image"};
  }
  if (!instance.grow_memory(snapshot.memory_bytes)) {
    return Error{Category::kResourceExhausted, "sandbox.memory_limit",
                 fmt::format("the session has {} bytes of memory, more than the limit of {} beyond its image allows",
                             snapshot.memory_bytes, out->policy().limits.memory_bytes)};
  }
  const std::span<std::byte> memory = instance.memory();
  for (const Snapshot::Page& page : snapshot.pages) {
    std::memcpy(memory.data() + std::size_t{page.number} * kPageBytes, page.bytes.data(), kPageBytes);
  }
  out->totals_.with([&](SessionTotals& totals) { totals = snapshot.totals; });
  return out;
}

Error Session::ended_error() const {
  return {Category::kFailedPrecondition, "sandbox.session_ended",
          fmt::format("the session has ended: {}; open another one", why_ended_)};
}

void Session::end(std::string why) {
  if (instance_ != nullptr) {
    instance_.reset();
    why_ended_ = std::move(why);
  }
}

void Session::end_if_idle() {
  if (instance_ != nullptr && setup_.environment->now() - last_use_ >= setup_.idle) {
    end(fmt::format("it was not used for {} s", std::chrono::duration_cast<std::chrono::seconds>(setup_.idle).count()));
  }
}

Status Session::check_alive() {
  end_if_idle();
  if (instance_ == nullptr) {
    return ended_error();
  }
  return {};
}

Outcome Session::call(std::string code, const Payload& request, const std::stop_token& stop) {
  Outcome outcome;
  outcome.status = OutcomeStatus::kInvalid;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) {
    outcome.error = busy();
    return outcome;
  }
  if (Status alive = check_alive(); !alive) {
    outcome.error = std::move(alive).error();
    return outcome;
  }
  std::stop_source stopped;
  const auto ask = [&stopped] { stopped.request_stop(); };
  const std::stop_callback by_caller(stop, ask);
  const std::stop_callback by_close(closing_.get_token(), ask);
  Guest guest = *setup_.guest;
  guest.code = std::make_shared<const std::string>(std::move(code));
  const Policy left{limits_left(setup_.policy.limits, totals().usage), setup_.policy.grants};
  outcome = setup_.executor->call(
      guest, request, left, stopped.get_token(),
      {.run = id_, .node = kNode, .policy = &setup_.policy_digest, .storage = &storage_, .instance = instance_.get()});
  last_use_ = setup_.environment->now();
  totals_.with([&](SessionTotals& totals) {
    ++totals.calls;
    add_usage(totals.usage, outcome.usage);
  });
  if (!is_whole(outcome.status)) {
    end(outcome.error ? outcome.error->message : std::string(to_string(outcome.status)));
  }
  return outcome;
}

Result<std::unique_ptr<Session>> Session::fork(std::string id) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) {
    return busy();
  }
  CAISSON_CHECK(check_alive());
  CAISSON_TRY(std::unique_ptr<Session> out, open(setup_, std::move(id)));
  // Between calls the stack is empty and its pointer, a global of the image, where the image has it: memory is all
  // that differs.
  const std::span<const std::byte> memory = instance_->memory();
  if (!out->instance_->grow_memory(memory.size())) {
    return Error{Category::kInternal, "sandbox.host_error", "a fork could not get the memory that its session has"};
  }
  copy_changed(memory, out->instance_->memory());
  out->storage_.assign(storage_);
  out->totals_.with([&](SessionTotals& mine) { mine = totals(); });
  last_use_ = setup_.environment->now();
  return out;
}

Result<std::string> Session::snapshot() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) {
    return busy();
  }
  CAISSON_CHECK(check_alive());
  CAISSON_TRY(const std::unique_ptr<engine::Instance> fresh, fresh_instance());
  const std::span<const std::byte> memory = instance_->memory();
  last_use_ = setup_.environment->now();
  return write_snapshot(
      {.image = setup_.guest->module->info().digest, .memory_bytes = memory.size(), .totals = totals()}, memory,
      fresh->memory(), setup_.key);
}

SessionTotals Session::totals() const {
  return totals_.with_shared([](const SessionTotals& totals) { return totals; });
}

bool Session::ended() const {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  return lock && instance_ == nullptr;
}

void Session::close() {
  closing_.request_stop();
  const std::scoped_lock lock(mutex_);
  end("it was closed");
}

std::optional<std::chrono::nanoseconds> Session::expire() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) {
    return setup_.idle;
  }
  end_if_idle();
  if (instance_ == nullptr) {
    return std::nullopt;
  }
  return setup_.idle - (setup_.environment->now() - last_use_);
}

}  // namespace caisson::sandbox
