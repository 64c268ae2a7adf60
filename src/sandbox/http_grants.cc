#include "sandbox/http_grants.h"

#include "base/control.h"
#include "sandbox/net_pattern.h"

#include <algorithm>
#include <string>

namespace caisson::sandbox {

bool is_granted(std::span<const NetGrant> grants, std::string_view method, const net::Url& url) {
  if (!base::holds(base::Control::kHttpPattern)) {
    return true;
  }
  // A request is a grant of nothing but itself, so that one rule compares grants and requests.
  const NetGrant any_path{url.origin(), {std::string(method)}};
  const NetGrant this_path{url.origin() + url.path, {std::string(method)}};
  return std::ranges::any_of(
      grants, [&](const NetGrant& grant) { return net_covers(grant, any_path) || net_covers(grant, this_path); });
}

}  // namespace caisson::sandbox
