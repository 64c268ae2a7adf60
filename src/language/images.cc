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

Result<std::shared_ptr<const engine::Module>> Images::load(const Image& image, Kind& kind) {
  CAISSON_TRY(engine::ModuleCache * modules, cache(kind));
  std::string wasm;
  const auto fetch = [&]() -> Result<std::string_view> {
    const bool installed = &kind == &large_;
    if (options_.observer != nullptr && options_.observer->enabled()) {
      const std::array attributes = {observe::Attribute{"language", title(image.language)}};
      options_.observer->on_event({installed ? "language.preparing_installed" : "language.preparing", attributes});
    }
    CAISSON_TRY(wasm, installed ? installed_.read(image) : unpack(image));
    return std::string_view(wasm);
  };
  return modules->get(image.digest, image.bytes, fetch);
}

Result<sandbox::Guest> Images::bind(const Program& program) {
  if (program.language == Language::kPythonData) {
    CAISSON_TRY(const Image image, installed_.find(program.language));
    CAISSON_TRY(auto module, load(image, large_));
    return sandbox::bind_image(std::move(module), program.code);
  }
  const Image* image = find_image(program.language);
  if (image == nullptr) {
    return Error{Category::kUnimplemented, "language.no_image",
                 fmt::format("this program was built without {}", title(program.language))};
  }
  CAISSON_TRY(auto module, load(*image, built_in_));
  return sandbox::bind_image(std::move(module), program.code);
}

}  // namespace caisson::language
