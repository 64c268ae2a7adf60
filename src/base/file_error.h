#pragma once

#include <caisson/error.h>

#include <filesystem>
#include <string_view>

namespace caisson::base {

/// The Error for `code`, an errno, after `doing` something (`read`, `write`, `create`, `open` ...) to a file: `cannot
/// read 'a.yaml': there is no such file`.
/// not_found / file.missing; permission_denied / file.permission; resource_exhausted / file.no_space; invalid_argument
/// / file.not_a_file, file.bad_path; internal / file.io.
[[nodiscard]] Error file_error(std::string_view doing, const std::filesystem::path& path, int code);

}  // namespace caisson::base
