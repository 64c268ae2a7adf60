#pragma once

#include <caisson/result.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace caisson::sandbox {

/// What an amount counts. An amount itself is always a whole number of the smallest unit of its kind.
enum class Unit : std::uint8_t {
  kBytes,     ///< `64MB`, `64MiB`, `64 KB`, `1.5G`, `4096`; all of them are powers of 1,024
  kCount,     ///< `100_000_000`, `100M`, `10k`; powers of 1,000
  kDuration,  ///< `500ms`, `2s`, `1.5m`, `1h`, also `us` and `ns`; nanoseconds
  kPercent,   ///< `50%`, `12.5`; thousandths of a percent
};

/// The amount that `text` says. A number without a unit is bytes, a count, `plain` (durations) or percent. Upper and
/// lower case are the same, one blank may stand before the unit, `_` may group digits, and what is smaller than the
/// smallest unit is cut off.
///
/// Errors: invalid_argument / policy.bad_value for anything else: nonsense, a sign, more than 64 bits hold.
[[nodiscard]] Result<std::uint64_t> parse_amount(std::string_view text, Unit unit,
                                                 std::chrono::nanoseconds plain = std::chrono::seconds(1));

/// The shortest text that parse_amount reads as the same amount: `64MiB`, `1500ms`, `100_000_000`, `12.5%`.
[[nodiscard]] std::string print_amount(std::uint64_t amount, Unit unit);

/// What such an amount looks like, for messages: `a size such as 64MB`.
[[nodiscard]] std::string_view describe(Unit unit) noexcept;

}  // namespace caisson::sandbox
