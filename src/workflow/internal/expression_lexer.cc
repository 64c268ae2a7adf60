#include "workflow/internal/expression_lexer.h"

#include "base/encoding.h"
#include "base/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

namespace caisson::workflow {

namespace {

using document::Value;
using Kind = ExpressionToken::Kind;

/// What is in a language that looks like this one, and why it is not here.
struct Forbidden {
  std::string_view text;
  std::string_view why;
};

constexpr std::array kForbiddenSymbols = {
    Forbidden{"${", "templates are not allowed; write the name alone"},
    Forbidden{"{{", "templates are not allowed; write the name alone"},
    Forbidden{"**", "powers are not allowed"},
    Forbidden{"//", "'//' is not allowed"},
    Forbidden{"<<", "operations on bits are not allowed"},
    Forbidden{">>", "operations on bits are not allowed"},
    Forbidden{"&&", "'&&' is not allowed; write 'and'"},
    Forbidden{"||", "'||' is not allowed; write 'or'"},
    Forbidden{"&", "operations on bits are not allowed; for both conditions write 'and'"},
    Forbidden{"|", "operations on bits are not allowed; for one of two conditions write 'or'"},
    Forbidden{"^", "operations on bits are not allowed"},
    Forbidden{"~", "operations on bits are not allowed"},
    Forbidden{":=", "assignments are not allowed"},
    Forbidden{"=", "assignments are not allowed; '==' compares"},
    Forbidden{"!", "'!' is not allowed; write 'not'"},
    Forbidden{"?", "'?' is not allowed; write 'a and b or c'"},
    Forbidden{"{", "maps are not allowed"},
    Forbidden{"}", "'}' is not allowed"},
    Forbidden{",", "lists of values are not allowed"},
    Forbidden{"`", "quotes are ' or \""},
};

constexpr std::array kForbiddenWords = {
    Forbidden{"lambda", "functions are not allowed"},
    Forbidden{"for", "comprehensions are not allowed"},
    Forbidden{"async", "comprehensions are not allowed"},
    Forbidden{"if", "'if' is not allowed; write 'a and b or c'"},
    Forbidden{"else", "'else' is not allowed"},
    Forbidden{"in", "'in' is not allowed"},
    Forbidden{"is", "'is' is not allowed; '==' compares"},
    Forbidden{"await", "'await' is not allowed"},
    Forbidden{"yield", "'yield' is not allowed"},
    Forbidden{"import", "'import' is not allowed"},
};

/// Longest first, so that `<=` is not `<` and `=`.
constexpr std::array<std::string_view, 16> kSymbols = {"==", "!=", "<=", ">=", "<", ">", "+", "-",
                                                       "*",  "/",  "%",  "(",  ")", "[", "]", "."};

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::optional<unsigned> hex_digit(char c) noexcept {
  if (is_digit(c)) {
    return static_cast<unsigned>(c - '0');
  }
  const auto low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? std::optional<unsigned>(static_cast<unsigned>(low - 'a' + 10)) : std::nullopt;
}

}  // namespace

Error rejected_expression(std::string_view why, std::size_t column) {
  return {Category::kInvalidArgument, "workflow.bad_expression",
          fmt::format("rejected expression: {} (column {}); allowed are constants, names, 'and', 'or', 'not', "
                      "comparisons, + - * / % and parentheses",
                      why, column)};
}

bool begins_name(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_name(char c) noexcept { return begins_name(c) || is_digit(c); }

Error ExpressionLexer::rejected(std::string_view why, std::size_t at) const {
  return rejected_expression(why, base::count_code_points(text_.substr(0, at)) + 1);
}

ExpressionToken ExpressionLexer::token(Kind kind, std::size_t begin) const {
  return {kind, text_.substr(begin, at_ - begin), {}, base::count_code_points(text_.substr(0, begin)) + 1};
}

Result<ExpressionToken> ExpressionLexer::next() {
  at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
  const char c = at(at_);
  if (at_ == text_.size()) {
    return token(Kind::kEnd, at_);
  }
  if (is_digit(c) || (c == '.' && is_digit(at(at_ + 1)))) {
    return number();
  }
  if (c == '"' || c == '\'') {
    return string();
  }
  return begins_name(c) ? name() : symbol();
}

Result<ExpressionToken> ExpressionLexer::number() {
  const std::size_t begin = at_;
  const auto digits = [this] {
    const std::size_t from = at_;
    while (is_digit(at(at_))) {
      ++at_;
    }
    return at_ - from;
  };
  const std::size_t whole = digits();
  bool integer = true;
  if (at(at_) == '.') {
    integer = false;
    ++at_;
    digits();
  }
  if (at(at_) == 'e' || at(at_) == 'E') {
    const bool sign = at(at_ + 1) == '+' || at(at_ + 1) == '-';
    if (is_digit(at(at_ + (sign ? 2 : 1)))) {
      integer = false;
      at_ += sign ? 2 : 1;
      digits();
    }
  }
  if (continues_name(at(at_)) || at(at_) == '.') {
    return rejected("a number is not written so; write 12, 1.5 or 1e-3", begin);
  }
  ExpressionToken out = token(Kind::kConstant, begin);
  if (integer) {
    if (whole > 1 && out.text.front() == '0' && out.text.find_first_not_of('0') != std::string_view::npos) {
      return rejected("a number must not begin with 0", begin);
    }
    std::int64_t value = 0;
    if (std::from_chars(out.text.begin(), out.text.end(), value).ec != std::errc()) {
      return rejected("a whole number must fit 64 bits", begin);
    }
    out.constant = Value(value);
    return out;
  }
  double value = 0;
  const auto read = std::from_chars(out.text.begin(), out.text.end(), value);
  if (read.ec == std::errc::result_out_of_range && !std::ranges::any_of(out.text, [](char c) { return c == '-'; })) {
    return rejected("a number is too large", begin);
  }
  out.constant = Value(read.ec == std::errc() ? value : 0.0);  // too small to tell from 0
  return out;
}

Result<ExpressionToken> ExpressionLexer::string() {
  const std::size_t begin = at_;
  const char quote = text_[at_++];
  std::string content;
  while (at_ < text_.size() && text_[at_] != quote) {
    const char c = text_[at_];
    if (c == '\\') {
      CAISSON_CHECK(escape(content));
    } else if (c == '\n' || c == '\r') {
      return rejected("a string must end on its line; a line break is written \\n", begin);
    } else {
      content += c;
      ++at_;
    }
  }
  if (at_ == text_.size()) {
    return rejected("a string is not closed", begin);
  }
  ++at_;
  ExpressionToken out = token(Kind::kConstant, begin);
  out.constant = Value(std::move(content));
  return out;
}

Status ExpressionLexer::escape(std::string& out) {
  constexpr std::string_view kNames = "\\'\"nrtbfva0";
  constexpr std::string_view kMeanings("\\'\"\n\r\t\b\f\v\a\0", 11);
  const std::size_t begin = at_++;
  const char name = at(at_);
  const std::size_t digits = name == 'x' ? 2 : name == 'u' ? 4 : name == 'U' ? 8 : 0;
  const std::size_t known = digits > 0 || at_ == text_.size() ? std::string_view::npos : kNames.find(name);
  ++at_;
  if (known != std::string_view::npos && !(name == '0' && is_digit(at(at_)))) {
    out += kMeanings[known];
    return {};
  }
  std::uint32_t code = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const auto digit = hex_digit(at(at_));
    if (!digit) {
      return rejected(fmt::format("\\{} needs {} digits from 0 to f", name, digits), begin);
    }
    code = code << 4 | *digit;
    ++at_;
  }
  if (digits == 0) {
    return rejected("an escape must be one of \\\\ \\' \\\" \\n \\r \\t \\b \\f \\v \\a \\0 \\xHH \\uHHHH \\UHHHHHHHH",
                    begin);
  }
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
    return rejected("an escape names no character", begin);
  }
  base::append_utf8(out, code);
  return {};
}

