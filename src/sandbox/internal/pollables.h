#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace caisson::sandbox {

/// What a component can wait for: a time of its clock, or something that is always ready. A handle that the guest
/// dropped is used again.
class Pollables {
 public:
  static constexpr std::size_t kMost = 10'000;  // at once
  static constexpr std::chrono::nanoseconds kAlways{-1};

  /// Nothing: there are too many.
  [[nodiscard]] std::optional<std::uint32_t> add(std::chrono::nanoseconds due) {
    if (!free_.empty()) {
      const std::uint32_t handle = free_.back();
      free_.pop_back();
      due_[handle] = due;
      return handle;
    }
    if (due_.size() >= kMost) {
      return std::nullopt;
    }
    due_.push_back(due);
    return static_cast<std::uint32_t>(due_.size() - 1);
  }
  /// Wasmtime gives only handles that are alive; any other is always ready.
  [[nodiscard]] std::chrono::nanoseconds due(std::uint64_t handle) const noexcept {
    return handle < due_.size() ? due_[handle] : kAlways;
  }
  void remove(std::uint64_t handle) {
    if (handle < due_.size()) {
      free_.push_back(static_cast<std::uint32_t>(handle));
    }
  }

 private:
  std::vector<std::chrono::nanoseconds> due_;
  std::vector<std::uint32_t> free_;
};

}  // namespace caisson::sandbox
