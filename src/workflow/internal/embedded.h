#pragma once

#include <span>
#include <string_view>

namespace caisson::workflow::internal {

/// A file that is part of the library.
struct File {
  std::string_view path;
  std::string_view bytes;
};

/// api/workflow.schema.json alone.
[[nodiscard]] std::span<const File> files() noexcept;

}  // namespace caisson::workflow::internal
