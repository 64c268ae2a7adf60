#include "document/internal/ecma_pattern.h"

namespace caisson::document::internal {

namespace {

/// What ICU writes for a class that JavaScript defines in ASCII; empty: the same in both.
std::string_view ascii_class(char escaped) noexcept {
  switch (escaped) {
    case 'd':
      return "[0-9]";
    case 'D':
      return "[^0-9]";
    case 'w':
      return "[A-Za-z0-9_]";
    case 'W':
      return "[^A-Za-z0-9_]";
    default:
      return {};
  }
}

}  // namespace

std::string from_ecma(std::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    if (c == '\\' && at + 1 < pattern.size()) {
      const char escaped = pattern[++at];
      const std::string_view ascii = ascii_class(escaped);
      out += ascii.empty() ? pattern.substr(at - 1, 2) : ascii;
    } else if (in_class) {
      out += c == '[' || c == '&' ? "\\" : "";
      out += c;
      in_class = c != ']';
    } else if (c == '$') {
      out += "\\z";
    } else {
      out += c;
      in_class = c == '[';
    }
  }
  return out;
}

}  // namespace caisson::document::internal
