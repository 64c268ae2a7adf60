#include "cli/find_program.h"

#include <unistd.h>

#include <algorithm>
#include <string>

namespace caisson::cli {

std::optional<std::filesystem::path> find_program(const base::Environment& environment, std::string_view name) {
  const std::string folders = environment.variable("PATH").value_or("");
  std::string_view left = folders;
  while (!left.empty()) {
    const std::string_view folder = left.substr(0, left.find(':'));
    left.remove_prefix(std::min(left.size(), folder.size() + 1));
    std::filesystem::path program = std::filesystem::path(folder) / name;
    std::error_code ignored;
    if (folder.starts_with('/') && std::filesystem::is_regular_file(program, ignored) &&
        ::access(program.c_str(), X_OK) == 0) {
      return program;
    }
  }
  return std::nullopt;
}

}  // namespace caisson::cli
