#pragma once

#include "sandbox/limits.h"
#include "sandbox/units.h"

#include <caisson/result.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace caisson::sandbox {

/// How much of something, in the smallest unit of its row; nothing is no limit. Less is tighter, nothing is widest.
using Amount = std::optional<std::uint64_t>;

[[nodiscard]] constexpr bool is_wider(Amount a, Amount b) noexcept { return b && (!a || *a > *b); }
[[nodiscard]] constexpr Amount tighter(Amount a, Amount b) noexcept { return is_wider(a, b) ? b : a; }

/// One name under `limits:`.
struct LimitRow {
  std::string_view key;
  Unit unit = Unit::kCount;
  std::uint64_t lowest = 0;  ///< that means anything
  std::uint64_t highest = 0;
  Amount ceiling{};            ///< the most that a definition may ask for when no configuration says otherwise
  bool can_be_absent = false;  ///< `unlimited` may be written
  std::string_view text;       ///< what it limits, for people
  Amount (*get)(const Limits& limits) noexcept = nullptr;
  /// Nothing only when can_be_absent.
  void (*set)(Limits& limits, Amount amount) noexcept = nullptr;
};

/// Every limit, in the order of the documentation. The default of a row is what `get` says of `Limits{}`.
[[nodiscard]] std::span<const LimitRow> limit_table() noexcept;
[[nodiscard]] const LimitRow* find_limit(std::string_view key) noexcept;

/// Limits of a whole run, which are no member of Limits: `get` and `set` are null. Their defaults are not these
/// tables'.
[[nodiscard]] std::span<const LimitRow> run_limit_table() noexcept;
[[nodiscard]] const LimitRow* find_run_limit(std::string_view key) noexcept;

/// Errors: invalid_argument / policy.bad_value: not an amount of that unit, or outside the row's range.
[[nodiscard]] Result<Amount> parse_limit(const LimitRow& row, std::string_view text);
/// The text that parse_limit reads as the same: `64MiB`, `unlimited`.
[[nodiscard]] std::string print_limit(const LimitRow& row, Amount amount);

/// The table as Markdown, as docs/reference/policy.md has it.
[[nodiscard]] std::string limit_documentation();

}  // namespace caisson::sandbox
