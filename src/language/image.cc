#include "language/image.h"

#include "document/parse.h"

#include <fmt/format.h>

#include <zstd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

// The files of guests/images, put into the program by images.S.
#define CAISSON_IMAGE(name)                                \
  extern "C" const char caisson_image_##name[];            \
  extern "C" const char caisson_image_##name##_end[];      \
  extern "C" const char caisson_image_##name##_manifest[]; \
  extern "C" const char caisson_image_##name##_manifest_end[];
#include "language/internal/images.inc"
#undef CAISSON_IMAGE

namespace caisson::language {

namespace {

using document::Value;

struct Embedded {
  std::string_view name;
  const char* begin;
  const char* end;
  const char* manifest;
  const char* manifest_end;
};

#define CAISSON_IMAGE(name)                                                                          \
  Embedded{#name, caisson_image_##name, caisson_image_##name##_end, caisson_image_##name##_manifest, \
           caisson_image_##name##_manifest_end},
const std::array kEmbedded = {
#include "language/internal/images.inc"
};
#undef CAISSON_IMAGE

std::string_view between(const char* begin, const char* end) { return {begin, static_cast<std::size_t>(end - begin)}; }

const Value& member(const Value& value, std::string_view name) {
  static const Value none;
  const Value* found = value.find(name);
  return found == nullptr ? none : *found;
}

std::string text(const Value& value) { return value.as_string() == nullptr ? std::string() : *value.as_string(); }

std::uint64_t number(const Value& value) {
  return value.as_integer() == nullptr ? 0 : static_cast<std::uint64_t>(std::max<std::int64_t>(*value.as_integer(), 0));
}

std::vector<std::string> texts(const Value& value) {
  std::vector<std::string> out;
  if (value.as_list() != nullptr) {
    std::ranges::transform(*value.as_list(), std::back_inserter(out), text);
  }
  return out;
}

}  // namespace

Result<Image> read_manifest(std::string_view text_of_manifest, std::string_view file) {
  const auto manifest = document::parse_json(text_of_manifest, std::string(file));
  const auto language = manifest ? parse_language(text(member(*manifest, "name"))) : std::nullopt;
  const Value none;
  const Value& wasm = manifest ? member(*manifest, "image") : none;
  const auto digest = base::parse_digest(text(member(wasm, "sha256")));
  if (!language || !digest) {
    return Error{Category::kDataLoss, "language.bad_image", fmt::format("{} is no manifest of an image", file)};
  }
  return Image{.language = *language,
               .version = text(member(*manifest, "version")),
               .digest = *digest,
               .bytes = number(member(wasm, "bytes")),
               .baseline_bytes = number(member(*manifest, "baseline_memory")),
               .modules = texts(member(*manifest, "modules")),
               .default_imports = texts(member(*manifest, "default_imports")),
               .recipe = text(member(*manifest, "recipe"))};
}

const Image* find_image(Language language) {
  static const auto images = [] {
    std::array<std::optional<Image>, kLanguages.size()> out;
    for (const Embedded& embedded : kEmbedded) {
      if (const auto image = read_manifest(between(embedded.manifest, embedded.manifest_end), embedded.name)) {
        std::optional<Image>& to = out[static_cast<std::size_t>(image->language)];
        to = *image;
        to->packed = between(embedded.begin, embedded.end);
      }
    }
    return out;
  }();
  const auto at = static_cast<std::size_t>(language);
  if (at >= images.size()) {
    return nullptr;
  }
  const std::optional<Image>& found = images[at];
  return found ? &*found : nullptr;
}

Result<std::string> unpack(const Image& image, std::string_view packed) {
  std::string out(image.bytes, '\0');
  const std::size_t size = ZSTD_decompress(out.data(), out.size(), packed.data(), packed.size());
  if (ZSTD_isError(size) != 0U || size != out.size() || base::sha256(out) != image.digest) {
    return Error{Category::kDataLoss, "language.bad_image",
                 fmt::format("the image of {} is damaged: install it again", title(image.language))};
  }
  return out;
}

std::string pack(std::string_view wasm) {
  constexpr int kLevel = 6;
  std::string out(ZSTD_compressBound(wasm.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), wasm.data(), wasm.size(), kLevel));
  return out;
}

}  // namespace caisson::language
