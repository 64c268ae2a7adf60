#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::base {

/// Offset of the first byte that is not valid UTF-8, or nothing when all of it is (Unicode 15, surrogates refused).
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(std::string_view bytes) noexcept;
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

/// Number of code points; invalid bytes count one each.
[[nodiscard]] std::size_t count_code_points(std::string_view text) noexcept;

/// `text` in double quotes, safe to print to a terminal: quotes and backslashes escaped, `\n`, `\r`, `\t`, and `\u{1b}`
/// for control characters, line separators, bidirectional overrides, other invisible format characters, private-use and
/// unassigned code points; `\xff` for bytes that are not UTF-8. Emoji and their joiners stay as they are, except for
/// the tag characters behind a black flag, which can hide text.
[[nodiscard]] std::string quote(std::string_view text);

/// The same escapes without the quotes; quotes and backslashes stay as they are. For names and messages.
[[nodiscard]] std::string printable(std::string_view text);

/// At most `max_code_points` code points of `text`, and `…` when something was left out.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t max_code_points);

}  // namespace caisson::base
