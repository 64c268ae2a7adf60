#pragma once

#include <caisson/payload.h>
#include <caisson/result.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace caisson::cli {

/// What a sandbox takes at most, so that a larger input is refused before anything runs.
inline constexpr std::size_t kMaxInputBytes = 10 << 20;

/// Text when the bytes are UTF-8, plain bytes otherwise.
[[nodiscard]] Payload to_payload(std::string bytes);

/// The content of a file or a pipe; of standard input for `-`. Waits for the end of a pipe. `what`: errors call it so.
///
/// Errors: not_found / file.missing; invalid_argument / file.not_a_file (a directory; a standard input that is closed),
/// file.bad_path; permission_denied / file.permission; resource_exhausted / file.too_large (more than kMaxInputBytes);
/// internal / file.io.
[[nodiscard]] Result<std::string> read_input(const std::string& path, std::string_view what = "input");

/// Whether a path is a file that somebody would take for a workflow: it exists, and ends in .yaml, .yml, .json or .lua.
[[nodiscard]] bool is_definition_file(const std::string& path);

}  // namespace caisson::cli
