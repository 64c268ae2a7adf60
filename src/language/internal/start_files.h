#pragma once

#include <span>
#include <string_view>

namespace caisson::language {

/// A file that an interpreter is started with when its image is installed (guests/images/python-data); static.
struct StartFile {
  std::string_view name;  ///< `boot`, for boot.py
  std::string_view text;
};

/// All of them, by their names.
[[nodiscard]] std::span<const StartFile> start_files() noexcept;

}  // namespace caisson::language
