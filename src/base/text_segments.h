#pragma once

#include <caisson/result.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::base {

/// Walks the words of a text: what stands between runs of white space (every character Unicode calls White_Space, the
/// no-break ones too). No word is empty.
///
/// Lifetime: the words point into the text.
class WordCursor {
 public:
  explicit WordCursor(std::string_view text) noexcept : text_(text) {}

  /// The next word, or nothing at the end.
  [[nodiscard]] std::optional<std::string_view> next() noexcept;

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// `word` without the punctuation at its two ends; empty when it is nothing else. Punctuation is general category P:
/// quotes, brackets, dashes, `.`, `,`, `!`, `#`, `@` and their like; currency signs, `+`, `<` and emoji are symbols and
/// stay.
[[nodiscard]] std::string_view strip_punctuation(std::string_view word) noexcept;

/// `text` backwards, by the characters that a reader sees: accents stay on their letters, flags and joined emoji stay
/// whole, CR LF stays one line end. This refines "by character": by code points, `é` written as two would fall apart.
///
/// Errors: resource_exhausted / text.too_large over 1 GiB; internal / text.icu.
/// Source: Unicode Standard Annex 29, extended grapheme clusters.
[[nodiscard]] Result<std::string> reverse_graphemes(std::string_view text);

}  // namespace caisson::base
