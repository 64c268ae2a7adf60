#pragma once

#include "base/control.h"
#include "sandbox/policy.h"
#include "sandbox/policy_ceiling.h"

namespace caisson::sandbox {

/// For builds in which controls can be switched: the policy without the limits whose controls are off. A deadline moves
/// by two seconds, so that the harm is seen and the test ends.
[[nodiscard]] Policy lifted(const Policy& policy);
/// The same of what an operator allows and denies.
[[nodiscard]] Ceiling lifted(const Ceiling& ceiling);

}  // namespace caisson::sandbox
