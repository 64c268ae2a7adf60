#include "workflow/text.h"

#include "base/text_case.h"
#include "base/text_segments.h"
#include "base/unicode.h"

#include <algorithm>
#include <array>

namespace caisson::workflow {

namespace {

constexpr std::array<std::string_view, 14> kSmallWords = {"a",  "an", "the", "and", "or", "but",  "in",
                                                          "on", "at", "to",  "for", "of", "with", "by"};

bool is_small(std::string_view lower_word) { return std::ranges::find(kSmallWords, lower_word) != kSmallWords.end(); }

/// A small word in lower case if `word` is one in any case, otherwise nothing.
Result<std::string> small_word(std::string_view word) {
  constexpr std::size_t kLongest = 4;
  if (word.size() > kLongest) {
    return std::string();
  }
  CAISSON_TRY(std::string lower, base::to_lower(word));
  return is_small(lower) ? std::move(lower) : std::string();
}

enum class SmallWords : std::uint8_t { kCapitalized, kLower };

Result<std::string> capitalize_words(std::string_view text, SmallWords small_words) {
  std::string out;
  out.reserve(text.size());
  base::WordCursor words(text);
  while (const auto word = words.next()) {
    std::string small;
    if (!out.empty()) {
      out += ' ';
      if (small_words == SmallWords::kLower) {
        CAISSON_TRY(small, small_word(*word));
      }
    }
    if (!small.empty()) {
      out += small;
      continue;
    }
    CAISSON_TRY(const std::string capitalized, base::capitalize(*word));
    out += capitalized;
  }
  return out;
}

}  // namespace

Result<std::string> proper_case(std::string_view text) { return capitalize_words(text, SmallWords::kCapitalized); }

Result<std::string> title_case(std::string_view text) { return capitalize_words(text, SmallWords::kLower); }

TextCounts count_text(std::string_view text) noexcept {
  TextCounts counts;
  counts.characters = static_cast<std::int64_t>(base::count_code_points(text));
  base::WordCursor words(text);
  while (words.next()) {
    ++counts.words;
  }
  const auto line_ends = std::ranges::count(text, '\n');
  const bool open_line = !text.empty() && text.back() != '\n';
  counts.lines = std::max<std::int64_t>(1, line_ends + (open_line ? 1 : 0));
  return counts;
}

}  // namespace caisson::workflow
