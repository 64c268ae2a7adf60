#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace caisson::base {

/// Base64 (RFC 4648, section 4: with padding, without line breaks) of `bytes`.
[[nodiscard]] std::string base64(std::string_view bytes);

/// Adds a code point, which is no surrogate, to a text in UTF-8.
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace caisson::base
