#pragma once

#include "sandbox/grants.h"

#include <caisson/result.h>

#include <string>
#include <string_view>

namespace caisson::sandbox {

/// URLs that a grant names, taken apart.
struct NetPattern {
  std::string scheme;  ///< `http`, `https`
  std::string host;    ///< lower case: a name, `*.example.com`, `*`, an address (IPv6 in brackets)
  std::string port;    ///< digits or `*`; that of the scheme when none is written
  std::string path;    ///< empty: any; ends in `*`: what begins so; otherwise exactly this

  friend bool operator==(const NetPattern&, const NetPattern&) = default;
};

/// Errors: invalid_argument / policy.bad_value for anything but `http[s]://HOST[:PORT][/PATH]`: user names, queries,
/// names that are not ASCII, `*` anywhere but as the first label, the port or the end of the path, and paths that
/// another program may read differently (`..`, `//`, `\`, `%2e`, `%2f`).
[[nodiscard]] Result<NetPattern> parse_net_pattern(std::string_view text);

/// Whether every request that `inner` allows is one that `outer` allows. Methods: none is GET and HEAD, `*` is any.
[[nodiscard]] bool net_covers(const NetGrant& outer, const NetGrant& inner);

/// Whether any request is allowed by both. Here a `denied` without methods has all of them.
[[nodiscard]] bool net_meets(const NetGrant& denied, const NetGrant& asked);

/// `https://api.example.com`, `POST|PUT https://api.example.com/v1/*`.
[[nodiscard]] std::string print_net(const NetGrant& grant);
/// Reads what print_net writes; methods become upper case, sorted, each once. Errors: as parse_net_pattern.
[[nodiscard]] Result<NetGrant> parse_net(std::string_view text);

}  // namespace caisson::sandbox
