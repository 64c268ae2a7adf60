#include "sandbox/internal/policy_advice.h"

#include "base/unicode.h"

#include <fmt/format.h>

namespace caisson::sandbox {

namespace {

/// Behind a flag, what a definition wrote after a comma would be an item of its own.
bool splits(std::string_view flag) { return flag.find(',') != std::string_view::npos; }

/// For a shell.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return base::printable(out) + "'";
}

std::string allow(std::string_view flag) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_=.:/%+,-";
  const bool plain = flag.find_first_not_of(kPlain) == std::string_view::npos;
  return fmt::format("--allow {}", plain ? std::string(flag) : quoted(flag));
}

}  // namespace

std::string Advice::operator()(std::string_view flag, std::string_view line) const {
  return in_file(file_.empty() ? "your configuration" : file_, flag, line);
}

std::string Advice::in_file(std::string_view file, std::string_view flag, std::string_view line) {
  const std::string name = base::printable(base::shorten(file, 200));
  return splits(flag) ? fmt::format("allow it, in {}, with {}", name, line)
                      : fmt::format("allow it with {} or, in {}, with {}", allow(flag), name, line);
}

std::string Advice::at_origin(const Origin& origin, std::string_view flag, std::string_view line) const {
  if (origin.kind != Origin::Kind::kVariable && origin.kind != Origin::Kind::kFlag) {
    return (*this)(flag, line);
  }
  return splits(flag) ? fmt::format("change {}", to_string(origin))
                      : fmt::format("allow it with {} or change {}", allow(flag), to_string(origin));
}

std::string Advice::locked(const Origin& lock) {
  return fmt::format("this is locked by {}, and only a change there allows it", to_string(lock));
}

}  // namespace caisson::sandbox
