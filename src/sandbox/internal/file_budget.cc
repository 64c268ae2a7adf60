#include "sandbox/internal/file_budget.h"

namespace caisson::sandbox {

void FileBudget::Channel::spend(std::uint64_t bytes, Time now) noexcept {
  used_ += std::min(bytes, total_ - used_);
  if (per_second_ && *per_second_ > 0) {
    const double seconds = static_cast<double>(bytes) / static_cast<double>(*per_second_);
    free_at_ = std::max(free_at_, now) +
               std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
  }
}

std::chrono::nanoseconds FileBudget::Channel::wait(Time now) const noexcept {
  return std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(free_at_ - now));
}

}  // namespace caisson::sandbox
