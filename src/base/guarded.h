#pragma once

#include <mutex>
#include <shared_mutex>
#include <utility>

namespace caisson::base {

/// A value that can only be reached under its lock.
///
/// Threads: any. `with` excludes everybody else; `with_shared` lets other readers in and gives `const T&`.
/// Lifetime: a reference must not leave the function it was given to; what the function returns is copied out.
template <typename T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  template <typename F>
  auto with(F&& f) {
    const std::unique_lock lock(mutex_);
    return std::forward<F>(f)(value_);
  }
  template <typename F>
  auto with_shared(F&& f) const {
    const std::shared_lock lock(mutex_);
    return std::forward<F>(f)(std::as_const(value_));
  }

 private:
  mutable std::shared_mutex mutex_;
  T value_{};
};

}  // namespace caisson::base
