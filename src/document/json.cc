#include "document/internal/builder.h"
#include "document/internal/parse_text.h"
#include "document/internal/text.h"
#include "document/parse.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

namespace caisson::document {

namespace {

using internal::Builder;
using internal::TextIndex;

/// Sees every character that nlohmann's lexer takes, and from them where the latest token begins: the lexer's own
/// events do not tell. Between the first character of a token and its event the lexer looks at most one character
/// ahead, which is of the next token only when that is punctuation, or when the text is wrong.
class Tracker {
 public:
  explicit Tracker(std::string_view text) : text_(text) {}

  [[nodiscard]] const char* begin() const noexcept { return text_.data(); }
  [[nodiscard]] const char* end() const noexcept { return text_.data() + text_.size(); }

  void take(const char* at) noexcept {
    const auto offset = static_cast<std::size_t>(at - text_.data());
    const char c = *at;
    taken_ = offset + 1;
    if (in_string_) {
      in_string_ = escaped_ || c != '"';
      escaped_ = !escaped_ && c == '\\';
      return;
    }
    const bool punctuation = std::string_view("[]{},:").find(c) != std::string_view::npos;
    const bool blank = std::string_view(" \t\r\n").find(c) != std::string_view::npos;
    in_string_ = c == '"';
    if (!blank && (in_string_ || punctuation || !in_word_)) {
      token_ = offset;
    }
    if (c == '[' || c == '{' || in_string_ || (!punctuation && !blank && !in_word_)) {
      value_ = offset;
    }
    in_word_ = !blank && !punctuation && !in_string_;
  }

  /// Where the latest value or name begins.
  [[nodiscard]] std::size_t value() const noexcept { return value_; }
  /// Where the latest token begins, punctuation included.
  [[nodiscard]] std::size_t token() const noexcept { return token_; }
  /// The latest character.
  [[nodiscard]] std::size_t latest() const noexcept { return taken_ == 0 ? 0 : taken_ - 1; }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

 private:
  std::string_view text_;
  std::size_t taken_ = 0;
  std::size_t value_ = 0;
  std::size_t token_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool in_word_ = false;
};

/// The iterator nlohmann reads through.
class Characters {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Characters(const char* at, Tracker& tracker) : at_(at), tracker_(&tracker) {}

  reference operator*() const noexcept { return *at_; }
  Characters& operator++() noexcept {
    tracker_->take(at_++);
    return *this;
  }
  Characters operator++(int) noexcept {
    Characters before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const Characters& a, const Characters& b) noexcept { return a.at_ == b.at_; }

 private:
  const char* at_;
  Tracker* tracker_;
};

/// What is wrong, out of `[...] parse error at line 1, column 2: syntax error while parsing value - WHAT; last read:
/// ...`
std::string_view what_is_wrong(std::string_view message) {
  if (const std::size_t begin = message.find(" - "); begin != std::string_view::npos) {
    message.remove_prefix(begin + 3);
  }
  return message.substr(0, message.find("; last read: "));
}

/// nlohmann expects the end of a list or map where a comma is as good.
std::string_view or_comma(std::string_view wrong) {
  return wrong.ends_with("expected ']'") || wrong.ends_with("expected '}'") ? " or ','" : "";
}

/// Advice about the mistakes people make in JSON by hand. `offset` is where the parser stopped.
std::string_view hint(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) {
    return "";
  }
  const char c = text[offset];
  if (c == '\'') {
    return "; strings are in double quotes";
  }
  if (c == '/' || c == '#') {
    return "; there are no comments in JSON";
  }
  const std::size_t before = offset == 0 ? std::string_view::npos : text.find_last_not_of(" \t\r\n", offset - 1);
  if ((c == ']' || c == '}') && before != std::string_view::npos && text[before] == ',') {
    return "; remove the ',' before it";
  }
  return "";
}

/// nlohmann's events; its parser calls these by name and stops at the first false.
class Handler {
 public:
  Handler(const Tracker& tracker, Builder& builder) : tracker_(tracker), builder_(builder) {}

