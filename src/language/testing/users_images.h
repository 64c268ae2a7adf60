#pragma once

#include "base/environment.h"
#include "language/images.h"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace caisson::language::testing {

/// The images that whoever runs the tests installed, with the compiled modules of the program: an installed image is
/// tested where it is.
class UsersImages {
 public:
  [[nodiscard]] Images& images() noexcept { return images_; }

  /// Why a test of an image cannot run; nothing: it can.
  [[nodiscard]] std::optional<std::string> why_not(Language language) {
    const auto image = images_.installed().find(language);
    return image ? std::nullopt : std::optional(image.error().message);
  }

 private:
  static std::filesystem::path folder(const char* variable, const char* below_home, const char* name) {
    const char* const named = std::getenv(variable);
    const char* const home = std::getenv("HOME");
    return (named != nullptr ? std::filesystem::path(named)
                             : std::filesystem::path(home == nullptr ? "/" : home) / below_home) /
           "caisson" / name;
  }

  std::unique_ptr<base::Environment> environment_ = base::make_environment();
  Images images_{{.environment = environment_.get(),
                  .directory = folder("XDG_CACHE_HOME", ".cache", "modules"),
                  .installed = folder("XDG_DATA_HOME", ".local/share", "images")}};
};

}  // namespace caisson::language::testing
