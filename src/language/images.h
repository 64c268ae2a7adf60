#pragma once

#include "base/environment.h"
#include "engine/module_cache.h"
#include "language/image.h"
#include "language/program.h"
#include "observe/observer.h"
#include "sandbox/guest.h"

#include <caisson/result.h>

#include <filesystem>
#include <memory>
#include <mutex>

namespace caisson::language {

/// The images of this program, ready to run: an engine of their own, and their machine code in the cache of compiled
/// modules. They are compiled in this process, because they are part of it.
///
/// Events: language.preparing {language} before an image is compiled, which takes seconds and happens once on a
/// machine. Threads: safe to call concurrently.
class Images {
 public:
  struct Options {
    base::Environment* environment = nullptr;  ///< required
    observe::Observer* observer = nullptr;
    std::filesystem::path directory{};  ///< of compiled modules; empty: in memory only
  };
  explicit Images(Options options) : options_(std::move(options)) {}

  /// The image of the program's language, with its code.
  /// Errors: unimplemented / language.no_image: this program was built without it; those of unpack, ModuleCache::get
  /// and Engine::create.
  [[nodiscard]] Result<sandbox::Guest> bind(const Program& program);

 private:
  [[nodiscard]] Result<engine::ModuleCache*> cache();

  Options options_;
  std::mutex mutex_;
  std::unique_ptr<engine::ModuleCache> cache_;
};

}  // namespace caisson::language
