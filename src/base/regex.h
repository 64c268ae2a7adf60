#pragma once

#include <caisson/result.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string_view>

namespace caisson::base {

namespace internal {
struct CompiledPattern;
}

struct RegexFlags {
  bool ignore_case = false;  ///< letters match whatever their case
  bool multiline = false;    ///< `^` and `$` match at every line, not only at the ends of the text
  bool dot_all = false;      ///< `.` matches line ends too
};

/// What one use of a pattern may use up. Some patterns need time that grows exponentially with the text; each of these
/// ends one with an error.
struct RegexLimits {
  std::size_t steps = 50'000'000;                     ///< of matching, counted by the ten thousand; about a second
  std::size_t steps_per_byte = 10;                    ///< of the text, added to `steps`
  std::size_t stack_bytes = 32 << 20;                 ///< of memory for the choices that matching may come back to
  std::size_t back_reference_text_bytes = 128 << 10;  ///< of text for a pattern with `\1`: its comparing is no step
  std::chrono::nanoseconds cpu_time{10'000'000'000};  ///< of the thread; for comparing, too
  std::size_t output_bytes = 64 << 20;                ///< of a replacement
};

/// Whether a pattern is in a text.
struct RegexSearch {
  bool found = false;
  std::size_t steps = 0;  ///< that it took, counted by the ten thousand
};

/// A regular expression. Patterns are ICU's: Perl's syntax, Unicode properties, named groups, bounded look-behind.
///
/// Threads: `search` may be called concurrently.
/// Source: Unicode Technical Standard 18; https://unicode-org.github.io/icu/userguide/strings/regexp.html
class Regex {
 public:
  /// The longest pattern: longer ones can take seconds to compile.
  static constexpr std::size_t kMostPatternBytes = 16 << 10;

  /// Errors: invalid_argument / regex.bad_pattern, which says what is wrong and where.
  [[nodiscard]] static Result<Regex> compile(std::string_view pattern, const RegexFlags& flags = {});

  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  /// Whether it matches anywhere in `text`, which is UTF-8.
  ///
  /// Errors: resource_exhausted / regex.limit when a limit was reached; cancelled / regex.cancelled soon after `stop`;
  /// resource_exhausted / text.too_large over 1 GiB; internal / text.icu.
  [[nodiscard]] Result<RegexSearch> search(std::string_view text, const RegexLimits& limits = {},
                                           const std::stop_token& stop = {}) const;

 private:
  explicit Regex(std::unique_ptr<const internal::CompiledPattern> compiled) noexcept;

  std::unique_ptr<const internal::CompiledPattern> compiled_;
};

}  // namespace caisson::base
