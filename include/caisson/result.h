#pragma once

#include <caisson/error.h>

#include <cstdlib>
#include <type_traits>
#include <utility>
#include <variant>

namespace caisson {

namespace detail {
/// Prints `what` and the error to standard error and aborts: somebody asked a failed Result for its value.
[[noreturn]] void fail_access(const Error& error) noexcept;
/// The same when somebody asked a Result that holds a value for its error.
[[noreturn]] void fail_error_access() noexcept;
}  // namespace detail

/// A value or the Error that prevented it. Method names follow std::expected, so that it can replace this one day.
///
/// Errors: asking a failed Result for its value, or a successful one for its error, aborts the process; it is a bug of
/// the caller.
template <typename T>
class [[nodiscard]] Result {
  static_assert(!std::is_reference_v<T> && !std::is_same_v<std::remove_cv_t<T>, Error>);

 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  [[nodiscard]] explicit operator bool() const noexcept { return has_value(); }

  [[nodiscard]] T& value() & {
    require();
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const& {
    require();
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    require();
    return std::move(*std::get_if<0>(&state_));
  }
  [[nodiscard]] T& operator*() & { return value(); }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
  [[nodiscard]] T* operator->() { return &value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }

  template <typename U>
  [[nodiscard]] T value_or(U&& other) && {
    return has_value() ? std::move(*std::get_if<0>(&state_)) : static_cast<T>(std::forward<U>(other));
  }

  /// Only on a failed Result.
  [[nodiscard]] const Error& error() const& {
    require_error();
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] Error& error() & {
    require_error();
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] Error&& error() && {
    require_error();
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  void require() const {
    if (!has_value()) [[unlikely]] {
      detail::fail_access(*std::get_if<1>(&state_));
    }
  }
  void require_error() const {
    if (has_value()) [[unlikely]] {
      detail::fail_error_access();
    }
  }
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error. `return {};` is success.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  [[nodiscard]] explicit operator bool() const noexcept { return has_value(); }
  void value() const {
    if (!has_value()) [[unlikely]] {
      detail::fail_access(*std::get_if<1>(&state_));
    }
  }
  [[nodiscard]] const Error& error() const& {
    require_error();
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] Error& error() & {
    require_error();
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] Error&& error() && {
    require_error();
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  void require_error() const {
    if (has_value()) [[unlikely]] {
      detail::fail_error_access();
    }
  }
  std::variant<std::monostate, Error> state_;
};

using Status = Result<void>;

}  // namespace caisson

#define CAISSON_INTERNAL_CAT2(a, b) a##b
#define CAISSON_INTERNAL_CAT(a, b) CAISSON_INTERNAL_CAT2(a, b)
#define CAISSON_INTERNAL_TRY(tmp, decl, ...) \
  auto tmp = (__VA_ARGS__);                  \
  if (!tmp.has_value()) [[unlikely]] {       \
    return std::move(tmp).error();           \
  }                                          \
  decl = std::move(tmp).value()

/// `CAISSON_TRY(auto module, engine.compile(bytes));` declares `module` or returns the error. One per line.
#define CAISSON_TRY(decl, ...) CAISSON_INTERNAL_TRY(CAISSON_INTERNAL_CAT(caisson_try_, __LINE__), decl, __VA_ARGS__)

/// `CAISSON_CHECK(store.flush());` goes on, or returns the error of a Status.
#define CAISSON_CHECK(...)                                                             \
  do {                                                                                 \
    if (auto caisson_check = (__VA_ARGS__); !caisson_check.has_value()) [[unlikely]] { \
      return std::move(caisson_check).error();                                         \
    }                                                                                  \
  } while (false)
