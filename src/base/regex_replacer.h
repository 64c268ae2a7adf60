#pragma once

#include "base/regex.h"

#include <caisson/result.h>

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace caisson::base {

/// Replaces what a regular expression matches; patterns are those of Regex.
///
/// A replacement is text, except that `$1` and `${name}` stand for what a group matched (`$0` for the whole match) and
/// a backslash makes the character after it plain text. A group number takes as many digits as there are groups for.
///
/// Threads: `replace_all` may be called concurrently.
class RegexReplacer {
 public:
  static constexpr std::size_t kMostPatternBytes = Regex::kMostPatternBytes;

  /// Errors: invalid_argument / regex.bad_pattern and regex.bad_replacement, which say what is wrong and where.
  [[nodiscard]] static Result<RegexReplacer> compile(std::string_view pattern, std::string_view replacement,
                                                     const RegexFlags& flags = {});

  RegexReplacer(RegexReplacer&&) noexcept;
  RegexReplacer& operator=(RegexReplacer&&) noexcept;
  ~RegexReplacer();

  /// `text`, which is UTF-8, with every match replaced, from left to right.
  ///
  /// Errors: resource_exhausted / regex.limit when a limit was reached; cancelled / regex.cancelled soon after `stop`;
  /// resource_exhausted / text.too_large over 1 GiB; internal / text.icu.
  [[nodiscard]] Result<std::string> replace_all(std::string_view text, const RegexLimits& limits = {},
                                                const std::stop_token& stop = {}) const;

 private:
  struct Compiled;
  explicit RegexReplacer(std::unique_ptr<const Compiled> compiled) noexcept;

  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace caisson::base
