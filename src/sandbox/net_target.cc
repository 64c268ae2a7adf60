#include "sandbox/net_target.h"

#include "base/domain_name.h"
#include "base/unicode.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

namespace caisson::sandbox {

namespace {

constexpr std::size_t kMostPathBytes = 8'192;

Error bad(std::string_view what, std::string_view text, std::string_view why) {
  return {Category::kInvalidArgument, "policy.bad_target",
          fmt::format("{} {} cannot be asked for: {}", what, base::quote(base::shorten(text, 80)), why)};
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_alnum(char c) noexcept { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z'); }

std::optional<unsigned> hex_value(char c) noexcept {
  unsigned value = 0;
  const auto read = std::from_chars(&c, &c + 1, value, 16);
  return read.ec == std::errc() ? std::optional(value) : std::nullopt;
}

/// A number of an address as inet_aton reads it: decimal, 0 octal, 0x hexadecimal.
std::optional<std::uint64_t> address_number(std::string_view text) noexcept {
  int base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.starts_with('0')) {
    base = 8;
    text.remove_prefix(1);
  }
  if (text.empty()) {
    return base == 16 ? std::optional<std::uint64_t>(0) : std::nullopt;
  }
  std::uint64_t out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && text.front() != '-' ? std::optional(out)
                                                                                                : std::nullopt;
}

std::vector<std::string_view> labels_of(std::string_view name) {
  std::vector<std::string_view> out;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    out.push_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

/// Whether a name ends as only an address does: then it is one, or nothing.
bool ends_in_number(const std::vector<std::string_view>& labels) {
  const std::string_view last = labels.back();
  return std::ranges::all_of(last, is_digit) || (last.starts_with("0x") && address_number(last));
}

std::string print_v4(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24U, (address >> 16U) & 0xFFU, (address >> 8U) & 0xFFU, address & 0xFFU);
}

/// One to four numbers; the last one fills what the others leave.
std::optional<std::string> read_v4(const std::vector<std::string_view>& labels) {
  if (labels.size() > 4) {
    return std::nullopt;
  }
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto number = address_number(labels[i]);
    const bool is_last = i + 1 == labels.size();
    const std::uint64_t room = is_last ? 1ULL << (8U * (5 - labels.size())) : 256;
    if (!number || *number >= room) {
      return std::nullopt;
    }
    out = is_last ? (out << (8U * (5 - labels.size()))) | *number : (out << 8U) | *number;
  }
  return print_v4(static_cast<std::uint32_t>(out));
}

/// `text`: without brackets.
std::optional<std::string> read_v6(const std::string& text) {
  in6_addr address{};
  if (text.find('\0') != std::string::npos || ::inet_pton(AF_INET6, text.c_str(), &address) != 1) {
    return std::nullopt;
  }
  const auto* const bytes = address.s6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&address) != 0) {
    return fmt::format("{}.{}.{}.{}", bytes[12], bytes[13], bytes[14], bytes[15]);
  }
  std::array<char, INET6_ADDRSTRLEN> out{};
  return ::inet_ntop(AF_INET6, &address, out.data(), out.size()) == nullptr
             ? std::nullopt
             : std::optional(fmt::format("[{}]", out.data()));
}

/// Takes the escapes out that are not needed. Nothing when one of them is none, or a character may not stand there.
std::optional<std::string> plain_path(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto c = static_cast<unsigned char>(path[i]);
    if (c <= ' ' || c == 0x7F || c == '\\' || c == '?' || c == '#') {
      return std::nullopt;
    }
    if (c > 0x7F) {
      out += fmt::format("%{:02X}", c);
      continue;
    }
    if (c != '%') {
      out += path[i];
      continue;
    }
    const auto high = i + 2 < path.size() ? hex_value(path[i + 1]) : std::nullopt;
    const auto low = i + 2 < path.size() ? hex_value(path[i + 2]) : std::nullopt;
    if (!high || !low) {
      return std::nullopt;
    }
    const char meant = static_cast<char>(*high * 16 + *low);
    const bool unreserved = is_alnum(meant) || meant == '-' || meant == '.' || meant == '_' || meant == '~';
    out += unreserved ? std::string(1, meant) : fmt::format("%{:02X}", static_cast<unsigned char>(meant));
    i += 2;
  }
  return out;
}

/// RFC 3986, 5.2.4. `path` begins with a slash.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  bool is_folder = false;
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    is_folder = segment == "." || segment == "..";
    if (segment == ".." && !kept.empty()) {
      kept.pop_back();
    } else if (!is_folder) {
      kept.push_back(segment);
    }
    begin = end + 1;
  }
  std::string out;
  for (const std::string_view segment : kept) {
    out += '/';
    out += segment;
  }
  return out.empty() || is_folder ? out + '/' : out;
}

}  // namespace

Result<std::string> canonical_host(std::string_view host) {
  const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (bracketed || host.find(':') != std::string_view::npos) {
    const auto address = read_v6(std::string(bracketed ? host.substr(1, host.size() - 2) : host));
    return address ? Result<std::string>(*address) : Result<std::string>(bad("host", host, "it is no address"));
  }
  auto name = base::to_ascii_domain(host);
  if (!name) {
    return bad("host", host, name.error().message);
  }
  const std::vector<std::string_view> labels = labels_of(*name);
  if (!ends_in_number(labels)) {
    return name;
  }
  const auto address = read_v4(labels);
  return address ? Result<std::string>(*address) : Result<std::string>(bad("host", host, "it is no address"));
}

Result<std::string> canonical_path(std::string_view path) {
  const std::optional<std::string> plain = path.size() > kMostPathBytes ? std::nullopt : plain_path(path);
  if (!plain || (!plain->empty() && plain->front() != '/')) {
    return bad(
        "path", path,
        "it does not begin with '/', has a character that a path cannot have, or a '%' without two digits, or is "
        "too long");
  }
  return without_dots(plain->empty() ? "/" : *plain);
}

Result<NetTarget> canonical_target(const NetTarget& target) {
  NetTarget out = target;
  std::ranges::transform(out.method, out.method.begin(), upper);
  std::ranges::transform(out.scheme, out.scheme.begin(), lower);
  if (out.scheme != "http" && out.scheme != "https") {
    return bad("scheme", target.scheme, "it is neither http nor https");
  }
  const bool word =
      !out.method.empty() && std::ranges::all_of(out.method, [](char c) { return is_alnum(c) || c == '-'; });
  if (!word) {
    return bad("method", target.method, "it is no HTTP method");
  }
  if (out.port == 0) {
    return bad("port", "0", "it is a number from 1 to 65535");
  }
  CAISSON_TRY(out.host, canonical_host(target.host));
  CAISSON_TRY(out.path, canonical_path(target.path));
  return out;
}

bool is_address(std::string_view host) noexcept {
  return host.starts_with('[') ||
         (!host.empty() && std::ranges::all_of(host, [](char c) { return is_digit(c) || c == '.'; }));
}

bool is_ambiguous_path(std::string_view path) noexcept {
  constexpr std::array<std::string_view, 6> kSigns = {"//", ";", "%2F", "%5C", "%25", "%00"};
  return std::ranges::any_of(kSigns, [&](std::string_view sign) { return path.find(sign) != std::string_view::npos; });
}

}  // namespace caisson::sandbox
