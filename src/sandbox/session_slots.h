#pragma once

#include <caisson/result.h>

#include <atomic>
#include <cstddef>
#include <utility>

namespace caisson::sandbox {

/// How many sessions may be alive at once: each keeps an instance, and instances are few.
///
/// Threads: safe to call concurrently. Lifetime: outlives its slots.
class SessionSlots {
 public:
  explicit SessionSlots(std::size_t most) : most_(most) {}
  SessionSlots(const SessionSlots&) = delete;
  SessionSlots& operator=(const SessionSlots&) = delete;
  ~SessionSlots() = default;

  /// The right to one of them, until it is gone.
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(owner_, other.owner_);
      return *this;
    }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot();

   private:
    friend class SessionSlots;
    explicit Slot(SessionSlots* owner) noexcept : owner_(owner) {}
    SessionSlots* owner_ = nullptr;
  };

  /// Errors: resource_exhausted / sandbox.session_limit.
  [[nodiscard]] Result<Slot> take();

 private:
  const std::size_t most_;
  std::atomic<std::size_t> taken_{0};
};

}  // namespace caisson::sandbox
