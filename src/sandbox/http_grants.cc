#include "sandbox/http_grants.h"

#include "sandbox/net_pattern.h"

#include <algorithm>
#include <string>

namespace caisson::sandbox {

namespace {

NetTarget target_of(std::string_view method, const net::Url& url) {
  const bool v6 = url.address && !url.address->is_v4;
  return {.method = std::string(method),
          .scheme = url.scheme,
          .host = v6 ? "[" + url.host + "]" : url.host,
          .port = url.port,
          .path = url.path};
}

}  // namespace

Result<net::Url> canonical_url(const net::Url& url) {
  CAISSON_TRY(const NetTarget target, canonical_target(target_of("GET", url)));
  // Read once more, so that what connects has the address that decides.
  return net::parse_url(target.scheme + "://" + target.host + ":" + std::to_string(target.port) + target.path +
                        (url.has_query ? "?" : "") + url.query);
}

bool is_granted(std::span<const NetGrant> grants, std::string_view method, const net::Url& url) {
  const auto target = canonical_target(target_of(method, url));
  return target && std::ranges::any_of(grants, [&](const NetGrant& grant) { return net_allows(grant, *target); });
}

}  // namespace caisson::sandbox
