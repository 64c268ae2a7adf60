#pragma once

#include <caisson/result.h>

#include <cstddef>
#include <string>
#include <vector>

namespace caisson::cli {

/// Workflows of one folder, at most.
inline constexpr std::size_t kMaxInFolder = 1'000;

/// The files that an argument stands for: itself when there is such a file, and `-`; of a folder its workflows, sorted;
/// otherwise a workflow of that name in `workflows`, `examples`, `templates` or `tests`, with any of their endings, the
/// first of them. What is found nowhere stays as it is, so that reading it says what is wrong.
///
/// Errors: not_found / file.missing: a folder without a workflow; resource_exhausted / file.too_large: one with more
/// than kMaxInFolder.
[[nodiscard]] Result<std::vector<std::string>> find_definitions(const std::string& argument);

/// The same for several, one after the other. What has an error stays as it is, so that reading it says so.
[[nodiscard]] std::vector<std::string> find_definitions(const std::vector<std::string>& arguments);

/// The one file that an argument stands for. Errors: also invalid_argument / file.not_a_file: a folder of several.
[[nodiscard]] Result<std::string> find_definition(const std::string& argument);

}  // namespace caisson::cli
