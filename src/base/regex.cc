#include "base/internal/icu_regex.h"

#include "base/internal/icu_error.h"

#include <fmt/format.h>
#include <unicode/parseerr.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace caisson::base {

namespace internal {

namespace {

constexpr std::size_t kStepsPerTick = 10'000;  // what ICU calls a unit of its time limit

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

std::int32_t to_int32(std::size_t value) {
  return static_cast<std::int32_t>(std::min<std::size_t>(value, std::numeric_limits<std::int32_t>::max()));
}

std::chrono::nanoseconds cpu_time() noexcept {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

/// Why a text is not looked at.
std::optional<Error> refusal(const CompiledPattern& compiled, std::string_view text, const RegexLimits& limits) {
  if (auto refused = refuse_too_large(text)) {
    return refused;
  }
  if (compiled.refers_back && text.size() > limits.back_reference_text_bytes) {
    return regex_limit_error(
        fmt::format("refers back to a group, which is allowed for up to {} bytes of text; this input has {}",
                    limits.back_reference_text_bytes, text.size()));
  }
  return std::nullopt;
}

}  // namespace

icu::UnicodeString to_utf16(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

Error regex_limit_error(std::string_view what) {
  return {Category::kResourceExhausted, "regex.limit",
          fmt::format("the regular expression {}; make it simpler, or its input shorter", what)};
}

Result<CompiledPattern> compile_pattern(std::string_view pattern, const RegexFlags& flags) {
  if (pattern.size() > Regex::kMostPatternBytes) {
    return Error{
        Category::kInvalidArgument, "regex.bad_pattern",
        fmt::format("the pattern has {} bytes; at most {} are allowed", pattern.size(), Regex::kMostPatternBytes)};
  }
  std::uint32_t icu_flags = 0;
  icu_flags |= flags.ignore_case ? std::uint32_t{UREGEX_CASE_INSENSITIVE} : 0;
  icu_flags |= flags.multiline ? std::uint32_t{UREGEX_MULTILINE} : 0;
  icu_flags |= flags.dot_all ? std::uint32_t{UREGEX_DOTALL} : 0;
  UErrorCode code = U_ZERO_ERROR;
  UParseError where{};
  CompiledPattern out;
  out.pattern.reset(icu::RegexPattern::compile(to_utf16(pattern), icu_flags, where, code));
  if (U_FAILURE(code) != 0) {
    return bad_pattern(code, where);
  }
  out.refers_back = may_refer_back(pattern);
  return out;
}

BoundedSearch::BoundedSearch(const CompiledPattern& compiled, std::string_view text, const RegexLimits& limits,
                             const std::stop_token& stop)
    : refused_(refusal(compiled, text, limits)), stop_(stop), cpu_end_(cpu_time() + limits.cpu_time) {
  if (refused_) {
    return;
  }
  input_ = to_utf16(text);
  matcher_.reset(compiled.pattern->matcher(input_, code_));
  if (U_SUCCESS(code_) != 0) {
    matcher_->setTimeLimit(to_int32((limits.steps + limits.steps_per_byte * text.size()) / kStepsPerTick + 1), code_);
    matcher_->setStackLimit(to_int32(limits.stack_bytes), code_);
    matcher_->setMatchCallback(&BoundedSearch::after_steps, this, code_);
    matcher_->setFindProgressCallback(&BoundedSearch::after_place, this, code_);
  }
}

bool BoundedSearch::next() { return !refused_ && U_SUCCESS(code_) != 0 && matcher_->find(code_) != 0; }

std::int32_t BoundedSearch::start(std::int32_t group) { return matcher_->start(group, code_); }
std::int32_t BoundedSearch::end(std::int32_t group) { return matcher_->end(group, code_); }

std::size_t BoundedSearch::steps() const noexcept { return ticks_ * kStepsPerTick; }

Status BoundedSearch::status() const {
  if (refused_) {
    return *refused_;
  }
  if (U_SUCCESS(code_) != 0) {
    return {};
  }
  switch (code_) {
    case U_REGEX_TIME_OUT:
      return regex_limit_error("takes too many steps on this input");
    case U_REGEX_STACK_OVERFLOW:
      return regex_limit_error("needs too much memory for backtracking on this input");
    case U_REGEX_STOPPED_BY_CALLER:
      return timed_out_ ? regex_limit_error("takes too long on this input")
                        : Error{Category::kCancelled, "regex.cancelled", "the matching was cancelled"};
    default:
      return icu_error("match a regular expression", code_);
  }
}

UBool U_CALLCONV BoundedSearch::after_steps(const void* context, std::int32_t) noexcept {
  const auto* self = static_cast<const BoundedSearch*>(context);
  ++self->ticks_;
  return self->may_go_on(true) ? 1 : 0;
}

UBool U_CALLCONV BoundedSearch::after_place(const void* context, std::int64_t) noexcept {
  const auto* self = static_cast<const BoundedSearch*>(context);
  constexpr std::uint32_t kPlacesPerLook = 32;  // asking for the time costs as much as looking at a few places
  return self->may_go_on(++self->places_ % kPlacesPerLook == 0) ? 1 : 0;
}

bool BoundedSearch::may_go_on(bool look_at_time) const noexcept {
  if (stop_.stop_requested()) {
    return false;
  }
  timed_out_ = timed_out_ || (look_at_time && cpu_time() > cpu_end_);
  return !timed_out_;
}

}  // namespace internal

Regex::Regex(std::unique_ptr<const internal::CompiledPattern> compiled) noexcept : compiled_(std::move(compiled)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view pattern, const RegexFlags& flags) {
  CAISSON_TRY(internal::CompiledPattern compiled, internal::compile_pattern(pattern, flags));
  return Regex(std::make_unique<const internal::CompiledPattern>(std::move(compiled)));
}

Result<RegexSearch> Regex::search(std::string_view text, const RegexLimits& limits, const std::stop_token& stop) const {
  internal::BoundedSearch search(*compiled_, text, limits, stop);
  const bool found = search.next();
  CAISSON_CHECK(search.status());
  return RegexSearch{found, search.steps()};
}

}  // namespace caisson::base
