#pragma once

#include <caisson/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace caisson::net {

/// One field of the head of a request or an answer.
struct Header {
  std::string name;  ///< of an answer in lower case
  std::string value;

  friend bool operator==(const Header&, const Header&) = default;
};

/// Whether names are the same; case does not count.
[[nodiscard]] bool same_name(std::string_view a, std::string_view b) noexcept;

/// Whether these can be sent as the head of a request: each name a token that is there once, each value of visible
/// ASCII and blanks, at most 100 of them, and 32 KiB. What belongs to the connection or to the message's frame is not
/// the sender's: Host, Content-Length, Transfer-Encoding, TE, Trailer, Upgrade, Expect, Connection, Keep-Alive,
/// HTTP2-Settings, Proxy-*; and not Accept-Encoding: a body that nobody unpacks cannot be looked at. Errors:
/// invalid_argument / net.bad_header, naming the field; never with its value, which may be secret.
[[nodiscard]] Status check_request_headers(const std::vector<Header>& headers);

/// Whether a request may have this method: a token in upper case that is not CONNECT, TRACE or TRACK.
/// Errors: invalid_argument / net.bad_method.
[[nodiscard]] Status check_method(std::string_view method);

}  // namespace caisson::net
