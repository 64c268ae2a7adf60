#pragma once

#include <caisson/result.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace caisson::sandbox {

/// What a request is for, taken apart by whoever will send it.
struct NetTarget {
  std::string method;
  std::string scheme;
  std::string host;  ///< a name, or an address; of IPv6 with brackets or without
  std::uint16_t port = 0;
  std::string path;  ///< without the query

  friend bool operator==(const NetTarget&, const NetTarget&) = default;
};

/// The one form of a target in which targets and patterns are compared, so that no other spelling of the same thing
/// gets around a pattern. What is compared must be what is sent: whoever decides about a target sends the canonical
/// one.
///
/// Scheme and host are in lower case, the method is in upper case; names are as base::to_ascii_domain has them; IPv4 is
/// four decimal numbers, however it was written, also when it was mapped into IPv6; other IPv6 is its shortest form, in
/// brackets. The path begins with `/`, has no `.` and `..` in it; what needs no escape has none, other escapes are in
/// upper case.
///
/// Errors: invalid_argument / policy.bad_target: another scheme than http and https, a user name, a port of 0, a
/// character that the part cannot have (control characters, blanks, `\`, `%` in a host, `?` and `#` in a path), an
/// escape that is none, an address that is none. Source: RFC 3986 section 6, the WHATWG's URL standard on hosts.
[[nodiscard]] Result<NetTarget> canonical_target(const NetTarget& target);

/// The parts of it. Errors: likewise.
[[nodiscard]] Result<std::string> canonical_host(std::string_view host);
[[nodiscard]] Result<std::string> canonical_path(std::string_view path);

/// Whether a canonical host is an address.
[[nodiscard]] bool is_address(std::string_view host) noexcept;

/// Whether servers read a canonical path in several ways: it has an escaped `/`, `\`, `%` or zero byte, an empty
/// segment, or a `;`. Then no pattern with a path fits it.
[[nodiscard]] bool is_ambiguous_path(std::string_view path) noexcept;

}  // namespace caisson::sandbox
