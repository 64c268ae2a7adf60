#pragma once

#include "base/digest.h"
#include "document/value.h"
#include "sandbox/policy.h"

#include <string>

namespace caisson::sandbox {

/// A policy in its one canonical form: `{"limits": {...}, "grants": {...}}` in the words of a definition, every limit
/// and grant there, lists sorted. Two policies that are equal print the same; values of the host's variables are left
/// out.
[[nodiscard]] document::Value to_value(const Policy& policy);

/// SHA-256 of the canonical form as compact JSON: names a policy in the audit log.
[[nodiscard]] base::Digest digest_of(const Policy& policy);

}  // namespace caisson::sandbox
