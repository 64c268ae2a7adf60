#pragma once

#include "base/environment.h"
#include "engine/module_cache.h"
#include "language/image.h"
#include "language/installed_images.h"
#include "language/program.h"
#include "observe/observer.h"
#include "sandbox/guest.h"

#include <caisson/result.h>

#include <filesystem>
#include <memory>
#include <mutex>

namespace caisson::language {

/// The images of this program, and those that were installed beside it, ready to run: each kind with an engine of its
/// own, and their machine code in the cache of compiled modules. They are compiled in this process, because they are
/// part of it, or were made by it.
///
/// Events: language.preparing {language} before an image is compiled, which happens once on a machine and takes
/// seconds; language.preparing_installed {language}: the same of an installed one, minutes. Threads: safe to call
/// concurrently.
class Images {
 public:
  struct Options {
    base::Environment* environment = nullptr;  ///< required
    observe::Observer* observer = nullptr;
    std::filesystem::path directory{};  ///< of compiled modules; empty: in memory only
    std::filesystem::path installed{};  ///< of installed images; empty: there are none
  };
  explicit Images(Options options)
      : options_(std::move(options)), installed_(*options_.environment, options_.installed) {}

  /// The image of the program's language, with its code.
  /// Errors: unimplemented / language.no_image: this program was built without it; those of InstalledImages::find, of
  /// unpack, ModuleCache::get and Engine::create.
  [[nodiscard]] Result<sandbox::Guest> bind(const Program& program);

  [[nodiscard]] InstalledImages& installed() noexcept { return installed_; }

 private:
  struct Kind {
    engine::Profile profile;
    std::unique_ptr<engine::ModuleCache> cache{};
  };
  [[nodiscard]] Result<engine::ModuleCache*> cache(Kind& kind);
  [[nodiscard]] Result<std::shared_ptr<const engine::Module>> load(const Image& image, Kind& kind);

  Options options_;
  InstalledImages installed_;
  std::mutex mutex_;
  Kind built_in_{engine::image_profile()};
  Kind large_{engine::large_image_profile()};
};

}  // namespace caisson::language
