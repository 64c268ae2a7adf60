// WASI preview 1: the end of a program.

#include "sandbox/internal/host_adapter.h"
#include "sandbox/internal/wasi_types.h"

namespace caisson::sandbox {

namespace {

using wasi::Errno;

void proc_exit(CallState& call, std::int32_t code) { call.exit(code); }

/// There are no signals: the specification took the function out, old modules still import it.
Errno proc_raise(CallState& /*call*/, std::uint32_t /*signal*/) { return Errno::kNotsup; }

/// There is one thread.
Errno sched_yield(CallState& /*call*/) { return Errno::kSuccess; }

constexpr std::array kRows = {
    host_row<&proc_exit>(kWasiModule, "proc_exit", Family::kWasi, {"=", &always}),
    host_row<&proc_raise>(kWasiModule, "proc_raise", Family::kWasi, {"="}),
    host_row<&sched_yield>(kWasiModule, "sched_yield", Family::kWasi, {""}),
};

}  // namespace

std::span<const HostRow> wasi_process_rows() noexcept { return kRows; }

}  // namespace caisson::sandbox
