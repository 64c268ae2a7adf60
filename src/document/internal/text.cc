#include "document/internal/text.h"

#include "base/unicode.h"
#include "document/internal/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace caisson::document::internal {

namespace {

constexpr std::size_t kBlockBytes = 256;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kShownCodePoints = 60;

/// Every byte of UTF-8 but a continuation byte begins a code point.
bool begins_code_point(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

std::size_t count_beginnings(std::string_view bytes) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(bytes, begins_code_point));
}

/// `UTF-16` or `UTF-32` when the text looks like one of them: by its byte order mark, or because its first character is
/// ASCII, as it is in every text of these syntaxes.
std::string_view foreign_encoding(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0x100U; };
  const bool zero2 = byte(2) == 0 && byte(3) == 0;
  if (byte(0) == 0xFF && byte(1) == 0xFE) {
    return zero2 ? "UTF-32" : "UTF-16";
  }
  if (byte(0) == 0xFE && byte(1) == 0xFF) {
    return "UTF-16";
  }
  if (text.size() >= 4 && byte(0) == 0 && byte(1) == 0 && byte(3) != 0) {
    return "UTF-32";
  }
  if (text.size() >= 2 && byte(0) != 0 && byte(1) == 0) {
    return zero2 ? "UTF-32" : "UTF-16";
  }
  if (text.size() >= 2 && byte(0) == 0 && byte(1) != 0) {
    return "UTF-16";
  }
  return {};
}

struct Refused {
  unsigned code_point;
  std::size_t size;
};

/// The character at `offset` when the syntax does not allow it anywhere.
std::optional<Refused> refused_at(std::string_view text, std::size_t offset, Syntax syntax) noexcept {
  const auto c = static_cast<unsigned char>(text[offset]);
  if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') {
    return Refused{c, 1};
  }
  if (syntax == Syntax::kJson) {
    return std::nullopt;  // the rest is allowed in strings, and an error of syntax elsewhere
  }
  if (c == 0x7F || (c == '\r' && text.substr(offset + 1, 1) != "\n")) {
    return Refused{c, 1};
  }
  if (c == 0xC2 && offset + 1 < text.size()) {
    const auto next = static_cast<unsigned char>(text[offset + 1]);
    constexpr unsigned kNextLine = 0x85;
    if (next < 0xA0 && next != kNextLine) {
      return Refused{next, 2};
    }
  }
  if (text.substr(offset, kByteOrderMark.size()) == kByteOrderMark) {
    return Refused{0xFEFF, kByteOrderMark.size()};
  }
  return std::nullopt;
}

std::string refusal(unsigned code_point, Syntax syntax) {
  if (code_point == '\r') {
    return "a carriage return without a line feed is not accepted: end lines with a line feed";
  }
  if (syntax == Syntax::kJson) {
    return fmt::format("control character U+{0:04X} is not accepted: write \\u{0:04X} in a string", code_point);
  }
  return fmt::format("{0} U+{1:04X} is not accepted: remove it, or write \\u{1:04X} in a double-quoted string",
                     code_point == 0xFEFF ? "byte order mark" : "control character", code_point);
}

}  // namespace

TextIndex::TextIndex(std::string_view text) : text_(text), lines_{0} {
  checkpoints_.reserve(text.size() / kBlockBytes + 1);
  std::uint32_t count = 0;
  for (std::size_t begin = 0; begin <= text.size(); begin += kBlockBytes) {
    checkpoints_.push_back(count);
    const std::string_view block = text.substr(begin, kBlockBytes);
    count += static_cast<std::uint32_t>(count_beginnings(block));
    for (std::size_t at = block.find('\n'); at != std::string_view::npos; at = block.find('\n', at + 1)) {
      lines_.push_back(begin + at + 1);
    }
  }
}

std::size_t TextIndex::code_points_before(std::size_t offset) const noexcept {
  const std::size_t block = offset / kBlockBytes;
  const std::size_t begin = block * kBlockBytes;
  return checkpoints_[block] + count_beginnings(text_.substr(begin, offset - begin));
}

Mark TextIndex::mark(std::size_t offset) const noexcept {
  offset = std::min(offset, text_.size());
  const auto next_line = std::ranges::upper_bound(lines_, offset);
  const std::size_t line_begin = *std::prev(next_line);
  return {static_cast<int>(next_line - lines_.begin()),
          static_cast<int>(code_points_before(offset) - code_points_before(line_begin)) + 1};
}

std::size_t TextIndex::offset(Mark mark) const noexcept {
  if (mark.line < 1 || mark.column < 1) {
    return 0;
  }
  const auto line = std::min(static_cast<std::size_t>(mark.line), lines_.size()) - 1;
  const std::size_t end = line + 1 < lines_.size() ? lines_[line + 1] - 1 : text_.size();
  const std::size_t wanted = code_points_before(lines_[line]) + static_cast<std::size_t>(mark.column) - 1;
  // The last block that begins at or before the wanted code point; within it, one byte after the other.
  const auto block = std::prev(std::ranges::upper_bound(checkpoints_, wanted)) - checkpoints_.begin();
  std::size_t at = static_cast<std::size_t>(block) * kBlockBytes;
  std::size_t seen = checkpoints_[static_cast<std::size_t>(block)];
  for (; at < end; ++at) {
    if (begins_code_point(text_[at]) && seen++ == wanted) {
      break;
    }
  }
  return std::min(at, end);
}

std::string_view without_byte_order_mark(std::string_view text) noexcept {
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

void check_text(std::string_view text, Syntax syntax, const TextIndex& index, Problems& problems) {
  if (const std::string_view encoding = foreign_encoding(text); !encoding.empty()) {
    problems.add("document.encoding", Mark{}, fmt::format("the text is {}: save it as UTF-8", encoding));
    return;
  }
  if (const auto bad = base::find_invalid_utf8(text)) {
    problems.add(
        "document.encoding", index.mark(*bad),
        fmt::format("byte 0x{:02x} is not UTF-8: save the text as UTF-8", static_cast<unsigned char>(text[*bad])));
    return;
  }
  if (text.starts_with(kByteOrderMark)) {
    problems.add("document.character", index.mark(0), "the text begins with two byte order marks: remove one");
    return;
  }
  for (std::size_t at = 0; at < text.size() && !problems.full();) {
    const auto refused = refused_at(text, at, syntax);
    if (refused) {
      problems.add("document.character", index.mark(at), refusal(refused->code_point, syntax));
    }
    at += refused ? refused->size : 1;
  }
}

std::string show_character(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) {
    return "the end of the text";
  }
  std::size_t end = offset + 1;
  while (end < text.size() && !begins_code_point(text[end])) {
    ++end;
  }
  return fmt::format("'{}'", base::printable(text.substr(offset, end - offset)));
}

std::string show(std::string_view text) {
  return fmt::format("'{}'", base::printable(base::shorten(text, kShownCodePoints)));
}

}  // namespace caisson::document::internal
