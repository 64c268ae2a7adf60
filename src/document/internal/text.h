#pragma once

#include "document/value.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::document::internal {

class Problems;

/// Which rules a text is checked by.
enum class Syntax : std::uint8_t { kYaml, kJson, kToml };

/// Finds the line and column of any byte of a text, in a time that does not depend on where it is. Parsers report byte
/// offsets in almost any order, and a line may be as long as the text.
///
/// Lifetime: the text must outlive the index.
class TextIndex {
 public:
  explicit TextIndex(std::string_view text);

  /// The place of the byte at `offset`; of the end of the text when it is behind it.
  [[nodiscard]] Mark mark(std::size_t offset) const noexcept;
  /// The byte at a place; the nearest one before it when the line is shorter, 0 for an unknown place.
  [[nodiscard]] std::size_t offset(Mark mark) const noexcept;

 private:
  [[nodiscard]] std::size_t code_points_before(std::size_t offset) const noexcept;

  std::string_view text_;
  std::vector<std::size_t> lines_;          ///< the offset of each line's first byte
  std::vector<std::uint32_t> checkpoints_;  ///< how many code points begin before each block of bytes
};

/// `text` without the UTF-8 byte order mark it may begin with.
[[nodiscard]] std::string_view without_byte_order_mark(std::string_view text) noexcept;

/// Reports what must be wrong with a text before a parser may see it: another encoding, invalid UTF-8, characters that
/// no syntax allows. `text` has no byte order mark.
void check_text(std::string_view text, Syntax syntax, const TextIndex& index, Problems& problems);

/// The character at `offset` for a message: `'}'`, or `the end of the text`.
[[nodiscard]] std::string show_character(std::string_view text, std::size_t offset);

/// A name or a piece of text for a message: in single quotes, safe to print, shortened.
[[nodiscard]] std::string show(std::string_view text);

}  // namespace caisson::document::internal
