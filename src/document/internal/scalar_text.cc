#include "document/internal/scalar_text.h"

#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace caisson::document::internal {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// Escapes of one character; JSON has some of them, with the same meaning.
constexpr std::array<std::pair<char, std::string_view>, 20> kEscapes{{
    {'0', std::string_view("\0", 1)},
    {'a', "\a"},
    {'b', "\b"},
    {'t', ""},
    {'\t', ""},
    {'n', ""},
    {'v', "\v"},
    {'f', "\f"},
    {'r', ""},
    {'e', "\x1B"},
    {' ', ""},
    {'"', "\""},
    {'\'', "'"},
    {'/', "/"},
    {'\\', "\\"},
    {'N', "\xC2\x85"},
    {'_', "\xC2\xA0"},
    {'L', "\xE2\x80\xA8"},
    {'P', "\xE2\x80\xA9"},
    {'\n', ""},
}};

constexpr bool is_surrogate(std::uint32_t code) noexcept { return code >= 0xD800 && code < 0xE000; }
constexpr bool is_high_surrogate(std::uint32_t code) noexcept { return code >= 0xD800 && code < 0xDC00; }

}  // namespace

ScalarText::ScalarText(std::string_view text, std::size_t offset) : text_(text), at_(std::min(offset, text.size())) {
  const char first = at_ < text_.size() ? text_[at_] : '\0';
  if (first == '"' || first == '\'') {
    style_ = first == '"' ? Style::kDouble : Style::kSingle;
    ++at_;
  } else if (first == '|' || first == '>') {
    at_ = std::min(text_.find('\n', at_), text_.size());  // the line with the indicators and a comment
  }
}

std::optional<ScalarText::Part> ScalarText::next() {
  while (at_ < text_.size()) {
    const std::size_t offset = at_;
    const char c = text_[at_++];
    if (kBlanks.find(c) != std::string_view::npos) {
      continue;
    }
    if (style_ == Style::kDouble && c == '"') {
      return std::nullopt;
    }
    if (style_ == Style::kSingle && c == '\'' && !text_.substr(at_++).starts_with('\'')) {
      return std::nullopt;  // not one of two, which are one
    }
    if (style_ != Style::kDouble || c != '\\') {
      return Part{std::string(1, c), offset};
    }
    std::optional<std::string> meant = escape();
    if (!meant) {
      return std::nullopt;
    }
    if (!meant->empty()) {
      return Part{*std::move(meant), offset};
    }
  }
  return std::nullopt;
}

std::optional<std::string> ScalarText::escape() {
  const char c = at_ < text_.size() ? text_[at_++] : '\0';
  if (c == '\r') {
    return std::string();  // of an escaped line break
  }
  const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  if (digits == 0) {
    const auto* const known = std::ranges::find(kEscapes, c, &std::pair<char, std::string_view>::first);
    return known == kEscapes.end() ? std::nullopt : std::optional(std::string(known->second));
  }
  std::optional<std::uint32_t> code = hexadecimal(digits);
  if (code && is_high_surrogate(*code) && text_.substr(at_).starts_with("\\u")) {
    at_ += 2;
    const auto low = hexadecimal(4);
    code = low && is_surrogate(*low) && !is_high_surrogate(*low)
               ? std::optional(0x10000 + ((*code - 0xD800) << 10U) + (*low - 0xDC00))
               : std::nullopt;
  }
  if (!code || is_surrogate(*code) || *code > 0x10FFFF) {
    return std::nullopt;
  }
  std::string out;
  base::append_utf8(out, *code);
  return kBlanks.find(out) != std::string_view::npos ? std::string() : out;
}

std::optional<std::uint32_t> ScalarText::hexadecimal(std::size_t digits) {
  const std::string_view written = text_.substr(at_, digits);
  std::uint32_t code = 0;
  const auto [stopped, error] = std::from_chars(written.begin(), written.end(), code, 16);
  if (written.size() != digits || error != std::errc{} || stopped != written.end()) {
    return std::nullopt;
  }
  at_ += digits;
  return code;
}

}  // namespace caisson::document::internal
