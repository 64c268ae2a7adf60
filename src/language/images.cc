#include "language/images.h"

#include "sandbox/host_functions.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <string>
#include <utility>

namespace caisson::language {

Result<engine::ModuleCache*> Images::cache(Kind& kind) {
  const std::scoped_lock lock(mutex_);
  if (kind.cache == nullptr) {
    CAISSON_TRY(auto engine, engine::Engine::create({
                                 .profile = kind.profile,
                                 .host_functions = sandbox::host_functions(),
                                 .observer = options_.observer,
                                 .environment = options_.environment,
                             }));
    engine::Metrics anything;  // images are part of this program
    anything.fill(std::numeric_limits<std::uint64_t>::max());
    kind.cache = std::make_unique<engine::ModuleCache>(engine::ModuleCache::Options{.engine = std::move(engine),
                                                                                    .environment = options_.environment,
                                                                                    .observer = options_.observer,
                                                                                    .directory = options_.directory,
                                                                                    .structure = anything});
  }
  return kind.cache.get();
}

Result<Image> Images::find(Language language) const {
  if (language == Language::kPythonData) {
    return installed_.find(language);
  }
  const Image* image = find_image(language);
  if (image == nullptr) {
    return Error{Category::kUnimplemented, "language.no_image",
                 fmt::format("this program was built without {}", title(language))};
  }
  return *image;
}

Result<sandbox::Guest> Images::bind(const Program& program) {
  CAISSON_TRY(const Image image, find(program.language));
  CAISSON_TRY(engine::ModuleCache * modules, cache(image.packed.empty() ? large_ : built_in_));
  std::string wasm;
  const auto fetch = [&]() -> Result<std::string_view> {
    if (options_.observer != nullptr && options_.observer->enabled()) {
      const std::array attributes = {observe::Attribute{"language", title(program.language)}};
      options_.observer->on_event(
          {image.packed.empty() ? "language.preparing_installed" : "language.preparing", attributes});
    }
    CAISSON_TRY(wasm, image.packed.empty() ? installed_.read(image) : unpack(image));
    return std::string_view(wasm);
  };
  CAISSON_TRY(auto module, modules->get(image.digest, image.bytes, fetch));
  return sandbox::bind_image(std::move(module), program.code);
}

}  // namespace caisson::language
