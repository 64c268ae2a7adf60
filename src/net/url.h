#pragma once

#include "net/address.h"

#include <caisson/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::net {

/// A URL that can be asked for, taken apart. What decides about a request and what makes it look at the same parts.
struct Url {
  std::string scheme;  ///< `http`, `https`
  std::string host;    ///< lower case, no dot at the end; of IPv6 without brackets
  std::uint16_t port = 0;
  std::string path;                    ///< begins with `/`; percent-escapes as they were written
  std::string query{};                 ///< behind the `?`, without it
  bool has_query = false;              ///< a `?` is there, though nothing may be behind it
  std::optional<IpAddress> address{};  ///< of a host that is an address

  /// `https://example.com`, `http://[::1]:8080`: the port unless it is the scheme's own.
  [[nodiscard]] std::string origin() const;
  /// The whole of it; reads back as the same.
  [[nodiscard]] std::string text() const;

  friend bool operator==(const Url&, const Url&) = default;
};

/// Reads a URL strictly: what two programs could read in two ways is refused, not repaired.
///
/// Refused: other schemes, user names, fragments, characters other than visible ASCII (write a name in its `xn--` form,
/// a path with %XX), backslashes, escapes in the host, hosts that are neither a name nor an address (`0x7f.1`, `127.1`
/// and other spellings of addresses among them), a port of 0, segments `.` and `..` in the path however they are
/// written, escapes that are none. At most 4096 bytes.
/// Errors: invalid_argument / net.bad_url; failed_precondition / net.no_library: there is no libcurl on this machine.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

}  // namespace caisson::net
