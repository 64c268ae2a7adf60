#pragma once

#include <caisson/result.h>

#include <string>
#include <string_view>

namespace caisson::base {

// Case mapping by the full rules of Unicode 15 without a language's own rules (the root locale).
//
// Shapes: a text may change its length (`ß` has two upper-case letters). Bytes that are not UTF-8 stay as they are.
// Errors: resource_exhausted / text.too_large over 1 GiB; internal / text.icu.
// Threads: safe to call concurrently.
// Source: The Unicode Standard 15.0, section 3.13.

/// `Straße` becomes `STRASSE`.
[[nodiscard]] Result<std::string> to_upper(std::string_view text);

/// `ΟΔΟΣ` becomes `οδος`, with the sigma that ends a word.
[[nodiscard]] Result<std::string> to_lower(std::string_view text);

/// A word with its first letter in title case (`ǆ` becomes `ǅ`) and the rest in lower case. Punctuation before the
/// first letter is passed over (`(hello` becomes `(Hello`); a digit or a symbol is not (`3RD` becomes `3rd`).
[[nodiscard]] Result<std::string> capitalize(std::string_view word);

}  // namespace caisson::base
