// WASI 0.2: clocks, and waiting for them or for streams (wasi:clocks, wasi:io/poll).

#include "sandbox/internal/component_adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <vector>

namespace caisson::sandbox {

namespace {

using engine::ComponentCall;
using std::chrono::nanoseconds;

constexpr std::uint64_t kSecond = 1'000'000'000;

void now(CallState& call, ComponentCall& values) {
  values.numbers[0] = static_cast<std::uint64_t>(call.monotonic_clock().count());
}

void resolution(CallState& call, ComponentCall& values) {
  values.numbers[0] = static_cast<std::uint64_t>(call.clock_resolution().count());
}

void set_datetime(ComponentCall& values, nanoseconds time) {
  const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
  values.numbers = {count / kSecond, count % kSecond};
}

void wall_now(CallState& call, ComponentCall& values) { set_datetime(values, call.wall_clock()); }

void wall_resolution(CallState& call, ComponentCall& values) { set_datetime(values, call.clock_resolution()); }

/// Gives a handle of something that is ready when the guest's clock shows `due`.
void subscribe(CallState& call, ComponentCall& values, nanoseconds due) {
  if (const auto handle = call.pollables().add(due)) {
    values.numbers[0] = *handle;
  } else {
    call.end_at_limit("handle_limit", fmt::format("the guest asked for more than {} pollables", Pollables::kMost));
  }
}

nanoseconds bounded(std::uint64_t time) {
  return nanoseconds(
      static_cast<std::int64_t>(std::min<std::uint64_t>(time, std::numeric_limits<std::int64_t>::max() / 2)));
}

void subscribe_instant(CallState& call, ComponentCall& values) { subscribe(call, values, bounded(values.numbers[0])); }

void subscribe_duration(CallState& call, ComponentCall& values) {
  subscribe(call, values, call.monotonic_clock() + bounded(values.numbers[0]));
}

/// Nothing of a stream blocks.
void subscribe_stream(CallState& call, ComponentCall& values) { subscribe(call, values, Pollables::kAlways); }

/// How long until it is due; the clock is read only for what has a time.
nanoseconds due_in(CallState& call, nanoseconds due) {
  return due == Pollables::kAlways ? nanoseconds(0) : std::max(due - call.monotonic_clock(), nanoseconds(0));
}

void ready(CallState& call, ComponentCall& values) {
  values.numbers[0] = due_in(call, call.pollables().due(values.numbers[0])) == nanoseconds(0) ? 1 : 0;
}

void block(CallState& call, ComponentCall& values) {
  const nanoseconds in = due_in(call, call.pollables().due(values.numbers[0]));
  if (in > nanoseconds(0)) {
    (void)call.wait(in);
  }
}

/// `bytes` are the handles; the result is the places of those that are ready, at least one.
void poll(CallState& call, ComponentCall& values) {
  const std::size_t count = values.bytes.size() / sizeof(std::uint32_t);
  if (count == 0) {
    call.end_with_trap("it polls an empty list, which would never end");
    return;
  }
  if (!call.charge_bytes(values.bytes.size())) {
    return;
  }
  std::vector<nanoseconds> waits;
  waits.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t handle = 0;
    std::memcpy(&handle, values.bytes.data() + i * sizeof handle, sizeof handle);  // little-endian on both sides
    waits.push_back(due_in(call, call.pollables().due(handle)));
  }
  const nanoseconds first = *std::ranges::min_element(waits);
  if (first > nanoseconds(0) && !call.wait(first)) {
    return;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    if (waits[i] <= first) {
      values.result.append(reinterpret_cast<const char*>(&i), sizeof i);
    }
  }
}

void drop_pollable(CallState& call, ComponentCall& values) { call.pollables().remove(values.numbers[0]); }

constexpr std::string_view kMonotonic = "wasi:clocks/monotonic-clock@0.2.0";
constexpr std::string_view kWall = "wasi:clocks/wall-clock@0.2.0";
constexpr std::string_view kPoll = "wasi:io/poll@0.2.0";

constexpr std::array kRows = {
    component_row<&now>(kMonotonic, "now", Family::kClock),
    component_row<&resolution>(kMonotonic, "resolution", Family::kClock),
    component_row<&subscribe_instant>(kMonotonic, "subscribe-instant", Family::kClock),
    component_row<&subscribe_duration>(kMonotonic, "subscribe-duration", Family::kClock),
    component_row<&wall_now>(kWall, "now", Family::kClock),
    component_row<&wall_resolution>(kWall, "resolution", Family::kClock),
    component_row<&ready>(kPoll, "pollable.ready", Family::kWasi),
    component_row<&block>(kPoll, "pollable.block", Family::kWasi),
    component_row<&drop_pollable>(kPoll, "pollable.drop", Family::kWasi),
    component_row<&poll>(kPoll, "poll", Family::kWasi),
    component_row<&subscribe_stream>("wasi:io/streams@0.2.0", "input-stream.subscribe", Family::kWasi),
    component_row<&subscribe_stream>("wasi:io/streams@0.2.0", "output-stream.subscribe", Family::kWasi),
};

}  // namespace

std::span<const HostRow> wasi2_clock_rows() noexcept { return kRows; }

}  // namespace caisson::sandbox
