#include "base/unicode.h"

#include "base/control.h"

#include "base/internal/utf8_walk.h"

#include <fmt/format.h>
#include <unicode/uchar.h>

namespace caisson::base {

namespace {

using internal::Step;
using internal::walk;

/// What a terminal shows as itself: letters, marks, numbers, punctuation, symbols, space, and what emoji are built of.
bool shows(UChar32 c) {
  constexpr UChar32 kZeroWidthNonJoiner = 0x200C;
  constexpr UChar32 kZeroWidthJoiner = 0x200D;
  if (c == kZeroWidthJoiner || c == kZeroWidthNonJoiner) {
    return true;
  }
  const auto type = u_charType(c);  // U+2028 and U+2029 count as printable, and break a line
  return u_isprint(c) && type != U_LINE_SEPARATOR && type != U_PARAGRAPH_SEPARATOR;
}

void append_escaped(std::string& out, std::string_view text, bool escape_quotes) {
  walk(text, [&](const Step& step) {
    switch (step.code_point) {
      case '\n':
        out += "\\n";
        return true;
      case '\r':
        out += "\\r";
        return true;
      case '\t':
        out += "\\t";
        return true;
      case '"':
      case '\\':
        out += escape_quotes ? "\\" : "";
        break;
      default:
        break;
    }
    if (step.code_point < 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[step.begin]));
    } else if (shows(step.code_point)) {
      out.append(text.substr(step.begin, step.end - step.begin));
    } else {
      out += fmt::format("\\u{{{:x}}}", static_cast<unsigned>(step.code_point));
    }
    return true;
  });
}

}  // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view bytes) noexcept {
  std::optional<std::size_t> found;
  walk(bytes, [&](const Step& step) {
    if (step.code_point < 0) {
      found = step.begin;
    }
    return !found;
  });
  return found;
}

bool is_utf8(std::string_view bytes) noexcept { return !find_invalid_utf8(bytes); }

std::size_t count_code_points(std::string_view text) noexcept {
  std::size_t count = 0;
  walk(text, [&](const Step&) { return ++count, true; });
  return count;
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  append_escaped(out, text, true);
  return out + '"';
}

std::string printable(std::string_view text) {
  if (!holds(Control::kOutputEscape)) {
    return std::string(text);
  }
  std::string out;
  append_escaped(out, text, false);
  return out;
}

std::string shorten(std::string_view text, std::size_t max_code_points) {
  std::size_t count = 0;
  std::size_t end = text.size();
  walk(text, [&](const Step& step) {
    if (count++ == max_code_points) {
      end = step.begin;
      return false;
    }
    return true;
  });
  return end == text.size() ? std::string(text) : std::string(text.substr(0, end)) + "…";
}

}  // namespace caisson::base
