#pragma once

#include "base/descriptor.h"
#include "base/environment.h"
#include "language/image.h"

#include <caisson/result.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace caisson::language {

/// The images that a user installed beside the program: in a folder of his, two files each, NAME.wasm.zst and
/// NAME.json. The second says what the first is, by its digest, and is written last: an image is there when both are.
///
/// Threads: safe to call concurrently.
class InstalledImages {
 public:
  /// `folder`: empty, when there is nowhere to keep images. The environment outlives it.
  InstalledImages(base::Environment& environment, std::filesystem::path folder)
      : environment_(environment), folder_(std::move(folder)) {}

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
  /// Where the image is, or would be.
  [[nodiscard]] std::filesystem::path file(Language language) const;

  /// Errors: not_found / language.not_installed, with what to type; failed_precondition /
  /// language.other_recipe: another version of this program installed it; data_loss / language.bad_image; file.*, also
  /// when others may change the files.
  [[nodiscard]] Result<Image> find(Language language) const;

  /// The WebAssembly of an image that `find` gave. Errors: data_loss / language.bad_image; file.*.
  [[nodiscard]] Result<std::string> read(const Image& image) const;

  /// Keeps other processes from changing the images as long as it lives. Makes the folder.
  /// Errors: failed_precondition / language.no_folder; unavailable / language.busy; file.*.
  [[nodiscard]] Result<base::Descriptor> lock();

  /// Where an image is made, by who holds the lock.
  [[nodiscard]] std::filesystem::path work_folder() const { return folder_ / "installing"; }

  /// Writes an image. Whoever ends this process while it does leaves none, or all of it. The caller holds the lock.
  /// `manifest`: the text of NAME.json, `packed` that of NAME.wasm.zst. Errors: file.*.
  [[nodiscard]] Status add(Language language, std::string_view manifest, std::string_view packed);

  /// Takes an image away, and what an installation that did not finish left. False: there was none. The caller holds
  /// the lock. Errors: file.*.
  [[nodiscard]] Result<bool> remove(Language language);

 private:
  [[nodiscard]] std::filesystem::path manifest_file(Language language) const;

  base::Environment& environment_;
  std::filesystem::path folder_;
};

}  // namespace caisson::language
