#include "language/language.h"

#include <algorithm>

namespace caisson::language {

namespace {

struct Name {
  std::string_view name;
  Language language;
};

constexpr auto kNames = std::to_array<Name>({
    {"javascript", Language::kJavaScript},
    {"js", Language::kJavaScript},
    {"lua", Language::kLua},
    {"node", Language::kJavaScript},
    {"nodejs", Language::kJavaScript},
    {"py", Language::kPython},
    {"python", Language::kPython},
    {"python-data", Language::kPythonData},
    {"python3", Language::kPython},
});
constexpr auto kEndings = std::to_array<Name>({
    {".js", Language::kJavaScript},
    {".lua", Language::kLua},
    {".mjs", Language::kJavaScript},
    {".py", Language::kPython},
});

/// Upper and lower case ASCII letters are the same.
bool same(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

std::string_view to_string(Language language) noexcept {
  switch (language) {
    case Language::kJavaScript:
      return "javascript";
    case Language::kLua:
      return "lua";
    case Language::kPythonData:
      return "python-data";
    case Language::kPython:
      break;
  }
  return "python";
}

std::string_view title(Language language) noexcept {
  switch (language) {
    case Language::kJavaScript:
      return "JavaScript";
    case Language::kLua:
      return "Lua";
    case Language::kPythonData:
      return "Python with numpy and pandas";
    case Language::kPython:
      break;
  }
  return "Python";
}

std::optional<Language> parse_language(std::string_view name) noexcept {
  const auto* const found = std::ranges::find_if(kNames, [&](const Name& known) { return same(known.name, name); });
  return found == kNames.end() ? std::nullopt : std::optional(found->language);
}

std::optional<Language> language_of_file(std::string_view file) noexcept {
  const auto ends = [&](const Name& ending) {
    return file.size() > ending.name.size() && same(file.substr(file.size() - ending.name.size()), ending.name);
  };
  const auto* const found = std::ranges::find_if(kEndings, ends);
  return found == kEndings.end() ? std::nullopt : std::optional(found->language);
}

}  // namespace caisson::language
