#pragma once

#include "document/value.h"

#include <caisson/result.h>

#include <string_view>

namespace caisson::workflow {

/// A definition out of the table of one in Lua: a table with `processors` is one already; `steps` are translated.
/// Errors: as read_source, each problem with its path in the table.
[[nodiscard]] Result<document::Value> from_lua_table(document::Value table, std::string_view file);

}  // namespace caisson::workflow
