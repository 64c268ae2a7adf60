#pragma once

#include "base/regex.h"

#include <caisson/result.h>

#include <unicode/regex.h>
#include <unicode/unistr.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

namespace caisson::base::internal {

[[nodiscard]] icu::UnicodeString to_utf16(std::string_view text);

struct CompiledPattern {
  std::unique_ptr<const icu::RegexPattern> pattern{};
  bool refers_back = false;  ///< may compare with what a group matched
};

/// Errors: invalid_argument / regex.bad_pattern.
[[nodiscard]] Result<CompiledPattern> compile_pattern(std::string_view pattern, const RegexFlags& flags);

[[nodiscard]] Error regex_limit_error(std::string_view what);

/// Looks for the matches of a pattern in one text, one after the other, under limits.
///
/// Everything it is given outlives it.
class BoundedSearch {
 public:
  BoundedSearch(const CompiledPattern& compiled, std::string_view text, const RegexLimits& limits,
                const std::stop_token& stop);
  BoundedSearch(const BoundedSearch&) = delete;
  BoundedSearch& operator=(const BoundedSearch&) = delete;
  ~BoundedSearch() = default;

  /// Goes to the next match; false: there is none, or `status` has an error.
  [[nodiscard]] bool next();
  /// Why it ended early, as the errors of Regex::search.
  [[nodiscard]] Status status() const;

  [[nodiscard]] const icu::UnicodeString& input() const noexcept { return input_; }
  [[nodiscard]] std::int32_t start(std::int32_t group = 0);
  [[nodiscard]] std::int32_t end(std::int32_t group = 0);
  [[nodiscard]] std::size_t steps() const noexcept;

 private:
  // ICU calls back after every ten thousand steps, and after every place at which it looked for a match.
  static UBool U_CALLCONV after_steps(const void* context, std::int32_t) noexcept;
  static UBool U_CALLCONV after_place(const void* context, std::int64_t) noexcept;
  [[nodiscard]] bool may_go_on(bool look_at_time) const noexcept;

  std::optional<Error> refused_;
  icu::UnicodeString input_;
  const std::stop_token& stop_;
  std::chrono::nanoseconds cpu_end_;
  std::unique_ptr<icu::RegexMatcher> matcher_;
  UErrorCode code_ = U_ZERO_ERROR;
  // ICU hands the context back as const.
  mutable std::size_t ticks_ = 0;
  mutable std::uint32_t places_ = 0;
  mutable bool timed_out_ = false;
};

}  // namespace caisson::base::internal
