#include "attack/files.h"

#include <algorithm>

namespace caisson::attack {

const File* find_file(std::string_view path) noexcept {
  const auto all = files();
  const auto found = std::ranges::lower_bound(all, path, {}, &File::path);
  return found != all.end() && found->path == path ? &*found : nullptr;
}

}  // namespace caisson::attack
