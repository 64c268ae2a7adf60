#pragma once

#include <unicode/utf8.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace caisson::base::internal {

/// One step through a text: a code point and the bytes it takes, or -1 for one byte that is not UTF-8.
struct Step {
  std::int32_t code_point;
  std::size_t begin;
  std::size_t end;
};

/// The step that begins at `at`, which is less than the size. Offsets are size_t; ICU's 32-bit ones are used on a
/// window.
inline Step step_at(std::string_view text, std::size_t at) noexcept {
  const auto first = static_cast<std::uint8_t>(text[at]);
  if (first < 0x80) {
    return {first, at, at + 1};
  }
  constexpr std::size_t kLongestSequence = 4;
  const auto* window = reinterpret_cast<const std::uint8_t*>(text.data() + at);
  const auto window_size =
      static_cast<std::int32_t>(text.size() - at < kLongestSequence ? text.size() - at : kLongestSequence);
  std::int32_t used = 0;
  std::int32_t c = 0;
  U8_NEXT(window, used, window_size, c);  // NOLINT(bugprone-inc-dec-in-conditions): within the macro
  return {c, at, at + (c < 0 ? 1 : static_cast<std::size_t>(used))};
}

/// Calls `f(Step)` for each step of a text until it returns false.
template <typename F>
void walk(std::string_view text, F&& f) {
  for (std::size_t at = 0; at < text.size();) {
    const Step step = step_at(text, at);
    if (!f(step)) {
      return;
    }
    at = step.end;
  }
}

}  // namespace caisson::base::internal
