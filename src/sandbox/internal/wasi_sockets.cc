// WASI preview 1: sockets. A guest is never given one, so no descriptor is one.

#include "sandbox/internal/descriptors.h"
#include "sandbox/internal/host_adapter.h"

namespace caisson::sandbox {

namespace {

using wasi::Errno;

Errno refuse(CallState& call, std::uint32_t fd) { return is_open(call, fd) ? Errno::kNotsock : Errno::kBadf; }

Errno sock_accept(CallState& call, std::uint32_t fd, std::uint32_t /*flags*/, std::uint32_t /*fd_at*/) {
  return refuse(call, fd);
}

Errno sock_recv(CallState& call, std::uint32_t fd, std::uint32_t /*buffers_at*/, std::uint32_t /*count*/,
                std::uint32_t /*flags*/, std::uint32_t /*size_at*/, std::uint32_t /*flags_at*/) {
  return refuse(call, fd);
}

Errno sock_send(CallState& call, std::uint32_t fd, std::uint32_t /*buffers_at*/, std::uint32_t /*count*/,
                std::uint32_t /*flags*/, std::uint32_t /*size_at*/) {
  return refuse(call, fd);
}

Errno sock_shutdown(CallState& call, std::uint32_t fd, std::uint32_t /*how*/) { return refuse(call, fd); }

constexpr std::array kRows = {
    host_row<&sock_accept>(kWasiModule, "sock_accept", Family::kWasi, {"==."}),
    host_row<&sock_recv>(kWasiModule, "sock_recv", Family::kWasi, {"=..=.."}),
    host_row<&sock_send>(kWasiModule, "sock_send", Family::kWasi, {"=..=."}),
    host_row<&sock_shutdown>(kWasiModule, "sock_shutdown", Family::kWasi, {"=="}),
};

}  // namespace

std::span<const HostRow> wasi_socket_rows() noexcept { return kRows; }

}  // namespace caisson::sandbox
