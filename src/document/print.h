#pragma once

#include "document/value.h"

#include <string>

namespace caisson::document {

enum class JsonStyle : std::uint8_t { kCompact, kIndented };

/// The value as JSON text (RFC 8259), names in their order. Bytes that are not UTF-8 become U+FFFD; numbers without a
/// JSON form (infinities, NaN) become null. kIndented uses two spaces and has no newline at the end.
[[nodiscard]] std::string to_json(const Value& value, JsonStyle style = JsonStyle::kCompact);

}  // namespace caisson::document
