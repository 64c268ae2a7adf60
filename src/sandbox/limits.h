#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace caisson::sandbox {

/// What one call may use. The tightest limit that is reached ends the call; which one it was is in the Outcome. An
/// optional limit that is absent does not limit.
///
/// Sizes are bytes; a memory limit that is not a multiple of 64 KiB lets the guest have the whole pages below it.
struct Limits {
  std::uint64_t memory_bytes = 64ULL << 20;                       ///< over all linear memories
  std::optional<std::uint64_t> memory_growth_bytes_per_second{};  ///< beyond what it had at the start; seen at ticks
  std::uint64_t table_elements = 50'000;                          ///< over all tables
  std::uint32_t instances = 32;                                   ///< core instances that one call of a component makes
  std::uint64_t stack_bytes = 1ULL << 20;                         ///< rounded up to the class of the profile

  std::optional<std::uint64_t> fuel = 100'000'000;              ///< about one per instruction
  std::chrono::nanoseconds timeout = std::chrono::seconds(30);  ///< wall time, the host's share included
  std::optional<std::chrono::nanoseconds> cpu{};                ///< of the thread, seen at ticks of the epoch
  std::optional<double> cpu_percent{};                          ///< share of one core, over windows of 100 ms
  std::optional<std::chrono::nanoseconds> idle{};               ///< the longest single wait in the host

  std::uint64_t input_bytes = 10ULL << 20;
  std::uint64_t output_bytes = 16ULL << 20;  ///< `result`: what the call returns, by whatever way
  std::uint64_t stdout_bytes = 16ULL << 20;
  std::uint64_t stderr_bytes = 1ULL << 20;
  std::uint64_t log_bytes = 1ULL << 20;   ///< of lines, and 64 for each
  std::uint64_t emit_bytes = 1ULL << 20;  ///< of records given to `emit`, and 64 for each
  std::uint64_t kv_bytes = 1ULL << 20;    ///< keys and values that one run keeps, and 64 for each

  std::uint64_t host_calls = 10'000'000;
  std::uint64_t random_bytes = 16ULL << 20;

  std::uint32_t open_files = 64;                ///< `files`: descriptors at once, those of the grants included
  std::uint32_t created_files = 10'000;         ///< files, directories and links
  std::uint64_t file_size_bytes = 64ULL << 20;  ///< that a write may make one file have
  std::uint64_t file_read_bytes = 256ULL << 20;
  std::uint64_t file_write_bytes = 64ULL << 20;
  std::optional<std::uint64_t> file_read_bytes_per_second{};
  std::optional<std::uint64_t> file_write_bytes_per_second{};

  std::uint32_t http_requests = 100;
  std::uint32_t http_connections = 4;
  std::uint64_t http_bytes = 10ULL << 20;  ///< both ways

  friend bool operator==(const Limits&, const Limits&) = default;
};

}  // namespace caisson::sandbox
