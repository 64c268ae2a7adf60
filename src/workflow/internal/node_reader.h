#pragma once

#include "document/value.h"
#include "workflow/definition.h"
#include "workflow/internal/node_list.h"
#include "workflow/internal/problems.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// Every name that some node may have.
[[nodiscard]] const std::vector<std::string_view>& node_field_names();

/// Reads one entry of `processors`; what is wrong with it goes to `problems`. `definition`: its file and fuel policy.
/// `number` counts entries from 1 and names an entry without an id. `scope`: the bodies around it. The id is empty when
/// there is no usable one.
[[nodiscard]] NodeDefinition read_node(const document::Value& value, std::size_t number, const Definition& definition,
                                       Problems& problems, const BodyScope& scope);

}  // namespace caisson::workflow
