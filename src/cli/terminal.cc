#include "cli/terminal.h"

#include "base/unicode.h"

#include <fmt/format.h>
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

bool can_redraw(int descriptor, const base::Environment& environment) {
  const std::optional<std::string> terminal = environment.variable("TERM");
  return terminal && *terminal != "dumb" && ::isatty(descriptor) != 0;
}

std::string terminal_text(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t size = bytes.find_first_of("\n\t");
    out += base::printable(bytes.substr(0, size));
    if (size == std::string_view::npos) {
      break;
    }
    out += bytes[size];
    bytes.remove_prefix(size + 1);
  }
  return out;
}

std::string terminal_json(std::string_view json) {
  std::string out;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto byte = [&](std::size_t at) { return at < json.size() ? static_cast<unsigned char>(json[at]) : 0U; };
    if (byte(i) == 0x7F) {
      out += "\\u007f";
    } else if (byte(i) == 0xC2 && byte(i + 1) >= 0x80 && byte(i + 1) <= 0x9F) {
      out += fmt::format("\\u{:04x}", byte(++i));
    } else {
      out += json[i];
    }
  }
  return out;
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
  if (!environment.variable("NO_COLOR") && can_redraw(descriptor, environment)) {
    options.colour = ReportOptions::Colour::kAlways;
  }
  return options;
}

}  // namespace caisson::cli
