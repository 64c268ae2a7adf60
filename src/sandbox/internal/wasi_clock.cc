// WASI preview 1: clocks.

#include "sandbox/internal/host_adapter.h"
#include "sandbox/internal/wasi_types.h"

namespace caisson::sandbox {

namespace {

using wasi::ClockId;
using wasi::Errno;

/// kSuccess when the guest may read this clock. The CPU clocks are not offered, which is `inval` by the specification:
/// they would tell what runs beside it.
Errno check(CallState& call, std::uint32_t clock) {
  if (clock > static_cast<std::uint32_t>(ClockId::kMonotonic)) {
    return Errno::kInval;
  }
  if (call.grants().clock == ClockMode::kDenied) {
    call.denied("the clock", "grants: {clock: true}");
    return Errno::kNotcapable;
  }
  return Errno::kSuccess;
}

Errno clock_res_get(CallState& call, std::uint32_t clock, std::uint32_t resolution_at) {
  if (const Errno refused = check(call, clock); refused != Errno::kSuccess) {
    return refused;
  }
  const auto resolution = static_cast<std::uint64_t>(call.clock_resolution().count());
  return call.memory().store(resolution_at, resolution) ? Errno::kSuccess : Errno::kFault;
}

Errno clock_time_get(CallState& call, std::uint32_t clock, std::uint64_t /*precision*/, std::uint32_t time_at) {
  if (const Errno refused = check(call, clock); refused != Errno::kSuccess) {
    return refused;
  }
  const auto time = static_cast<ClockId>(clock) == ClockId::kRealtime ? call.wall_clock() : call.monotonic_clock();
  return call.memory().store(time_at, static_cast<std::uint64_t>(time.count())) ? Errno::kSuccess : Errno::kFault;
}

constexpr std::array kRows = {
    host_row<&clock_res_get>(kWasiModule, "clock_res_get", Family::kWasi, {"=8"}),
    host_row<&clock_time_get>(kWasiModule, "clock_time_get", Family::kWasi, {"==8"}),
};

}  // namespace

std::span<const HostRow> wasi_clock_rows() noexcept { return kRows; }

}  // namespace caisson::sandbox
