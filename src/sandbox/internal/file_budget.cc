#include "sandbox/internal/file_budget.h"

namespace caisson::sandbox {

namespace {

/// Longer than any call: whoever owes more waits no longer for it.
constexpr std::chrono::nanoseconds kLongestDebt = std::chrono::hours(24 * 365);

}  // namespace

void FileBudget::Channel::spend(std::uint64_t bytes, Time now) noexcept {
  used_ += std::min(bytes, total_ - used_);
  if (per_second_ && *per_second_ > 0) {
    const std::chrono::duration<double> cost(static_cast<double>(bytes) / static_cast<double>(*per_second_));
    const auto owed = wait(now);
    // Compared as doubles: a small rate makes a time that no integer holds.
    free_at_ = now + (cost < kLongestDebt - owed ? owed + std::chrono::duration_cast<std::chrono::nanoseconds>(cost)
                                                 : kLongestDebt);
  }
}

std::chrono::nanoseconds FileBudget::Channel::wait(Time now) const noexcept {
  return std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(free_at_ - now));
}

}  // namespace caisson::sandbox
