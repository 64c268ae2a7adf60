#pragma once

#include <atomic>
#include <cstdint>

namespace caisson::sandbox {

/// The memory that the calls of one run hold together.
///
/// Calls tell it at the ticks of their engine: one that is over before its first tick is never counted, and between two
/// ticks a guest can take more.
/// Threads: safe to call concurrently.
class RunMemory {
 public:
  explicit RunMemory(std::uint64_t most_bytes) noexcept : most_(most_bytes) {}

  [[nodiscard]] std::uint64_t most() const noexcept { return most_; }
  /// Of all calls that are running.
  [[nodiscard]] std::uint64_t held() const noexcept { return held_.load(std::memory_order_relaxed); }

  /// What one call holds, given back when it ends.
  ///
  /// Threads: the guest's. Lifetime: one call.
  class Share {
   public:
    /// `memory` may be nullptr: nothing is counted.
    explicit Share(RunMemory* memory) noexcept : memory_(memory) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { (void)hold(0); }

    /// The call holds so much now. False: it took more, and all together hold more than they may.
    [[nodiscard]] bool hold(std::uint64_t bytes) noexcept;

   private:
    RunMemory* memory_;
    std::uint64_t bytes_ = 0;
  };

 private:
  const std::uint64_t most_;
  std::atomic<std::uint64_t> held_{0};
};

}  // namespace caisson::sandbox
