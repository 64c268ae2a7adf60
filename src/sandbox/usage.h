#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::sandbox {

/// What one call used. Filled for failed calls as well.
struct Usage {
  std::chrono::nanoseconds wall{0};
  std::chrono::nanoseconds cpu{0};  ///< of the thread; of a call shorter than a tick of the epoch, 5 ms: its wall time
  std::uint64_t fuel = 0;           ///< about one per instruction
  std::uint64_t memory_bytes = 0;   ///< peak, over all linear memories
  std::uint64_t memory_over_baseline_bytes = 0;  ///< of it, beyond what the module starts with

  std::uint64_t input_bytes = 0;
  std::uint64_t output_bytes = 0;
  std::uint64_t stdout_bytes = 0;
  std::uint64_t stderr_bytes = 0;
  std::uint64_t log_bytes = 0;
  std::uint64_t emit_bytes = 0;
  std::uint64_t random_bytes = 0;
  std::uint64_t file_read_bytes = 0;
  std::uint64_t file_write_bytes = 0;
  std::uint64_t http_requests = 0;     ///< that were made, whatever came of them
  std::uint64_t http_connections = 0;  ///< that were opened for them
  std::uint64_t http_sent_bytes = 0;
  std::uint64_t http_received_bytes = 0;
  std::uint64_t host_calls = 0;
  std::chrono::nanoseconds throttled{0};  ///< slept to keep the CPU share
  /// How often each host function was called, those that were, in the order of the registry. The names are static.
  std::vector<std::pair<std::string_view, std::uint64_t>> host_calls_by_name{};

  /// How many requests there were of each kind: `GET https://api.example.com`.
  std::vector<std::pair<std::string, std::uint64_t>> http_requests_by_origin{};

  friend bool operator==(const Usage&, const Usage&) = default;
};

/// Adds what another call used: sums, and the higher of the two where it is memory.
void add_usage(Usage& total, const Usage& more);

}  // namespace caisson::sandbox
