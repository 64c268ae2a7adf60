#pragma once

#include <string>
#include <string_view>

namespace caisson::document::internal {

/// A pattern as JavaScript writes it, for base::Regex: `$` is the end of the text and nothing before it, `\d` and `\w`
/// are ASCII, and `[` and `&` in a class stand for themselves. What else differs stays as it is.
[[nodiscard]] std::string from_ecma(std::string_view pattern);

}  // namespace caisson::document::internal
