#pragma once

#include "workflow/source.h"

#include <caisson/result.h>

#include <string_view>

namespace caisson::workflow {

/// Evaluates a definition in Lua and takes out its table. Errors: as read_source.
[[nodiscard]] Result<document::Value> lua_table(std::string_view text, std::string_view file,
                                                const ProgramRunner& run_program);

}  // namespace caisson::workflow
