#pragma once

#include "document/value.h"
#include "sandbox/policy_request.h"
#include "workflow/internal/fields.h"
#include "workflow/internal/problems.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace caisson::workflow {

/// Reads `limits` and `grants` of a map into a request that may have a fuel already, from `set_fuel`: then no second
/// one may be written.
void read_policy(const Fields& fields, sandbox::PolicyRequest& out, const std::string& file, Problems& problems);

/// Adds a problem for `limits` and `grants` of a type of node that runs in no sandbox.
void refuse_policy(const Fields& fields, std::string_view type, Problems& problems);

/// A fuel that is written at `where`, under one of its older names.
void set_fuel(sandbox::PolicyRequest& request, std::uint64_t fuel, const document::Value& where,
              const std::string& file);

}  // namespace caisson::workflow
