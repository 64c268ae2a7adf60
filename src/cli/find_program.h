#pragma once

#include "base/environment.h"

#include <filesystem>
#include <optional>
#include <string_view>

namespace caisson::cli {

/// The first program of that name in PATH; folders that are not absolute do not count.
[[nodiscard]] std::optional<std::filesystem::path> find_program(const base::Environment& environment,
                                                                std::string_view name);

}  // namespace caisson::cli
