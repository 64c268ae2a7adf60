#include "sandbox/units.h"

#include "base/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>

namespace caisson::sandbox {

namespace {

__extension__ using Wide = unsigned __int128;

/// A name of a unit and how many of the smallest it is. Of several with one size the first is printed.
struct Scale {
  std::string_view name;
  std::uint64_t size;
};

constexpr std::uint64_t kKibi = 1ULL << 10;
constexpr std::uint64_t kMebi = 1ULL << 20;
constexpr std::uint64_t kGibi = 1ULL << 30;
constexpr std::uint64_t kTebi = 1ULL << 40;

constexpr std::array kBytes = {Scale{"TiB", kTebi}, Scale{"GiB", kGibi}, Scale{"MiB", kMebi}, Scale{"KiB", kKibi},
                               Scale{"B", 1},       Scale{"TB", kTebi},  Scale{"GB", kGibi},  Scale{"MB", kMebi},
                               Scale{"KB", kKibi},  Scale{"T", kTebi},   Scale{"G", kGibi},   Scale{"M", kMebi},
                               Scale{"K", kKibi}};
constexpr std::array kCounts = {Scale{"G", 1'000'000'000}, Scale{"M", 1'000'000}, Scale{"k", 1'000}};
constexpr std::array kDurations = {Scale{"h", 3'600'000'000'000}, Scale{"m", 60'000'000'000}, Scale{"s", 1'000'000'000},
                                   Scale{"ms", 1'000'000},        Scale{"us", 1'000},         Scale{"ns", 1},
                                   Scale{"min", 60'000'000'000},  Scale{"sec", 1'000'000'000}};
constexpr std::array kPercents = {Scale{"%", 1'000}};

std::span<const Scale> scales(Unit unit) noexcept {
  switch (unit) {
    case Unit::kBytes:
      return kBytes;
    case Unit::kCount:
      return kCounts;
    case Unit::kDuration:
      return kDurations;
    case Unit::kPercent:
      break;
  }
  return kPercents;
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

/// `12`, `1_000`, `1.5`: the digits as one number, and how many of them stand behind the point.
struct Decimal {
  Wide digits = 0;
  int behind_point = 0;
};

/// Takes a decimal off the front of `text`; nothing when there is none, or it has too many digits.
std::optional<Decimal> take_decimal(std::string_view& text) noexcept {
  constexpr std::size_t kMostDigits = 24;  // times an hour, they fit in 128 bits
  Decimal out;
  std::size_t digits = 0;
  bool behind = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    const bool between_digits = at > 0 && is_digit(text[at - 1]) && at + 1 < text.size() && is_digit(text[at + 1]);
    if (is_digit(c)) {
      if (++digits > kMostDigits) {
        return std::nullopt;
      }
      out.digits = out.digits * 10 + static_cast<unsigned>(c - '0');
      out.behind_point += behind ? 1 : 0;
    } else if (c == '_' && between_digits) {
      continue;
    } else if (c == '.' && between_digits && !behind) {
      behind = true;
    } else {
      break;
    }
  }
  text.remove_prefix(at);
  return digits == 0 ? std::nullopt : std::optional(out);
}

std::string_view what_is_plain(Unit unit) noexcept {
  switch (unit) {
    case Unit::kBytes:
      return "a size";
    case Unit::kCount:
      return "a count";
    case Unit::kDuration:
      return "a duration";
    case Unit::kPercent:
      break;
  }
  return "a percentage";
}

Error bad(std::string_view text, Unit unit, std::string_view why) {
  return {Category::kInvalidArgument, "policy.bad_value",
          fmt::format("{} is not {}{}: write {}", base::quote(base::shorten(text, 40)), what_is_plain(unit), why,
                      describe(unit))};
}

}  // namespace

std::string_view describe(Unit unit) noexcept {
  switch (unit) {
    case Unit::kBytes:
      return "a size such as 64MB, 512KB or 4096";
    case Unit::kCount:
      return "a count such as 1000, 100_000_000 or 100M";
    case Unit::kDuration:
      return "a duration such as 500ms, 2s or 1.5m";
    case Unit::kPercent:
      break;
  }
  return "a percentage such as 50% or 12.5";
}

Result<std::uint64_t> parse_amount(std::string_view text, Unit unit, std::chrono::nanoseconds plain) {
  std::string_view rest = text;
  if (rest.starts_with('-')) {
    return bad(text, unit, ", which is never negative");
  }
  const auto number = take_decimal(rest);
  if (!number) {
    return bad(text, unit, "");
  }
  if (rest.size() > 1 && rest.front() == ' ') {
    rest.remove_prefix(1);
  }
  std::uint64_t scale = 1;
  if (rest.empty()) {
    scale = unit == Unit::kDuration ? static_cast<std::uint64_t>(plain.count()) : unit == Unit::kPercent ? 1'000 : 1;
  } else {
    const auto known = scales(unit);
    const auto found = std::ranges::find_if(known, [&](const Scale& s) { return same_word(s.name, rest); });
    if (found == known.end()) {
      return bad(text, unit, fmt::format(", because {} is no unit of one", base::quote(base::shorten(rest, 20))));
    }
    scale = found->size;
  }
  Wide amount = number->digits * scale;
  for (int i = 0; i < number->behind_point; ++i) {
    amount /= 10;
  }
  if (amount > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return bad(text, unit, " that 64 bits hold");
  }
  return static_cast<std::uint64_t>(amount);
}

std::string print_amount(std::uint64_t amount, Unit unit) {
  if (unit == Unit::kPercent) {
    std::string out = fmt::format("{}.{:03}", amount / 1'000, amount % 1'000);
    out.resize(out.find_last_not_of('0') + 1);
    out.resize(out.size() - (out.ends_with('.') ? 1 : 0));
    return out + '%';
  }
  if (unit == Unit::kCount) {
    std::string out = std::to_string(amount);
    for (std::size_t at = out.size(); at > 3; at -= 3) {
      out.insert(at - 3, "_");
    }
    return out;
  }
  if (amount == 0) {
    return unit == Unit::kBytes ? "0B" : "0s";
  }
  for (const Scale& scale : scales(unit)) {
    if (amount % scale.size == 0) {  // at the latest the one of size 1
      return fmt::format("{}{}", amount / scale.size, scale.name);
    }
  }
  return std::to_string(amount);
}

}  // namespace caisson::sandbox
