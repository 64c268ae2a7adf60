#include "workflow/testing/fiber.h"

#include <bit>
#include <cstdint>
#include <utility>

// Of sanitizer/common_interface_defs.h and sanitizer/tsan_interface.h.
#if defined(__SANITIZE_ADDRESS__)
extern "C" void __sanitizer_start_switch_fiber(void** handle, const void* stack,
                                               std::size_t bytes);  // NOLINT(bugprone-reserved-identifier)
extern "C" void __sanitizer_finish_switch_fiber(void* handle, const void** stack,
                                                std::size_t* bytes);  // NOLINT(bugprone-reserved-identifier)
#elif defined(__SANITIZE_THREAD__)
extern "C" void* __tsan_get_current_fiber();                          // NOLINT(bugprone-reserved-identifier)
extern "C" void* __tsan_create_fiber(unsigned flags);                 // NOLINT(bugprone-reserved-identifier)
extern "C" void __tsan_destroy_fiber(void* fiber);                    // NOLINT(bugprone-reserved-identifier)
extern "C" void __tsan_switch_to_fiber(void* fiber, unsigned flags);  // NOLINT(bugprone-reserved-identifier)
#endif

namespace caisson::workflow {

Fiber::Fiber(std::function<void()> task)
    : task_(std::move(task)), stack_(std::make_unique_for_overwrite<std::byte[]>(kStackBytes)) {
  getcontext(&inside_);
  inside_.uc_stack.ss_sp = stack_.get();
  inside_.uc_stack.ss_size = kStackBytes;
  inside_.uc_link = nullptr;
  const auto self = std::bit_cast<std::uintptr_t>(this);  // makecontext hands over nothing wider than an int
  makecontext(&inside_, reinterpret_cast<void (*)()>(&Fiber::entry), 2,  // NOLINT(*-vararg,*-reinterpret-cast)
              static_cast<unsigned>(self >> 32U), static_cast<unsigned>(self));
#if defined(__SANITIZE_THREAD__)
  inside_handle_ = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
#if defined(__SANITIZE_THREAD__)
  __tsan_destroy_fiber(inside_handle_);
#endif
}

void Fiber::entry(unsigned high, unsigned low) {
  auto* const self = std::bit_cast<Fiber*>(static_cast<std::uintptr_t>(high) << 32U | low);
  self->arrived_inside();
  self->task_();
  self->ended_ = true;
  self->switch_to_outside();
}

void Fiber::resume() { switch_to_inside(); }

void Fiber::suspend() {
  switch_to_outside();
  arrived_inside();
}

void Fiber::switch_to_inside() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&outside_handle_, stack_.get(), kStackBytes);
#elif defined(__SANITIZE_THREAD__)
  outside_handle_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(inside_handle_, 0);
#endif
  swapcontext(&outside_, &inside_);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(outside_handle_, nullptr, nullptr);
#endif
}

void Fiber::switch_to_outside() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(ended_ ? nullptr : &inside_handle_, outer_stack_, outer_bytes_);
#elif defined(__SANITIZE_THREAD__)
  __tsan_switch_to_fiber(outside_handle_, 0);
#endif
  swapcontext(&inside_, &outside_);
}

void Fiber::arrived_inside() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(inside_handle_, &outer_stack_, &outer_bytes_);
#endif
}

}  // namespace caisson::workflow
