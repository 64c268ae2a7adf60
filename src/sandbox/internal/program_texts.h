#pragma once

#include "sandbox/internal/call_state.h"

#include <string>
#include <vector>

namespace caisson::sandbox {

/// The arguments of a program: its name, and what is granted.
[[nodiscard]] std::vector<std::string> arguments_of(const CallState& call);

/// The granted environment, NAME=VALUE each.
[[nodiscard]] std::vector<std::string> variables_of(const CallState& call);

}  // namespace caisson::sandbox
