#pragma once

#include "base/digest.h"
#include "engine/structure.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::engine {

/// What a file of the cache of compiled modules holds.
struct CachedCode {
  std::string_view code{};  ///< for Engine::load
  Proposals proposals{};    ///< of the WebAssembly that it was made from
};

inline constexpr std::size_t kCacheSaltBytes = 32;

/// The bytes of a file: the code, so that a mapping of the file can begin with it, and a footer that seals all of it.
/// `secret`: of this installation; `key`: of the entry, everything the code depends on; `salt`: kCacheSaltBytes random
/// bytes, others for every file.
[[nodiscard]] std::string write_cache_file(std::string_view secret, const base::Digest& key, std::string_view salt,
                                           const CachedCode& cached);

/// What is in a file, which may hold anything; `code` is its beginning. Nothing when these are not bytes that somebody
/// with the secret wrote for this key.
[[nodiscard]] std::optional<CachedCode> read_cache_file(std::string_view secret, const base::Digest& key,
                                                        std::string_view bytes);

}  // namespace caisson::engine
