#pragma once

#include "engine/host_function.h"
#include "sandbox/guest.h"
#include "sandbox/internal/guest_memory.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace caisson::sandbox {

/// How a call of a host function is recorded (HostRecorder). A letter for each parameter:
///
///     =  a number                          .  nothing
///     <  where bytes are that it reads     w  a list of buffers that it reads     (the next parameter says how many)
///     s  subscriptions, as many as the parameter after next says
///     >  where it puts bytes: as many as the next parameter says
///     v  ... as its result says            t  ... as the number at the last parameter says
///     r  a list of buffers, e events       as many bytes, events as the number at the last parameter says
///     4 8 F S  where it puts so many bytes, a Fdstat, a Filestat
///
/// All but `v` are put there by a call that returns 0, and by no other. A function of components needs no letters: all
/// of its arguments and results are in engine::ComponentCall.
struct Recording {
  std::string_view shape;
  /// Whether a call with these arguments is done again in a replay; nullptr: none is. Of components: the name that is
  /// an argument, and its length.
  bool (*again)(std::span<const std::uint64_t> arguments, const GuestMemory& memory) noexcept = nullptr;
};

/// A host function, and what it takes to be called.
struct HostRow {
  engine::HostFunction function;
  Family family = Family::kWasi;  ///< what has to be granted for it to be linked
  std::uint32_t fuel = 0;         ///< taken for each call, besides what is taken for bytes
  Recording recording{};
};

/// The tables, each in the file of its functions. A new file is one line in host_registry.cc.
[[nodiscard]] std::span<const HostRow> wasi_environment_rows() noexcept;
[[nodiscard]] std::span<const HostRow> wasi_clock_rows() noexcept;
[[nodiscard]] std::span<const HostRow> wasi_random_rows() noexcept;
[[nodiscard]] std::span<const HostRow> wasi_descriptor_rows() noexcept;
[[nodiscard]] std::span<const HostRow> wasi_path_rows() noexcept;
[[nodiscard]] std::span<const HostRow> wasi_poll_rows() noexcept;
[[nodiscard]] std::span<const HostRow> wasi_process_rows() noexcept;
[[nodiscard]] std::span<const HostRow> wasi_socket_rows() noexcept;
[[nodiscard]] std::span<const HostRow> caisson_rows() noexcept;
[[nodiscard]] std::span<const HostRow> wasi2_clock_rows() noexcept;
[[nodiscard]] std::span<const HostRow> wasi2_stream_rows() noexcept;
[[nodiscard]] std::span<const HostRow> wasi2_cli_rows() noexcept;
[[nodiscard]] std::span<const HostRow> node_rows() noexcept;

inline constexpr std::size_t kMaxHostFunctions = 128;
inline constexpr std::size_t kMaxHostParameters = 12;

/// All of them, those of modules before those of components. A function's place in it is HostCall::index.
[[nodiscard]] std::span<const HostRow> host_rows() noexcept;

/// The row of an import, or nullptr. A component may import another version of an interface that is compatible, and
/// then the name is with or without `[method]`.
[[nodiscard]] const HostRow* find_host_row(std::string_view module, std::string_view name) noexcept;

/// What an import needs; nothing when it is no function of the host.
[[nodiscard]] std::optional<Family> family_of_import(std::string_view module, std::string_view name) noexcept;

}  // namespace caisson::sandbox
