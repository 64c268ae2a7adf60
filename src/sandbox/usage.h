#pragma once

#include <chrono>
#include <cstdint>

namespace caisson::sandbox {

/// What one call used. Filled for failed calls as well.
struct Usage {
  std::chrono::nanoseconds wall{0};
  std::chrono::nanoseconds cpu{0};  ///< of the thread that ran the call
  std::uint64_t fuel = 0;           ///< about one per instruction; 0 when the profile has no fuel
  std::uint64_t memory_bytes = 0;   ///< peak, over all linear memories
  std::uint64_t input_bytes = 0;
  std::uint64_t output_bytes = 0;

  friend bool operator==(const Usage&, const Usage&) = default;
};

}  // namespace caisson::sandbox
