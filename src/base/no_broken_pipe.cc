#include "base/no_broken_pipe.h"

#include <ctime>

#include <pthread.h>

namespace caisson::base {

namespace {

sigset_t broken_pipe() noexcept {
  sigset_t out;
  sigemptyset(&out);
  sigaddset(&out, SIGPIPE);
  return out;
}

bool is_pending() noexcept {
  sigset_t pending;
  sigemptyset(&pending);
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

}  // namespace

NoBrokenPipe::NoBrokenPipe() noexcept : was_pending_(is_pending()) {
  const sigset_t blocked = broken_pipe();
  pthread_sigmask(SIG_BLOCK, &blocked, &before_);
}

NoBrokenPipe::~NoBrokenPipe() {
  if (!was_pending_ && is_pending()) {
    const sigset_t signals = broken_pipe();
    const timespec now{};
    sigtimedwait(&signals, nullptr, &now);
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace caisson::base
