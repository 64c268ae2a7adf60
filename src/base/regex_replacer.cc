#include "base/regex_replacer.h"

#include "base/internal/icu_error.h"
#include "base/unicode.h"

#include <fmt/format.h>
#include <unicode/bytestream.h>
#include <unicode/parseerr.h>
#include <unicode/regex.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace caisson::base {

namespace {

/// A piece of a replacement: text, and then what a group matched, if there is one.
struct Piece {
  std::string text;
  std::optional<std::int32_t> group;
};

icu::UnicodeString to_utf16(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

/// Reads a replacement into pieces.
class ReplacementParser {
 public:
  ReplacementParser(std::string_view text, const icu::RegexPattern& pattern, std::int32_t groups)
      : text_(text), pattern_(pattern), groups_(groups) {}

  Result<std::vector<Piece>> parse() {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\\') {
        if (at_ == text_.size()) {
          return problem("ends in a backslash; write two for one of its own");
        }
        take_plain(text_[at_++]);
      } else if (c == '$') {
        CAISSON_TRY(const std::int32_t group, read_group());
        pieces_.push_back({std::exchange(plain_, {}), group});
      } else {
        take_plain(c);
      }
    }
    pieces_.push_back({std::move(plain_), std::nullopt});
    return std::move(pieces_);
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  void take_plain(char c) { plain_ += c; }

  Error problem(std::string_view what) const {
    return {Category::kInvalidArgument, "regex.bad_replacement",
            fmt::format("the replacement {} (at byte {})", what, at_)};
  }

  /// What stands behind a `$`.
  Result<std::int32_t> read_group() {
    if (at_ < text_.size() && text_[at_] == '{') {
      return read_name();
    }
    if (at_ == text_.size() || !is_digit(text_[at_])) {
      return problem("has a '$' that names no group; write '\\$' for a dollar sign");
    }
    std::int32_t number = text_[at_++] - '0';
    if (number > groups_) {
      return problem(fmt::format("asks for group {}, and the pattern has {}", number, groups_));
    }
    while (at_ < text_.size() && is_digit(text_[at_]) && number * 10 + (text_[at_] - '0') <= groups_) {
      number = number * 10 + (text_[at_++] - '0');
    }
    return number;
  }

  Result<std::int32_t> read_name() {
    const std::size_t end = text_.find('}', at_);
    if (end == std::string_view::npos) {
      return problem("has a '${' without its '}'");
    }
    const std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
    UErrorCode status = U_ZERO_ERROR;
    const std::int32_t group = pattern_.groupNumberFromName(to_utf16(name), status);
    if (U_FAILURE(status) != 0) {
      return problem(fmt::format("asks for a group {}, and the pattern has none of that name", quote(name)));
    }
    at_ = end + 1;
    return group;
  }

  std::string_view text_;
  const icu::RegexPattern& pattern_;
  std::int32_t groups_;
  std::size_t at_ = 0;
  std::string plain_;
  std::vector<Piece> pieces_;
};

std::string_view pattern_problem(UErrorCode code) {
  switch (code) {
    case U_REGEX_BAD_ESCAPE_SEQUENCE:
      return "an escape sequence that is not known";
    case U_REGEX_PROPERTY_SYNTAX:
    case U_ILLEGAL_ARGUMENT_ERROR:
      return "a character property that is not known";
    case U_REGEX_UNIMPLEMENTED:
      return "a feature that is not supported";
    case U_REGEX_MISMATCHED_PAREN:
      return "a parenthesis without its partner";
    case U_REGEX_NUMBER_TOO_BIG:
      return "a number that is too large";
    case U_REGEX_BAD_INTERVAL:
      return "a repetition '{...}' that cannot be read";
    case U_REGEX_MAX_LT_MIN:
      return "a repetition '{n,m}' with m less than n";
    case U_REGEX_INVALID_BACK_REF:
      return "a reference to a group that does not exist";
    case U_REGEX_INVALID_FLAG:
      return "a flag '(?...)' that is not known";
    case U_REGEX_LOOK_BEHIND_LIMIT:
      return "a look-behind of unlimited length";
    case U_REGEX_MISSING_CLOSE_BRACKET:
      return "a '[' without its ']'";
    case U_REGEX_INVALID_RANGE:
      return "a range [x-y] with y before x";
    case U_REGEX_INTERNAL_ERROR:
      return "groups or sets within each other more than a hundred deep";
    case U_REGEX_PATTERN_TOO_BIG:
      return "more than one pattern can hold";
    case U_REGEX_INVALID_CAPTURE_GROUP_NAME:
      return "a group name that is not allowed";
    default:
      return "something that cannot be read";
  }
}

Error bad_pattern(UErrorCode code, const UParseError& where) {
  std::string place;
  if (where.line > 1) {
    place = fmt::format("at line {}, character {}", where.line, where.offset);
  } else {
    place = fmt::format("at character {}", where.offset);
  }
  return {Category::kInvalidArgument, "regex.bad_pattern",
          fmt::format("the pattern has {} ({}, {})", pattern_problem(code), place, u_errorName(code))};
}

/// Whether a pattern may refer back to what a group matched. Errs on the side of yes: `\Q\1\E` counts.
bool may_refer_back(std::string_view pattern) {
  for (std::size_t at = 0; at + 1 < pattern.size(); ++at) {
    if (pattern[at] == '\\') {
      const char escaped = pattern[++at];
      if (escaped == 'k' || (escaped >= '1' && escaped <= '9')) {
        return true;
      }
    }
  }
  return false;
}

/// Watches one replacement while ICU works on it: ICU calls back after every ten thousand steps and after every place
/// at which it looked for a match.
class Watch {
 public:
  Watch(const RegexLimits& limits, const std::stop_token& stop) noexcept
      : stop_(stop), cpu_end_(cpu_time() + limits.cpu_time) {}

