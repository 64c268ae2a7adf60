#pragma once

#include "document/value.h"

#include <string>

namespace caisson::document {

enum class JsonStyle : std::uint8_t { kCompact, kIndented };

/// The value as JSON text (RFC 8259), names in their order. Bytes that are not UTF-8 become U+FFFD; numbers without a
/// JSON form (infinities, NaN) become null. kIndented uses two spaces and has no newline at the end.
[[nodiscard]] std::string to_json(const Value& value, JsonStyle style = JsonStyle::kCompact);

/// The value as a YAML document that parse_yaml reads back as the same, names in their order; ends with a line break.
///
/// Block style; a short list of words stands in brackets. A string that looks like another kind, here or to a reader of
/// older YAML, is quoted; one of several lines is a literal block. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string to_yaml(const Value& value);

}  // namespace caisson::document