Result<ExpressionToken> ExpressionLexer::name() {
  const std::size_t begin = at_;
  while (continues_name(at(at_))) {
    ++at_;
  }
  ExpressionToken out = token(Kind::kName, begin);
  if (at(at_) == '"' || at(at_) == '\'') {
    return rejected(fmt::format("an operator is missing between '{}' and a string", base::shorten(out.text, 64)),
                    begin);
  }
  if (out.text.starts_with("__")) {
    return rejected(
        fmt::format("the name '{}' is not allowed: it begins with two underscores", base::shorten(out.text, 64)),
        begin);
  }
  const auto* const word = std::ranges::find(kForbiddenWords, out.text, &Forbidden::text);
  if (word != kForbiddenWords.end()) {
    return rejected(word->why, begin);
  }
  if (out.text == "True" || out.text == "true" || out.text == "False" || out.text == "false") {
    out.kind = Kind::kConstant;
    out.constant = Value(out.text == "True" || out.text == "true");
  } else if (out.text == "None" || out.text == "null") {
    out.kind = Kind::kConstant;
  }
  return out;
}

Result<ExpressionToken> ExpressionLexer::symbol() {
  const std::string_view rest = text_.substr(at_);
  const auto found = [&](std::string_view symbol) { return rest.starts_with(symbol); };
  const auto* const symbol = std::ranges::find_if(kSymbols, found);
  const auto* const forbidden = std::ranges::find_if(kForbiddenSymbols, found, &Forbidden::text);
  const std::size_t length = symbol != kSymbols.end() ? symbol->size() : 0;
  if (forbidden != kForbiddenSymbols.end() && forbidden->text.size() > length) {
    return rejected(forbidden->why, at_);
  }
  if (length == 0) {
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; };
    const auto* const end = std::ranges::find_if_not(rest.substr(1), continues);
    return rejected(fmt::format("{} is not allowed", base::quote({rest.begin(), end})), at_);
  }
  const std::size_t begin = at_;
  at_ += length;
  return token(Kind::kSymbol, begin);
}

}  // namespace caisson::workflow
