#pragma once

#include "net/url.h"
#include "sandbox/grants.h"

#include <span>
#include <string_view>

namespace caisson::sandbox {

/// Whether a request is one that a grant allows. The path counts only for grants that name one.
[[nodiscard]] bool is_granted(std::span<const NetGrant> grants, std::string_view method, const net::Url& url);

}  // namespace caisson::sandbox
