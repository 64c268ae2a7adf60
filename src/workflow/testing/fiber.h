#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include <ucontext.h>

namespace caisson::workflow {

/// A function with a stack of its own, which runs when it is told to and can stop in the middle: what is a thread for
/// the code in it, without one.
///
/// Threads: one. Lifetime: what is on the stack of a function that has not ended is not destroyed.
class Fiber {
 public:
#if defined(__SANITIZE_ADDRESS__)
  static constexpr std::size_t kStackBytes = 8 << 20;  // what it adds to frames makes these several times as large
#else
  static constexpr std::size_t kStackBytes = 512 << 10;
#endif

  /// `task` must not throw.
  explicit Fiber(std::function<void()> task);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber();

  /// Goes on with the function until it suspends itself or ends. Called by whoever is no fiber.
  void resume();
  [[nodiscard]] bool ended() const noexcept { return ended_; }

  /// Goes back to who called resume. Called by the function.
  void suspend();

 private:
  static void entry(unsigned high, unsigned low);
  void switch_to_inside();
  void switch_to_outside();
  void arrived_inside();

  std::function<void()> task_;
  std::unique_ptr<std::byte[]> stack_;  // NOLINT(modernize-avoid-c-arrays)
  ucontext_t inside_{};
  ucontext_t outside_{};
  bool ended_ = false;

  // What sanitizers want to know of both stacks.
  const void* outer_stack_ = nullptr;
  std::size_t outer_bytes_ = 0;
  void* inside_handle_ = nullptr;
  void* outside_handle_ = nullptr;
};

}  // namespace caisson::workflow
