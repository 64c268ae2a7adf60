#pragma once

#include "workflow/source.h"

#include <caisson/result.h>

#include <string_view>

namespace caisson::workflow {

/// A definition out of a blueprint. Errors: as read_source.
[[nodiscard]] Result<Source> from_blueprint(document::Value root, std::string_view file);

/// The blueprint of a definition; what a blueprint has no name for keeps the definition's.
[[nodiscard]] document::Value to_blueprint(const document::Value& definition);

}  // namespace caisson::workflow
