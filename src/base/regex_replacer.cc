#include "base/regex_replacer.h"

#include "base/internal/icu_error.h"
#include "base/internal/icu_regex.h"
#include "base/unicode.h"

#include <fmt/format.h>
#include <unicode/bytestream.h>
#include <unicode/regex.h>

#include <cstdint>
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
    const std::int32_t group = pattern_.groupNumberFromName(internal::to_utf16(name), status);
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

}  // namespace

struct RegexReplacer::Compiled {
  internal::CompiledPattern pattern;
  std::vector<Piece> replacement;
};

RegexReplacer::RegexReplacer(std::unique_ptr<const Compiled> compiled) noexcept : compiled_(std::move(compiled)) {}
RegexReplacer::RegexReplacer(RegexReplacer&&) noexcept = default;
RegexReplacer& RegexReplacer::operator=(RegexReplacer&&) noexcept = default;
RegexReplacer::~RegexReplacer() = default;

Result<RegexReplacer> RegexReplacer::compile(std::string_view pattern, std::string_view replacement,
                                             const RegexFlags& flags) {
  auto compiled = std::make_unique<Compiled>();
  CAISSON_TRY(compiled->pattern, internal::compile_pattern(pattern, flags));
  const icu::RegexPattern& icu_pattern = *compiled->pattern.pattern;
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::RegexMatcher> matcher(icu_pattern.matcher(status));
  if (U_FAILURE(status) != 0) {
    return internal::icu_error("prepare a regular expression", status);
  }
  ReplacementParser parser(replacement, icu_pattern, matcher->groupCount());
  CAISSON_TRY(compiled->replacement, parser.parse());
  return RegexReplacer(std::move(compiled));
}

Result<std::string> RegexReplacer::replace_all(std::string_view text, const RegexLimits& limits,
                                               const std::stop_token& stop) const {
  internal::BoundedSearch search(compiled_->pattern, text, limits, stop);
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  const auto append = [&](std::int32_t begin, std::int32_t end) {
    if (begin < end) {
      search.input().tempSubStringBetween(begin, end).toUTF8(sink);
    }
  };
  const auto too_large = [&]() -> Status {
    return out.size() <= limits.output_bytes ? Status()
                                             : internal::regex_limit_error(fmt::format(
                                                   "makes more than {} bytes of this input", limits.output_bytes));
  };
  std::int32_t done = 0;
  while (search.next()) {
    append(done, search.start());
    for (const Piece& piece : compiled_->replacement) {
      out += piece.text;
      if (piece.group) {
        append(search.start(*piece.group), search.end(*piece.group));
      }
      CAISSON_CHECK(too_large());
    }
    done = search.end();
  }
  CAISSON_CHECK(search.status());
  append(done, search.input().length());
  CAISSON_CHECK(too_large());
  return out;
}

}  // namespace caisson::base
