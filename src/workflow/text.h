#pragma once

#include <caisson/result.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace caisson::workflow {

// What the text processors do to a text. Every text is UTF-8; a word is what stands between white space.
// Errors: those of base/text_case.h.

/// Every word with its first letter in title case and the rest in lower case, with one space between two words and none
/// around them: ` hELLO   wORLD ` becomes `Hello World`.
[[nodiscard]] Result<std::string> proper_case(std::string_view text);

/// The same, but a, an, the, and, or, but, in, on, at, to, for, of, with and by stay in lower case unless they come
/// first: `THE LORD OF THE RINGS` becomes `The Lord of the Rings`.
[[nodiscard]] Result<std::string> title_case(std::string_view text);

struct TextCounts {
  std::int64_t characters = 0;  ///< code points
  std::int64_t words = 0;
  std::int64_t lines = 1;  ///< ended by a line feed, the last one perhaps not; an empty text is one line

  friend bool operator==(const TextCounts&, const TextCounts&) = default;
};

[[nodiscard]] TextCounts count_text(std::string_view text) noexcept;

}  // namespace caisson::workflow
