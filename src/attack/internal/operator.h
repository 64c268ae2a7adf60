#pragma once

#include "attack/scene.h"
#include "document/value.h"

#include <caisson/result.h>
#include <caisson/runtime.h>

#include <string>
#include <string_view>
#include <vector>

namespace caisson::attack {

/// What the operator of a step says: its `allow`, `deny`, `limit` and `configuration`.
/// Errors: invalid_argument / attack.invalid_case
[[nodiscard]] Result<RuntimeOptions> operator_options(const Scene& scene, const Step& step);

/// The texts of a list under `name`, as Scene::expand gives them; none when there is none.
[[nodiscard]] std::vector<std::string> texts_of(const Scene& scene, const document::Value& value,
                                                std::string_view name);

}  // namespace caisson::attack
