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

/// The image of a language as it is part of this program, and what its manifest says (guests/images/README.md).
struct Image {
  Language language = Language::kLua;
  std::string version;                         ///< of the language: `3.13.5`
  base::Digest digest;                         ///< of the WebAssembly
  std::size_t bytes = 0;                       ///< of it, unpacked
  std::uint64_t baseline_bytes = 0;            ///< memory that a call begins with
  std::vector<std::string> modules{};          ///< that code can import
  std::vector<std::string> default_imports{};  ///< that it may where nobody says otherwise
  std::string_view packed;                     ///< zstd; static
};

/// The image of a language. One that this program was built without is nullptr.
[[nodiscard]] const Image* find_image(Language language);

/// Its WebAssembly. Errors: data_loss / language.bad_image when the program's own bytes are damaged.
[[nodiscard]] Result<std::string> unpack(const Image& image);

}  // namespace caisson::language
