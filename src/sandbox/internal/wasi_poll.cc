// WASI preview 1: waiting, for a time or for a descriptor.

#include "sandbox/internal/descriptors.h"
#include "sandbox/internal/host_adapter.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace caisson::sandbox {

namespace {

using std::chrono::nanoseconds;
using wasi::ClockId;
using wasi::Errno;
using wasi::Event;
using wasi::EventType;
using wasi::Subscription;

constexpr std::uint32_t kMostSubscriptions = 4'096;
constexpr auto kForever = std::chrono::hours(24 * 365);  // longer than any call

/// How long until a clock subscription is due, from now; never negative.
nanoseconds due_in(CallState& call, const Subscription& subscription) {
  const auto timeout = nanoseconds(static_cast<std::int64_t>(
      std::min<std::uint64_t>(subscription.timeout, std::numeric_limits<std::int64_t>::max() / 2)));
  if ((subscription.clock_flags & wasi::kSubclockAbstime) == 0) {
    return std::min<nanoseconds>(timeout, kForever);
  }
  const nanoseconds now = subscription.clock == ClockId::kRealtime ? call.wall_clock() : call.monotonic_clock();
  return std::clamp<nanoseconds>(timeout - now, nanoseconds(0), kForever);
}

/// What a subscription is worth before anything is waited for: an event that is due now, or the time until it is.
struct Outlook {
  std::optional<Event> event;
  nanoseconds in = kForever;
};

Event refused(const Subscription& subscription, EventType type, Errno error) {
  return {.userdata = subscription.userdata, .error = error, .type = type};
}

Outlook look_at_clock(CallState& call, const Subscription& subscription) {
  if (subscription.clock > ClockId::kMonotonic) {
    return {refused(subscription, EventType::kClock, Errno::kInval)};
  }
  if (call.grants().clock == ClockMode::kDenied) {
    call.denied("waiting for a time", "grants: {clock: true}");
    return {refused(subscription, EventType::kClock, Errno::kNotcapable)};
  }
  const nanoseconds in = due_in(call, subscription);
  return in > nanoseconds(0) ? Outlook{std::nullopt, in} : Outlook{refused(subscription, EventType::kClock, {})};
}

/// Files and streams are always ready: nothing of them blocks.
Outlook look_at_descriptor(CallState& call, const Subscription& subscription, EventType type) {
  const bool read = type == EventType::kRead;
  if (!is_open(call, subscription.fd) || (is_stream(subscription.fd) && read != (subscription.fd == kStdin))) {
    return {refused(subscription, type, Errno::kBadf)};
  }
  Event event = refused(subscription, type, Errno::kSuccess);
  if (subscription.fd == kStdin) {
    event.nbytes = call.input_left().size();
    event.flags = event.nbytes == 0 ? wasi::kEventHangup : 0;
  } else {
    event.nbytes = 1;
  }
  return {event};
}

std::optional<Outlook> look_at(CallState& call, const Subscription& subscription) {
  switch (subscription.tag) {
    case static_cast<std::uint8_t>(EventType::kClock):
      return look_at_clock(call, subscription);
    case static_cast<std::uint8_t>(EventType::kRead):
      return look_at_descriptor(call, subscription, EventType::kRead);
    case static_cast<std::uint8_t>(EventType::kWrite):
      return look_at_descriptor(call, subscription, EventType::kWrite);
    default:
      return std::nullopt;
  }
}

Errno poll_oneoff(CallState& call, std::uint32_t in_at, std::uint32_t out_at, std::uint32_t count,
                  std::uint32_t count_at) {
  if (count == 0 || count > kMostSubscriptions) {
    return Errno::kInval;
  }
  const GuestMemory memory = call.memory();
  const auto in = memory.at(in_at, std::uint64_t{count} * wasi::kSubscriptionSize);
  const auto out = memory.at(out_at, std::uint64_t{count} * wasi::kEventSize);
  if (!in || !out || !memory.at(count_at, sizeof(std::uint32_t))) {
    return Errno::kFault;
  }
  if (!call.charge_bytes(in->size())) {
    return Errno::kIo;
  }
  std::vector<Event> events;
  std::vector<std::pair<Subscription, nanoseconds>> later;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto bytes = in->subspan(i * wasi::kSubscriptionSize).first<wasi::kSubscriptionSize>();
    const Subscription subscription = wasi::decode_subscription(bytes);
    const auto outlook = look_at(call, subscription);
    if (!outlook) {
      return Errno::kInval;
    }
    if (outlook->event) {
      events.push_back(*outlook->event);
    } else {
      later.emplace_back(subscription, outlook->in);
    }
  }
  if (events.empty()) {
    const nanoseconds first = std::ranges::min(later, {}, [](const auto& entry) { return entry.second; }).second;
    if (!call.wait(first)) {
      return Errno::kIntr;
    }
    for (const auto& [subscription, time] : later) {
      if (time <= first) {
        events.push_back(refused(subscription, EventType::kClock, Errno::kSuccess));
      }
    }
  }
  for (std::size_t i = 0; i < events.size(); ++i) {
    wasi::encode(events[i], out->subspan(i * wasi::kEventSize).first<wasi::kEventSize>());
  }
  return memory.store(count_at, static_cast<std::uint32_t>(events.size())) ? Errno::kSuccess : Errno::kFault;
}

constexpr std::array kRows = {
    host_row<&poll_oneoff>(kWasiModule, "poll_oneoff", Family::kWasi, {"se=4"}),
};

}  // namespace

std::span<const HostRow> wasi_poll_rows() noexcept { return kRows; }

}  // namespace caisson::sandbox
