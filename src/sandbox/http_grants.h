#pragma once

#include "net/url.h"
#include "sandbox/grants.h"

#include <caisson/result.h>

#include <span>
#include <string_view>

namespace caisson::sandbox {

/// The URL in the one form in which requests are compared with grants, and sent: canonical_target's.
/// Errors: those of canonical_target and net::parse_url.
[[nodiscard]] Result<net::Url> canonical_url(const net::Url& url);

/// Whether a request is one that a grant allows. `url`: canonical. The path counts only for grants that name one.
[[nodiscard]] bool is_granted(std::span<const NetGrant> grants, std::string_view method, const net::Url& url);

}  // namespace caisson::sandbox
