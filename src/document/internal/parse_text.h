#pragma once

#include "document/internal/builder.h"
#include "document/internal/text.h"
#include "document/parse.h"
#include "document/value.h"

#include <caisson/result.h>

#include <string_view>

namespace caisson::document::internal {

/// Runs one syntax's parser over a text that check_text has nothing against. Problems go to the builder.
using Reader = void (*)(std::string_view text, const TextIndex& index, const ParseLimits& limits, Builder& builder);

/// What parse_yaml, parse_json and parse_toml have in common: the size, the encoding, the Error at the end.
[[nodiscard]] Result<Value> parse_text(std::string_view text, std::string_view file, Syntax syntax,
                                       const ParseLimits& limits, Reader read);

}  // namespace caisson::document::internal
