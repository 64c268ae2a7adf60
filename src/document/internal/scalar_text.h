#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::document::internal {

/// A scalar as it is written, in YAML or JSON, read again one character after the other, without its blanks.
///
/// It may run on behind the end of a scalar without quotes, whose end depends on what is around it.
class ScalarText {
 public:
  /// The scalar that begins at `offset` of a text that was parsed. `text` outlives it.
  ScalarText(std::string_view text, std::size_t offset);

  struct Part {
    std::string bytes;   ///< what is meant: a byte, or a character in UTF-8 that an escape stands for
    std::size_t offset;  ///< in the text
  };
  /// Nothing: the end, or an escape that means nothing.
  [[nodiscard]] std::optional<Part> next();

 private:
  enum class Style : std::uint8_t { kBare, kSingle, kDouble };

  /// What the escape at `at_` stands for; empty: a blank.
  [[nodiscard]] std::optional<std::string> escape();
  [[nodiscard]] std::optional<std::uint32_t> hexadecimal(std::size_t digits);

  std::string_view text_;
  std::size_t at_;
  Style style_ = Style::kBare;
};

}  // namespace caisson::document::internal
