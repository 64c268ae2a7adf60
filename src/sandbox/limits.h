#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace caisson::sandbox {

/// What one call may use. The tightest limit that is reached ends the call; which one it was is in the Outcome.
///
/// Sizes are bytes; a memory limit that is not a multiple of 64 KiB lets the guest have the whole pages below it.
struct Limits {
  std::uint64_t memory_bytes = 64ULL << 20;                     ///< over all linear memories
  std::optional<std::uint64_t> fuel = 100'000'000;              ///< about one per instruction; nothing: not limited
  std::chrono::nanoseconds timeout = std::chrono::seconds(30);  ///< wall time, the host's share included
  std::uint64_t input_bytes = 10ULL << 20;
  std::uint64_t output_bytes = 16ULL << 20;

  friend bool operator==(const Limits&, const Limits&) = default;
};

}  // namespace caisson::sandbox
