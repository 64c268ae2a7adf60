#pragma once

#include "sandbox/grants.h"
#include "sandbox/net_target.h"

#include <caisson/result.h>

#include <string>
#include <string_view>

namespace caisson::sandbox {

/// URLs that a grant names, taken apart; its parts are as canonical_target has them.
struct NetPattern {
  std::string scheme;  ///< `http`, `https`
  std::string host;    ///< a name, `*.example.com`, `*`, an address (IPv6 in brackets)
  std::string port;    ///< digits or `*`; that of the scheme when none is written
  std::string path;    ///< empty: any; ends in `*`: what begins so; otherwise exactly this

  /// Whether a request is for one of them; its method does not count. `target`: canonical. One with a path that
  /// servers read in several ways (is_ambiguous_path) only fits where any path does.
  [[nodiscard]] bool matches(const NetTarget& target) const;

  friend bool operator==(const NetPattern&, const NetPattern&) = default;
};

/// Errors: invalid_argument / policy.bad_value for anything but `http[s]://HOST[:PORT][/PATH]`: user names, queries,
/// `*` anywhere but as the first label, the port or the end of the path, and paths that another program may read
/// differently (`..`, `//`, `\`, `;`, `%2e`, `%2f`, `%25`).
[[nodiscard]] Result<NetPattern> parse_net_pattern(std::string_view text);

/// Whether a grant allows a request. `target`: canonical. Methods: none is GET and HEAD, `*` is any.
[[nodiscard]] bool net_allows(const NetGrant& grant, const NetTarget& target);

/// Whether every request that `inner` allows is one that `outer` allows. Methods: none is GET and HEAD, `*` is any.
[[nodiscard]] bool net_covers(const NetGrant& outer, const NetGrant& inner);

/// Whether any request is allowed by both. Here a `denied` without methods has all of them, and upper and lower case in
/// paths are the same: to some servers they are.
[[nodiscard]] bool net_meets(const NetGrant& denied, const NetGrant& asked);

/// `https://api.example.com`, `POST|PUT https://api.example.com/v1/*`.
[[nodiscard]] std::string print_net(const NetGrant& grant);
/// Reads what print_net writes; methods become upper case, sorted, each once. Errors: as parse_net_pattern.
[[nodiscard]] Result<NetGrant> parse_net(std::string_view text);

}  // namespace caisson::sandbox
