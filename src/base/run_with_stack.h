#pragma once

#include <cstddef>
#include <functional>

namespace caisson::base {

/// Runs `work` on a new thread with a stack of at least that size and waits for it: for recursion that an ordinary
/// stack does not hold. Costs some tens of microseconds.
///
/// Errors: `work` must not throw. Throws std::system_error when the system gives no thread.
void run_with_stack(std::size_t stack_bytes, const std::function<void()>& work);

}  // namespace caisson::base
