#pragma once

#include <string>
#include <string_view>

namespace caisson::base {

/// Base64 (RFC 4648, section 4: with padding, without line breaks) of `bytes`.
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace caisson::base
