#pragma once

#include "sandbox/limits.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace caisson::sandbox {

/// What one call has used of its limits on files.
class FileBudget {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Bytes that go one way: so many in all, and so many a second.
  class Channel {
   public:
    Channel(std::uint64_t total, std::optional<std::uint64_t> per_second) : total_(total), per_second_(per_second) {}

    /// How much of `wanted` may go at once: what is left, and no more than what a second may have, so that nobody waits
    /// long for one operation.
    [[nodiscard]] std::uint64_t allowed(std::uint64_t wanted) const noexcept {
      return std::min({wanted, total_ - used_, per_second_.value_or(wanted)});
    }
    /// `bytes` went; at most what was allowed.
    void spend(std::uint64_t bytes, Time now) noexcept;
    /// How long the next operation has to wait for the rate.
    [[nodiscard]] std::chrono::nanoseconds wait(Time now) const noexcept;
    [[nodiscard]] std::uint64_t used() const noexcept { return used_; }
    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

   private:
    std::uint64_t total_;
    std::optional<std::uint64_t> per_second_;
    std::uint64_t used_ = 0;
    Time free_at_{};
  };

  explicit FileBudget(const Limits& limits)
      : read(limits.file_read_bytes, limits.file_read_bytes_per_second),
        write(limits.file_write_bytes, limits.file_write_bytes_per_second),
        open_files(limits.open_files),
        created_files(limits.created_files),
        file_size_bytes(limits.file_size_bytes) {}

  Channel read;
  Channel write;
  const std::uint32_t open_files;
  const std::uint32_t created_files;
  const std::uint64_t file_size_bytes;
  std::uint32_t open = 0;
  std::uint32_t created = 0;
};

}  // namespace caisson::sandbox
