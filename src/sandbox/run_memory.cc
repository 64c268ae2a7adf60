#include "sandbox/run_memory.h"

#include <utility>

namespace caisson::sandbox {

bool RunMemory::Share::hold(std::uint64_t bytes) noexcept {
  const std::uint64_t before = std::exchange(bytes_, bytes);
  if (memory_ == nullptr || bytes == before) {
    return true;
  }
  if (bytes < before) {
    memory_->held_.fetch_sub(before - bytes, std::memory_order_relaxed);
    return true;
  }
  return memory_->held_.fetch_add(bytes - before, std::memory_order_relaxed) + (bytes - before) <= memory_->most_;
}

}  // namespace caisson::sandbox
