#include "base/unicode.h"
#include "document/internal/yaml_scalar.h"
#include "document/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

namespace caisson::document {

namespace {

constexpr std::size_t kShortLine = 80;

/// Words that older YAML takes for booleans.
constexpr std::array<std::string_view, 6> kOldWords = {"y", "n", "yes", "no", "on", "off"};

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_inner(char c) noexcept {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '/' || c == '-' || c == ' ';
}

/// Whether a text means itself without quotes, also in brackets.
bool is_plain(std::string_view text) {
  if (text.empty() || text.size() > kShortLine || !(is_letter(text.front()) || text.front() == '/') ||
      text.back() == ' ' || !std::ranges::all_of(text, is_inner)) {
    return false;
  }
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto meaning = internal::resolve_plain_scalar(lower);
  return meaning && meaning->as_string() != nullptr && std::ranges::find(kOldWords, lower) == kOldWords.end();
}

/// Whether a text can stand in a literal block as it is.
bool is_block(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.front() == ' ' || text.front() == '\n' ||
      text.front() == '\t' || text.ends_with("\n\n")) {
    return false;
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool blank_line = byte == ' ' && (at + 1 == text.size() || text[at + 1] == '\n');
    const bool control = (byte < 0x20 && byte != '\n') || byte == 0x7F;
    // C1 controls, byte order marks and the line breaks of Unicode, by the bytes they begin with.
    const bool special = byte == 0xC2 || byte == 0xEF || byte == 0xE2;
    if (blank_line || control || special) {
      return false;
    }
  }
  return true;
}

class YamlPrinter {
 public:
  std::string print(const Value& value) && {
    if (has_children(value)) {
      children(value, 0);
    } else {
      scalar(value, 0);
      out_ += '\n';
    }
    return std::move(out_);
  }

 private:
  static bool has_children(const Value& value) {
    return (value.as_list() != nullptr && !value.as_list()->empty()) ||
           (value.as_map() != nullptr && !value.as_map()->empty());
  }

  /// A list of words that fits into a line.
  static bool is_short_list(const Value& value) {
    std::size_t size = 0;
    return value.as_list() != nullptr && std::ranges::all_of(*value.as_list(), [&](const Value& item) {
             const std::string* text = item.as_string();
             size += text == nullptr ? 8 : text->size() + 2;
             return size < kShortLine && !has_children(item) && (text == nullptr || is_plain(*text));
           });
  }

  /// The lines of a list or a map, each at `indent`; the first line begins where the output ends.
  void children(const Value& value, std::size_t indent) {
    bool first = true;
    const auto begin_line = [&] {
      if (!first) {
        out_.append(indent, ' ');
      }
      first = false;
    };
    if (const List* list = value.as_list()) {
      for (const Value& item : *list) {
        begin_line();
        out_ += "- ";
        if (has_children(item) && !is_short_list(item)) {
          children(item, indent + 2);
        } else {
          scalar(item, indent + 2);
          end_line();
        }
      }
      return;
    }
    for (const Entry& entry : *value.as_map()) {
      begin_line();
      text(entry.name);
      out_ += ':';
      if (has_children(entry.value) && !is_short_list(entry.value)) {
        out_ += '\n';
        out_.append(indent + 2, ' ');
        children(entry.value, indent + 2);
      } else {
        out_ += ' ';
        scalar(entry.value, indent + 2);
        end_line();
      }
    }
  }

  void end_line() {
    if (!out_.ends_with('\n')) {
      out_ += '\n';
    }
  }

  void scalar(const Value& value, std::size_t indent) {
    if (const std::string* string = value.as_string()) {
      if (indent > 0 && is_block(*string) && base::is_utf8(*string)) {
        block(*string, indent);
      } else {
        text(*string);
      }
    } else if (const double* number = value.as_number(); number != nullptr && !std::isfinite(*number)) {
      out_ += std::isnan(*number) ? ".nan" : *number > 0 ? ".inf" : "-.inf";
    } else if (has_children(value)) {
      out_ += '[';
      const char* separator = "";
      for (const Value& item : *value.as_list()) {
        out_ += separator;
        scalar(item, 0);
        separator = ", ";
      }
      out_ += ']';
    } else {
      out_ += to_json(value);
    }
  }

  void block(std::string_view text, std::size_t indent) {
    const bool ends_line = text.ends_with('\n');
    out_ += ends_line ? "|" : "|-";
    text.remove_suffix(ends_line ? 1 : 0);
    while (true) {
      const std::size_t end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      out_ += '\n';
      if (!line.empty()) {
        out_.append(indent, ' ');
        out_ += line;
      }
      if (end == std::string_view::npos) {
        break;
      }
      text.remove_prefix(end + 1);
    }
    out_ += '\n';
  }

  /// A string or a name, in quotes where it needs them.
  void text(std::string_view text) {
    if (is_plain(text)) {
      out_ += text;
      return;
    }
    // JSON's quoted form is one of YAML's; what JSON lets stand and YAML does not is escaped on top.
    const std::string quoted = to_json(Value(text));
    for (std::size_t at = 0; at < quoted.size(); ++at) {
      const std::string_view rest = std::string_view(quoted).substr(at);
      if (rest.front() == '\x7F') {
        out_ += "\\u007f";
      } else if (rest.size() > 1 && rest.front() == '\xC2' && static_cast<unsigned char>(rest[1]) < 0xA0) {
        fmt::format_to(std::back_inserter(out_), "\\u00{:02x}", static_cast<unsigned char>(rest[1]));
        at += 1;
      } else if (const std::string_view escape = escape_of(rest.substr(0, 3)); !escape.empty()) {
        out_ += escape;
        at += 2;
      } else {
        out_ += rest.front();
      }
    }
  }

  static std::string_view escape_of(std::string_view bytes) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kEscapes = {{{"\xE2\x80\xA8", "\\u2028"},
                                                                                        {"\xE2\x80\xA9", "\\u2029"},
                                                                                        {"\xEF\xBB\xBF", "\\ufeff"},
                                                                                        {"\xEF\xBF\xBE", "\\ufffe"},
                                                                                        {"\xEF\xBF\xBF", "\\uffff"}}};
    const auto* const found = std::ranges::find(kEscapes, bytes, &std::pair<std::string_view, std::string_view>::first);
    return found == kEscapes.end() ? std::string_view() : found->second;
  }

  std::string out_;
};

}  // namespace

std::string to_yaml(const Value& value) { return YamlPrinter().print(value); }

}  // namespace caisson::document
