#pragma once

#include <dlfcn.h>

#include <type_traits>

namespace caisson::net {

/// A library of this machine that is loaded when it is first needed. It is never closed: it may have threads and
/// thread-local data of its own.
class SharedLibrary {
 public:
  explicit SharedLibrary(const char* name) noexcept : handle_(dlopen(name, RTLD_NOW | RTLD_LOCAL)) {}

  /// Makes `function`, a pointer to one, that of this name; `complete` is false from then on when there is none.
  template <typename Function>
  void find(Function*& function, const char* name) noexcept {
    static_assert(std::is_function_v<Function>);
    function = handle_ != nullptr ? reinterpret_cast<Function*>(dlsym(handle_, name)) : nullptr;
    complete_ = complete_ && function != nullptr;
  }

  /// Whether everything that was looked for is there.
  [[nodiscard]] bool complete() const noexcept { return complete_; }

 private:
  void* handle_;
  bool complete_ = true;
};

}  // namespace caisson::net
