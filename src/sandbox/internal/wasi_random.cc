// WASI preview 1: random bytes; and what caisson_v1 shares with it.

#include "sandbox/internal/host_adapter.h"
#include "sandbox/internal/random_bytes.h"
#include "sandbox/internal/wasi_types.h"

#include <fmt/format.h>

#include <algorithm>

namespace caisson::sandbox {

namespace {

constexpr std::size_t kPiece = 64U << 10;

}  // namespace

bool charge_random(CallState& call, std::uint64_t size) {
  if (size > call.limits().random_bytes - call.random_bytes()) {
    call.end_at_limit("random_limit", fmt::format("the guest asked for more random bytes than its limit of {}",
                                                  call.limits().random_bytes));
    return false;
  }
  if (!call.charge_bytes(size)) {
    return false;
  }
  call.count_random(size);
  return true;
}

bool fill_random(CallState& call, std::span<std::byte> out) {
  while (!out.empty()) {  // in pieces: megabytes take longer than a deadline may be overrun
    if (const auto ending = call.watch().look()) {
      call.end(*ending);
      return false;
    }
    const auto piece = out.first(std::min(out.size(), kPiece));
    if (const Status filled = call.random().fill(piece); !filled) {
      call.fail_host(filled.error().message);
      return false;
    }
    out = out.subspan(piece.size());
  }
  return true;
}

bool give_random(CallState& call, std::span<std::byte> out) {
  return charge_random(call, out.size()) && fill_random(call, out);
}

namespace {

using wasi::Errno;

Errno random_get(CallState& call, std::uint32_t address, std::uint32_t size) {
  if (call.grants().random == RandomMode::kDenied) {
    call.denied("random bytes", "grants: {random: true}");
    return Errno::kNotcapable;
  }
  const auto place = call.memory().at(address, size);
  if (!place) {
    return Errno::kFault;
  }
  return give_random(call, *place) ? Errno::kSuccess : Errno::kIo;
}

constexpr std::array kRows = {
    host_row<&random_get>(kWasiModule, "random_get", Family::kWasi, {">="}),
};

}  // namespace

std::span<const HostRow> wasi_random_rows() noexcept { return kRows; }

}  // namespace caisson::sandbox
