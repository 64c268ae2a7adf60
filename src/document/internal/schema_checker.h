#pragma once

#include "document/internal/schema_rules.h"
#include "document/schema.h"

#include <cstddef>
#include <vector>

namespace caisson::document::internal {

/// What Schema::check promises.
[[nodiscard]] std::vector<SchemaProblem> check_schema(const SchemaRules& rules, const Value& value, std::size_t steps);

}  // namespace caisson::document::internal
