#include "cli/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::cli {

namespace {

/// The variable that decides the locale of text, as POSIX has it.
std::optional<std::string> locale_name(const base::Environment& environment) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (auto value = environment.variable(name)) {
      return value;
    }
  }
  return std::nullopt;
}

/// `UTF-8` and `utf8` are one name.
bool names_utf8(std::string_view codeset) {
  std::string letters;
  for (const char c : codeset) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return letters == "utf8";
}

}  // namespace

bool is_utf8_locale(const base::Environment& environment) {
  const std::optional<std::string> name = locale_name(environment);
  if (!name) {
    return true;
  }
  // A name that says it is believed: nothing has to be read, and a locale that this machine does not have, as over ssh,
  // still says what the terminal at the other end can show.
  if (const std::size_t dot = name->find('.'); dot != std::string::npos) {
    return names_utf8(std::string_view(*name).substr(dot + 1, name->find('@') - dot - 1));
  }
  const locale_t locale = ::newlocale(LC_CTYPE_MASK, name->c_str(), nullptr);
  if (locale == nullptr) {
    return false;
  }
  const bool utf8 = names_utf8(::nl_langinfo_l(CODESET, locale));
  ::freelocale(locale);
  return utf8;
}

ReportOptions report_options(int descriptor, Look look, const base::Environment& environment) {
  ReportOptions options;
  if (look == Look::kPlain) {
    options.signs = ReportOptions::Signs::kAscii;
    return options;
  }
  if (!is_utf8_locale(environment)) {
    options.signs = ReportOptions::Signs::kAscii;
  }
  const std::optional<std::string> terminal = environment.variable("TERM");
  if (!environment.variable("NO_COLOR") && terminal && *terminal != "dumb" && ::isatty(descriptor) != 0) {
    options.colour = ReportOptions::Colour::kAlways;
  }
  return options;
}

}  // namespace caisson::cli
