#pragma once

#include "document/value.h"

#include <optional>
#include <string>
#include <string_view>

namespace caisson::document::internal {

/// What a plain (unquoted) scalar means by the core schema: null, a boolean, an integer, a number, else a string.
/// Decimal integers outside 64 bits become numbers.
/// Nothing when it is a number that has no form here: a hexadecimal or octal integer outside 64 bits, or a number that
/// a double cannot come near to.
/// Source: https://yaml.org/spec/1.2.2/#103-core-schema
[[nodiscard]] std::optional<Value> resolve_plain_scalar(std::string_view text);

/// Whether the quoted scalar that `text` begins with has its closing quote. yaml-cpp takes the end of a text for one
/// when a line break is before it.
[[nodiscard]] bool is_closed_quote(std::string_view text) noexcept;

/// The escapes `\N` and `\_` of a double-quoted scalar as UTF-8: yaml-cpp makes of each a byte that is none.
[[nodiscard]] std::string repair_escapes(std::string_view text);

/// Whether `word` is a null that is written out: `null`, `~`.
[[nodiscard]] bool is_written_null(std::string_view word) noexcept;

}  // namespace caisson::document::internal
