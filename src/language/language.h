#pragma once

#include <caisson/result.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace caisson::language {

/// A language whose code runs in an image.
enum class Language : std::uint8_t { kJavaScript, kLua, kPython, kPythonData };
/// Those whose images are part of this program. kPythonData, Python with numpy and pandas, is installed beside it
/// (installed_images.h).
inline constexpr std::array kLanguages = {Language::kJavaScript, Language::kLua, Language::kPython};

/// `javascript`, `lua`, `python`, `python-data`.
[[nodiscard]] std::string_view to_string(Language language) noexcept;
/// `JavaScript`, `Lua`, `Python`, `Python with numpy and pandas`: for people.
[[nodiscard]] std::string_view title(Language language) noexcept;
/// By its name or one of `js`, `node`, `nodejs`, `py`, `python3`; upper and lower case are the same.
[[nodiscard]] std::optional<Language> parse_language(std::string_view name) noexcept;
/// By the end of a file's name: `.js`, `.mjs`, `.lua`, `.py`.
[[nodiscard]] std::optional<Language> language_of_file(std::string_view file) noexcept;

}  // namespace caisson::language
