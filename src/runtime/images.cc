#include "language/images.h"
#include "base/unicode.h"
#include "language/data_image.h"
#include "runtime/runtime_state.h"

#include <caisson/runtime.h>

#include <fmt/format.h>

#include <filesystem>

namespace caisson {

namespace {

using language::Language;

constexpr std::uint64_t kMostPackage = 512U << 20;

Result<Language> installable(const std::string& name) {
  if (language::parse_language(name) == Language::kPythonData) {
    return Language::kPythonData;
  }
  return Error{Category::kNotFound, "language.unknown_image",
               fmt::format("there is no image '{}' that is installed beside this program; there is python-data",
                           base::printable(base::shorten(name, 64)))};
}

ImageReport report_of(const language::Image& image) {
  return {.name = std::string(to_string(image.language)),
          .version = image.version,
          .digest = image.digest.hex(),
          .bytes = image.bytes,
          .baseline_bytes = image.baseline_bytes};
}

ImageReport report_of(const language::InstalledImages& images, Language language) {
  const Result<language::Image> found = images.find(language);
  ImageReport out;
  if (found) {
    out = report_of(*found);
  }
  out.name = to_string(language);
  out.file = images.file(language).native();
  if (!found) {
    out.problem = found.error();
  }
  return out;
}

}  // namespace

std::vector<ImageReport> Runtime::images() {
  std::vector<ImageReport> out;
  for (const Language language : language::kLanguages) {
    if (const language::Image* image = language::find_image(language)) {
      out.push_back(report_of(*image));
    }
  }
  out.push_back(report_of(state_->machinery.images().installed(), Language::kPythonData));
  return out;
}

Result<ImagePackage> Runtime::image_package(const std::string& name) const {
  CAISSON_CHECK(installable(name));
  const language::DataPackage& package = language::data_package();
  return ImagePackage{std::string(package.name), std::string(package.version), std::string(package.file),
                      std::string(package.sha256)};
}

Result<ImageReport> Runtime::install_image(const ImageInstall& install) {
  CAISSON_TRY(const Language language, installable(install.name));
  language::Images& images = state_->machinery.images();
  if (!images.installed().find(language)) {
    CAISSON_TRY(const std::string package,
                state_->machinery.environment().read_file(install.package_file, kMostPackage));
    CAISSON_CHECK(language::install_data_image({.environment = &state_->machinery.environment(),
                                                .executor = &state_->machinery.executor(),
                                                .images = &images.installed(),
                                                .package = package,
                                                .on_step = install.on_step}));
  }
  if (install.on_step) {
    install.on_step("compiling the image");
  }
  CAISSON_CHECK(images.bind({.language = language, .code = ""}));
  return report_of(images.installed(), language);
}

Result<bool> Runtime::remove_image(const std::string& name) {
  CAISSON_TRY(const Language language, installable(name));
  language::InstalledImages& images = state_->machinery.images().installed();
  std::error_code ignored;
  if (!std::filesystem::exists(images.folder(), ignored)) {
    return false;
  }
  CAISSON_TRY(const base::Descriptor lock, images.lock());
  return images.remove(language);
}

}  // namespace caisson
