#pragma once

#include "workflow/definition.h"
#include "workflow/internal/fields.h"
#include "workflow/internal/problems.h"

#include <array>
#include <string_view>

namespace caisson::workflow {

/// Names that only a code node has.
inline constexpr std::array<std::string_view, 6> kCodeNames = {"language", "code",    "file",
                                                               "entry",    "imports", "deterministic"};

/// Reads the code of a node.
[[nodiscard]] CodeDefinition read_code(Fields& fields, Problems& problems);

}  // namespace caisson::workflow
