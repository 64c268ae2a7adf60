#include "base/run_with_stack.h"

#include "base/thread_pool.h"

namespace caisson::base {

void run_with_stack(std::size_t stack_bytes, const std::function<void()>& work) {
  // A pool of one: it already knows how to give a thread a stack, and its destructor joins.
  ThreadPool thread({.threads = 1, .stack_bytes = stack_bytes});
  thread.submit([&work] { work(); });
}

}  // namespace caisson::base