  bool null() { return scalar(Value(), 0); }
  bool boolean(bool value) { return scalar(value, 0); }
  bool number_integer(std::int64_t value) { return scalar(value, 0); }
  bool number_unsigned(std::uint64_t value) {
    return std::in_range<std::int64_t>(value) ? scalar(static_cast<std::int64_t>(value), 0)
                                              : scalar(static_cast<double>(value), 0);
  }
  bool number_float(double value, const std::string& text) { return scalar(value, text.size()); }
  bool string(std::string& value) {
    const std::size_t bytes = value.size();
    return scalar(std::move(value), bytes);
  }
  bool binary(nlohmann::json::binary_t&) { return false; }  // JSON text has none
  bool key(std::string& name) { return builder_.name(std::move(name), tracker_.value()); }

  bool start_object(std::size_t) { return builder_.begin({tracker_.value(), true, true}); }
  bool start_array(std::size_t) { return builder_.begin({tracker_.value(), false, true}); }
  bool end_object() { return builder_.end(); }
  bool end_array() { return builder_.end(); }

  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& exception) {
    constexpr int kNumberOverflow = 406;
    const std::string_view text = tracker_.text();
    if (exception.id == kNumberOverflow) {
      const std::size_t begin = tracker_.value();
      const std::string_view number = text.substr(begin, word_end(begin) - begin);
      builder_.report(
          "document.number_range", begin,
          fmt::format("number {} is out of range: write a smaller one, or a string", internal::show(number)));
      return false;
    }
    const std::string_view wrong = what_is_wrong(exception.what());
    if (wrong.starts_with("unexpected end of input")) {
      report_end();
      return false;
    }
    const std::size_t offset = place_of(wrong);
    builder_.report(
        "document.syntax", offset,
        fmt::format("this is not JSON: {}{}{}{}", wrong, or_comma(wrong), found_at(offset, wrong), hint(text, offset)));
    return false;
  }

 private:
  bool scalar(Value value, std::size_t bytes) { return builder_.scalar(std::move(value), tracker_.value(), bytes); }

  [[nodiscard]] std::size_t word_end(std::size_t begin) const {
    return std::min(tracker_.text().find_first_of(" \t\r\n,:[]{}\"", begin), tracker_.text().size());
  }

  [[nodiscard]] static bool is_in_string(std::string_view wrong) {
    return wrong.starts_with("invalid string") && !wrong.ends_with("missing closing quote");
  }

  /// Where the mistake is: a character of a string, the begin of a word, else a token the grammar does not allow.
  [[nodiscard]] std::size_t place_of(std::string_view wrong) const {
    if (is_in_string(wrong)) {
      return tracker_.latest();
    }
    const bool is_word = wrong.starts_with("invalid") || wrong.starts_with("unexpected number");
    return is_word ? tracker_.value() : tracker_.token();
  }

  /// The text at the mistake, where `wrong` does not name it.
  [[nodiscard]] std::string found_at(std::size_t offset, std::string_view wrong) const {
    if (is_in_string(wrong)) {
      return " at " + internal::show_character(tracker_.text(), offset);
    }
    if (wrong.starts_with("invalid literal") || wrong.starts_with("invalid number")) {
      return " at " + internal::show(tracker_.text().substr(offset, word_end(offset) - offset));
    }
    return "";
  }

  void report_end() {
    const auto open = builder_.open();
    if (!open) {
      builder_.report("document.syntax", tracker_.text().size(), "the text ends where a value is expected");
      return;
    }
    builder_.report("document.syntax", open->offset,
                    fmt::format("'{}' is never closed: add '{}'", open->is_map ? '{' : '[', open->is_map ? '}' : ']'));
  }

  const Tracker& tracker_;
  Builder& builder_;
};

/// Runs nlohmann's parser, which does not recurse, over the text. What is wrong goes to the problems.
void read(std::string_view text, const TextIndex&, const ParseLimits&, Builder& builder) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    builder.report("document.empty", 0, "there is no value in the text: write one");
    return;
  }
  Tracker tracker(text);
  Handler handler(tracker, builder);
  if (!nlohmann::json::sax_parse(Characters(tracker.begin(), tracker), Characters(tracker.end(), tracker), &handler)) {
    builder.abandon();
  }
}

}  // namespace

Result<Value> parse_json(std::string_view text, std::string_view file, const ParseLimits& limits) {
  return internal::parse_text(text, file, internal::Syntax::kJson, limits, read);
}

bool is_json(std::string_view text) noexcept { return nlohmann::json::accept(text.begin(), text.end()); }

}  // namespace caisson::document
