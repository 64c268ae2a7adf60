#pragma once

#include "attack/case.h"
#include "attack/facts.h"

#include <optional>
#include <string>

namespace caisson::attack {

/// Whether a condition holds; nothing when there is no such fact, or it is asked for in a wrong way.
[[nodiscard]] std::optional<bool> holds(const Condition& condition, const Facts& facts);

/// `output_has: CANARY`, for people.
[[nodiscard]] std::string to_string(const Condition& condition);

}  // namespace caisson::attack
