#pragma once

#include "document/value.h"

#include <caisson/result.h>

#include <string>

namespace caisson::attack {

/// A module that is made to be hard on whoever takes it: `{bomb: functions, count: 900000}`. Too large to be kept as a
/// file, and the same every time.
/// Errors: invalid_argument / attack.invalid_case.
[[nodiscard]] Result<std::string> make_bomb(const document::Value& what);

}  // namespace caisson::attack
