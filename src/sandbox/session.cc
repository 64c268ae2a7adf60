#include "sandbox/session.h"

#include "base/control.h"
#include "sandbox/internal/abi.h"
#include "sandbox/internal/snapshot.h"
#include "sandbox/session_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace caisson::sandbox {

namespace {

constexpr std::string_view kNode = "session";

/// Whether the memory is that of a call that ended where it wanted to.
bool is_whole(const Outcome& outcome) noexcept {
  if (outcome.exit_code) {  // in the middle of its code
    return false;
  }
  return outcome.status == OutcomeStatus::kOk || outcome.status == OutcomeStatus::kGuestError ||
         outcome.status == OutcomeStatus::kDenied || outcome.status == OutcomeStatus::kInvalid;
}

Error busy() { return {Category::kUnavailable, "sandbox.session_busy", "a call of this session is running"}; }

}  // namespace

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
  if (out->setup_.slots != nullptr) {
    CAISSON_TRY(out->slot_, out->setup_.slots->take());
  }
  CAISSON_TRY(out->instance_, out->fresh_instance());
  out->last_use_ = out->setup_.environment->now();
  return out;
}

Result<std::unique_ptr<Session>> Session::restore(SessionSetup setup, std::string id, std::string_view bytes) {
  CAISSON_TRY(const Snapshot snapshot, read_snapshot(bytes, setup.key));
  CAISSON_TRY(std::unique_ptr<Session> out, open(std::move(setup), std::move(id)));
  CAISSON_CHECK(out->check_origin(snapshot));
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
  const std::uint64_t most = out->policy().limits.kv_bytes;
  for (const auto& [key, value] : snapshot.values) {
    if (!out->storage_.set(key, value, most)) {
      return Error{Category::kResourceExhausted, "sandbox.storage_limit",
                   fmt::format("the session keeps more keys and values than the limit of {} bytes allows", most)};
    }
  }
  out->totals_.with([&](SessionTotals& totals) { totals = snapshot.totals; });
  return out;
}

Status Session::check_origin(const Snapshot& snapshot) const {
  if (!base::holds(base::Control::kSnapshotOrigin)) {
    return {};
  }
  const base::Digest& image = setup_.guest->module->info().digest;
  if (!(snapshot.image == image)) {
    return Error{Category::kFailedPrecondition, "sandbox.other_image",
                 fmt::format("the snapshot is of another image, {}; this one is {}: restore it with the version of the "
                             "program that made it",
                             snapshot.image.hex(), image.hex())};
  }
  if (!(snapshot.rights == setup_.rights)) {
    return Error{Category::kFailedPrecondition, "sandbox.other_rights",
                 "the snapshot is of a session with other imports or grants: restore it with the same, so that nothing "
                 "that it knows gets where it could not go"};
  }
  return {};
}

Error Session::ended_error() const {
  return {Category::kFailedPrecondition, "sandbox.session_ended",
          fmt::format("the session has ended: {}; open another one", why_ended_)};
}

void Session::end(std::string why) {
  if (instance_ != nullptr) {
    instance_.reset();
    slot_ = {};
    why_ended_ = std::move(why);
  }
}

void Session::end_if_idle() {
  if (instance_ != nullptr && setup_.environment->now() - last_use_ >= setup_.idle &&
      base::holds(base::Control::kSessionIdle)) {
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
  const Limits& limits = setup_.policy.limits;
  const Policy left{limits_left(limits, totals().usage), setup_.policy.grants};
  outcome = setup_.executor->call(
      guest, request, left, stopped.get_token(),
      {.run = id_, .node = kNode, .policy = &setup_.policy_digest, .storage = &storage_, .instance = instance_.get()});
  last_use_ = setup_.environment->now();
  totals_.with([&](SessionTotals& totals) {
    ++totals.calls;
    add_usage(totals.usage, outcome.usage);
  });
  if (outcome.error) {
    if (std::string message = session_limit_message(outcome.error->reason, limits); !message.empty()) {
      outcome.error->message = std::move(message);
    }
  }
  if (!is_whole(outcome)) {
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
  const auto kept = storage_.entries();
  return write_snapshot({.image = setup_.guest->module->info().digest,
                         .rights = setup_.rights,
                         .memory_bytes = memory.size(),
                         .totals = totals(),
                         .values = {kept.begin(), kept.end()}},
                        memory, fresh->memory(), setup_.key);
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
  const std::chrono::nanoseconds left = setup_.idle - (setup_.environment->now() - last_use_);
  return std::max<std::chrono::nanoseconds>(left, std::chrono::milliseconds(1));
}

}  // namespace caisson::sandbox
