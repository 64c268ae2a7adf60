#include "document/internal/yaml_scalar.h"

#include "base/unicode.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>

namespace caisson::document::internal {

namespace {

constexpr std::array<std::string_view, 4> kNulls = {"null", "Null", "NULL", "~"};

template <typename... Words>
bool is_one_of(std::string_view text, Words... words) noexcept {
  return ((text == words) || ...);
}

bool is_decimal_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_octal_digit(char c) noexcept { return c >= '0' && c <= '7'; }
bool is_hexadecimal_digit(char c) noexcept {
  return is_decimal_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_all(std::string_view text, bool (*matches)(char) noexcept) noexcept {
  return !text.empty() && std::ranges::all_of(text, matches);
}

/// How many decimal digits `text` begins with; removes them.
std::size_t take_digits(std::string_view& text) noexcept {
  const auto end = std::ranges::find_if_not(text, is_decimal_digit);
  const auto count = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(count);
  return count;
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
bool is_number(std::string_view text) noexcept {
  std::size_t digits = take_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits += take_digits(text);
  }
  if (digits == 0) {
    return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) {
      text.remove_prefix(1);
    }
    if (take_digits(text) == 0) {
      return false;
    }
  }
  return text.empty();
}

/// The whole of `text` in that base, or nothing when it does not fit.
std::optional<Value> to_integer(std::string_view text, int base) {
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return result.ec == std::errc() ? std::optional<Value>(value) : std::nullopt;
}

std::optional<Value> to_number(std::string_view text) {
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() ? std::optional<Value>(value) : std::nullopt;
}

}  // namespace

std::optional<Value> resolve_plain_scalar(std::string_view text) {
  if (text.empty() || is_written_null(text)) {
    return Value();
  }
  if (is_one_of(text, "true", "True", "TRUE")) {
    return Value(true);
  }
  if (is_one_of(text, "false", "False", "FALSE")) {
    return Value(false);
  }
  if (text.starts_with("0x") && is_all(text.substr(2), is_hexadecimal_digit)) {
    return to_integer(text.substr(2), 16);
  }
  if (text.starts_with("0o") && is_all(text.substr(2), is_octal_digit)) {
    return to_integer(text.substr(2), 8);
  }
  if (is_one_of(text, ".nan", ".NaN", ".NAN")) {
    return Value(std::numeric_limits<double>::quiet_NaN());
  }
  const bool negative = text.starts_with('-');
  const std::string_view magnitude = text.substr(negative || text.starts_with('+') ? 1 : 0);
  if (is_one_of(magnitude, ".inf", ".Inf", ".INF")) {
    return Value(negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity());
  }
  const std::string_view signed_text = negative ? text : magnitude;  // std::from_chars knows no '+'
  if (is_all(magnitude, is_decimal_digit)) {
    if (auto integer = to_integer(signed_text, 10)) {
      return integer;
    }
    return to_number(signed_text);
  }
  if (is_number(magnitude)) {
    return to_number(signed_text);
  }
  return Value(text);
}

bool is_closed_quote(std::string_view text) noexcept {
  const char quote = text.front();
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || text.substr(at + 1, 1) != "'") {
        return true;
      }
      ++at;  // '' is one quote of a single-quoted string
    }
  }
  return false;
}

std::string repair_escapes(std::string_view text) {
  std::string out;
  while (const auto bad = base::find_invalid_utf8(text)) {
    out += text.substr(0, *bad);
    out += '\xC2';  // U+0085 and U+00A0 are this byte and the one that is there
    out += text[*bad];
    text.remove_prefix(*bad + 1);
  }
  out += text;
  return out;
}

bool is_written_null(std::string_view word) noexcept { return std::ranges::find(kNulls, word) != kNulls.end(); }

}  // namespace caisson::document::internal
