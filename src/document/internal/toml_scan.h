#pragma once

#include "document/internal/builder.h"
#include "document/parse.h"

#include <string_view>

namespace caisson::document::internal {

/// Reports a TOML text that nests too deep or holds too many values, before toml++ sees it: that builds its whole tree
/// first, and takes it down by recursion. Counts what is certain to be there if the text is TOML, never more.
/// Returns whether toml++ may read it.
[[nodiscard]] bool scan_toml(std::string_view text, const ParseLimits& limits, Builder& builder);

}  // namespace caisson::document::internal