  [[nodiscard]] bool timed_out() const noexcept { return timed_out_; }

  static UBool U_CALLCONV after_steps(const void* context, std::int32_t) noexcept {
    return static_cast<const Watch*>(context)->may_go_on(true) ? 1 : 0;
  }
  static UBool U_CALLCONV after_place(const void* context, std::int64_t) noexcept {
    const auto* self = static_cast<const Watch*>(context);
    constexpr std::uint32_t kPlacesPerLook = 32;  // asking for the time costs as much as looking at a few places
    return self->may_go_on(++self->places_ % kPlacesPerLook == 0) ? 1 : 0;
  }

 private:
  static std::chrono::nanoseconds cpu_time() noexcept {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
  }

  bool may_go_on(bool look_at_time) const noexcept {
    if (stop_.stop_requested()) {
      return false;
    }
    timed_out_ = timed_out_ || (look_at_time && cpu_time() > cpu_end_);
    return !timed_out_;
  }

  const std::stop_token& stop_;
  std::chrono::nanoseconds cpu_end_;
  // ICU hands the context back as const.
  mutable std::uint32_t places_ = 0;
  mutable bool timed_out_ = false;
};

Error limit_error(std::string_view what) {
  return {Category::kResourceExhausted, "regex.limit",
          fmt::format("the regular expression {}; make it simpler, or its input shorter", what)};
}

/// Why ICU gave up.
Error match_error(UErrorCode status, const Watch& watch) {
  switch (status) {
    case U_REGEX_TIME_OUT:
      return limit_error("takes too many steps on this input");
    case U_REGEX_STACK_OVERFLOW:
      return limit_error("needs too much memory for backtracking on this input");
    case U_REGEX_STOPPED_BY_CALLER:
      return watch.timed_out() ? limit_error("takes too long on this input")
                               : Error{Category::kCancelled, "regex.cancelled", "the replacement was cancelled"};
    default:
      return internal::icu_error("match a regular expression", status);
  }
}

std::int32_t to_int32(std::size_t value) {
  return static_cast<std::int32_t>(std::min<std::size_t>(value, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

struct RegexReplacer::Compiled {
  std::unique_ptr<const icu::RegexPattern> pattern;
  std::vector<Piece> replacement;
  bool refers_back = false;
};

RegexReplacer::RegexReplacer(std::unique_ptr<const Compiled> compiled) noexcept : compiled_(std::move(compiled)) {}
RegexReplacer::RegexReplacer(RegexReplacer&&) noexcept = default;
RegexReplacer& RegexReplacer::operator=(RegexReplacer&&) noexcept = default;
RegexReplacer::~RegexReplacer() = default;

Result<RegexReplacer> RegexReplacer::compile(std::string_view pattern, std::string_view replacement,
                                             const RegexFlags& flags) {
  if (pattern.size() > kMostPatternBytes) {
    return Error{Category::kInvalidArgument, "regex.bad_pattern",
                 fmt::format("the pattern has {} bytes; at most {} are allowed", pattern.size(), kMostPatternBytes)};
  }
  std::uint32_t icu_flags = 0;
  icu_flags |= flags.ignore_case ? std::uint32_t{UREGEX_CASE_INSENSITIVE} : 0;
  icu_flags |= flags.multiline ? std::uint32_t{UREGEX_MULTILINE} : 0;
  icu_flags |= flags.dot_all ? std::uint32_t{UREGEX_DOTALL} : 0;
  UErrorCode status = U_ZERO_ERROR;
  UParseError where{};
  auto compiled = std::make_unique<Compiled>();
  compiled->pattern.reset(icu::RegexPattern::compile(to_utf16(pattern), icu_flags, where, status));
  if (U_FAILURE(status) != 0) {
    return bad_pattern(status, where);
  }
  compiled->refers_back = may_refer_back(pattern);
  const std::unique_ptr<icu::RegexMatcher> matcher(compiled->pattern->matcher(status));
  if (U_FAILURE(status) != 0) {
    return internal::icu_error("prepare a regular expression", status);
  }
  ReplacementParser parser(replacement, *compiled->pattern, matcher->groupCount());
  CAISSON_TRY(compiled->replacement, parser.parse());
  return RegexReplacer(std::move(compiled));
}

Result<std::string> RegexReplacer::replace_all(std::string_view text, const RegexLimits& limits,
                                               const std::stop_token& stop) const {
  if (auto refused = internal::refuse_too_large(text)) {
    return std::move(*refused);
  }
  if (compiled_->refers_back && text.size() > limits.back_reference_text_bytes) {
    return limit_error(
        fmt::format("refers back to a group, which is allowed for up to {} bytes of text; this input has {}",
                    limits.back_reference_text_bytes, text.size()));
  }
  constexpr std::size_t kStepsPerTick = 10'000;  // what ICU calls a unit of its time limit
  const icu::UnicodeString input = to_utf16(text);
  const Watch watch(limits, stop);
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::RegexMatcher> matcher(compiled_->pattern->matcher(input, status));
  if (U_SUCCESS(status) != 0) {
    matcher->setTimeLimit(to_int32((limits.steps + limits.steps_per_byte * text.size()) / kStepsPerTick + 1), status);
    matcher->setStackLimit(to_int32(limits.stack_bytes), status);
    matcher->setMatchCallback(&Watch::after_steps, &watch, status);
    matcher->setFindProgressCallback(&Watch::after_place, &watch, status);
  }
  if (U_FAILURE(status) != 0) {
    return internal::icu_error("prepare a regular expression", status);
  }
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  const auto append = [&](std::int32_t begin, std::int32_t end) {
    if (begin < end) {
      input.tempSubStringBetween(begin, end).toUTF8(sink);
    }
  };
  std::int32_t done = 0;
  while (matcher->find(status) != 0) {
    append(done, matcher->start(status));
    for (const Piece& piece : compiled_->replacement) {
      out += piece.text;
      if (piece.group) {
        append(matcher->start(*piece.group, status), matcher->end(*piece.group, status));
      }
      if (out.size() > limits.output_bytes) {
        return limit_error(fmt::format("makes more than {} bytes of this input", limits.output_bytes));
      }
    }
    done = matcher->end(status);
  }
  if (U_FAILURE(status) != 0) {
    return match_error(status, watch);
  }
  append(done, input.length());
  if (out.size() > limits.output_bytes) {
    return limit_error(fmt::format("makes more than {} bytes of this input", limits.output_bytes));
  }
  return out;
}

}  // namespace caisson::base
