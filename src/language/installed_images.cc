#include "language/installed_images.h"

#include "base/file_error.h"
#include "language/data_image.h"

#include <fmt/format.h>

#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>

namespace caisson::language {

namespace {

constexpr std::uint64_t kMostManifest = 4U << 20;

Error not_installed(Language language) {
  return {Category::kNotFound, "language.not_installed",
          fmt::format("the image {0} is not installed: `caisson image install {0}`", to_string(language))};
}

}  // namespace

std::filesystem::path InstalledImages::file(Language language) const {
  return folder_ / fmt::format("{}.wasm.zst", to_string(language));
}

std::filesystem::path InstalledImages::manifest_file(Language language) const {
  return folder_ / fmt::format("{}.json", to_string(language));
}

Result<Image> InstalledImages::find(Language language) const {
  if (folder_.empty()) {
    return not_installed(language);
  }
  const std::filesystem::path path = manifest_file(language);
  const Result<std::string> manifest = environment_.read_trusted_file(path, kMostManifest);
  if (!manifest) {
    return manifest.error().category == Category::kNotFound ? not_installed(language) : manifest.error();
  }
  CAISSON_TRY(Image image, read_manifest(*manifest, path.native()));
  if (image.language != language || image.bytes > kMostImageBytes) {
    return Error{Category::kDataLoss, "language.bad_image",
                 fmt::format("{} is not the manifest of {}", path.native(), to_string(language))};
  }
  if (image.recipe != data_recipe()) {
    return Error{
        Category::kFailedPrecondition, "language.other_recipe",
        fmt::format("the image {0} was installed by another version of this program: `caisson image remove {0}`, then "
                    "`caisson image install {0}`",
                    to_string(language))};
  }
  return image;
}

Result<std::string> InstalledImages::read(const Image& image) const {
  CAISSON_TRY(const std::string packed, environment_.read_trusted_file(file(image.language), kMostImageBytes));
  return unpack(image, packed);
}

Result<base::Descriptor> InstalledImages::lock() {
  if (folder_.empty()) {
    return Error{Category::kFailedPrecondition, "language.no_folder",
                 "there is no folder for images: neither XDG_DATA_HOME nor HOME is set"};
  }
  CAISSON_CHECK(environment_.make_private_directory(folder_));
  const std::filesystem::path path = folder_ / "lock";
  base::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) {
    return base::file_error("open", path, errno);
  }
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{Category::kUnavailable, "language.busy",
                 fmt::format("another process is installing or removing an image in {}", folder_.native())};
  }
  return file;
}

Status InstalledImages::add(Language language, std::string_view manifest, std::string_view packed) {
  CAISSON_CHECK(environment_.remove_file(manifest_file(language)));  // of an image that is replaced
  CAISSON_CHECK(environment_.write_private_file(file(language), packed));
  return environment_.write_private_file(manifest_file(language), manifest);
}

Result<bool> InstalledImages::remove(Language language) {
  CAISSON_TRY(const std::vector<base::FileEntry> files, environment_.list_files(folder_));
  const std::string name(to_string(language));
  const std::string manifest = manifest_file(language).filename();
  bool was_there = false;
  for (const base::FileEntry& entry : files) {
    was_there = was_there || entry.name == manifest;
  }
  // The manifest first: without it there is no image. Then everything else, half-written files too.
  CAISSON_CHECK(environment_.remove_file(manifest_file(language)));
  for (const base::FileEntry& entry : files) {
    if (entry.name.starts_with(name + ".")) {
      CAISSON_CHECK(environment_.remove_file(folder_ / entry.name));
    }
  }
  std::error_code ignored;
  std::filesystem::remove_all(work_folder(), ignored);
  return was_there;
}

}  // namespace caisson::language
