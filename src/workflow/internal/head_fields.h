#pragma once

#include "document/schema.h"
#include "workflow/definition.h"
#include "workflow/internal/fields.h"
#include "workflow/internal/problems.h"

#include <optional>
#include <string_view>

namespace caisson::workflow {

/// Reads what a definition says of itself: `configVersion`, `name`, `description`, `input_schema`, `output_schema`.
void read_head(Fields& fields, Definition& definition, Problems& problems);

/// A schema under that name; its problems are those of document::Schema::make.
[[nodiscard]] std::optional<document::Schema> read_schema(const Fields& fields, std::string_view name,
                                                          Problems& problems);

}  // namespace caisson::workflow
