#pragma once

#include "base/digest.h"
#include "language/language.h"

#include <caisson/result.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::language {

/// The image of a language, and what its manifest says (guests/images/README.md).
struct Image {
  Language language = Language::kLua;
  std::string version;                         ///< of the language: `3.13.5`
  base::Digest digest;                         ///< of the WebAssembly
  std::size_t bytes = 0;                       ///< of it, unpacked
  std::uint64_t baseline_bytes = 0;            ///< memory that a call begins with
  std::vector<std::string> modules{};          ///< that code can import
  std::vector<std::string> default_imports{};  ///< that it may where nobody says otherwise
  std::string recipe{};                        ///< of one that was installed: what it was made by (data_image.h)
  std::string_view packed{};                   ///< zstd; static. Empty: it is installed, in a file
};

/// What a manifest says. Errors: data_loss / language.bad_image.
[[nodiscard]] Result<Image> read_manifest(std::string_view manifest, std::string_view file);

/// The image of a language as it is part of this program. One that it was built without, or that is never part of it,
/// is nullptr.
[[nodiscard]] const Image* find_image(Language language);

/// Its WebAssembly, from its packed bytes. Errors: data_loss / language.bad_image when they are damaged.
[[nodiscard]] Result<std::string> unpack(const Image& image, std::string_view packed);
/// The same for an image that is part of this program.
[[nodiscard]] inline Result<std::string> unpack(const Image& image) { return unpack(image, image.packed); }
/// Bytes as an image keeps them.
[[nodiscard]] std::string pack(std::string_view wasm);

}  // namespace caisson::language
