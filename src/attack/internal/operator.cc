#include "attack/internal/operator.h"

#include "attack/internal/steps.h"
#include "attack/internal/values.h"

#include <filesystem>

namespace caisson::attack {

using document::Value;

std::vector<std::string> texts_of(const Scene& scene, const Value& value, std::string_view name) {
  std::vector<std::string> out;
  const Value* found = value.find(name);
  if (found != nullptr && found->as_list() != nullptr) {
    for (const Value& item : *found->as_list()) {
      out.push_back(item.as_string() == nullptr ? std::string() : scene.expand(*item.as_string()));
    }
  }
  return out;
}

Result<RuntimeOptions> operator_options(const Scene& scene, const Step& step) {
  const Value& about = step.about;
  RuntimeOptions options;
  options.allow = texts_of(scene, about, "allow");
  options.deny = texts_of(scene, about, "deny");
  options.limits = texts_of(scene, about, "limit");
  if (const std::string configuration = text_of(about, "configuration"); !configuration.empty()) {
    const std::filesystem::path file = scene.folder() / "caisson-of-the-operator.toml";
    if (!write_bytes(file, scene.expand(configuration))) {
      return bad_step(step, "the configuration cannot be written");
    }
    std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    options.configuration_file = file.native();
  }
  return options;
}

}  // namespace caisson::attack
