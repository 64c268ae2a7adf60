#pragma once

#include "document/value.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace caisson::attack {

/// What stands under `name` in a map, if it is a text, a number; nullptr otherwise.
[[nodiscard]] const std::string* find_text(const document::Value& value, std::string_view name);
[[nodiscard]] const std::int64_t* find_number(const document::Value& value, std::string_view name);
/// The same, with what counts when there is none.
[[nodiscard]] std::string text_of(const document::Value& value, std::string_view name);
[[nodiscard]] std::int64_t number_of(const document::Value& value, std::string_view name, std::int64_t otherwise);

/// The bytes of a file; none when it cannot be read.
[[nodiscard]] std::string read_bytes(const std::filesystem::path& path);
/// Writes a file anew, with the folders above it. False: it cannot be.
[[nodiscard]] bool write_bytes(const std::filesystem::path& path, std::string_view bytes);

}  // namespace caisson::attack
