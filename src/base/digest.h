#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::base {

/// A SHA-256 value. Comparing takes the same time wherever the first difference is.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  /// 64 lower-case hexadecimal characters.
  [[nodiscard]] std::string hex() const;

  friend bool operator==(const Digest& a, const Digest& b) noexcept;
};

/// The digest that Digest::hex gives as `hex`; nothing for any other text.
[[nodiscard]] std::optional<Digest> parse_digest(std::string_view hex) noexcept;

/// SHA-256 (FIPS 180-4) of `bytes`.
[[nodiscard]] Digest sha256(std::string_view bytes);

/// HMAC-SHA-256 (RFC 2104) over the parts one after another. The boundaries between parts are not part of the value:
/// a caller whose parts vary in length puts the lengths in.
[[nodiscard]] Digest hmac_sha256(std::string_view key, std::initializer_list<std::string_view> parts);

/// A message authentication code of 128 bits. Comparing takes the same time wherever the first difference is.
struct Tag {
  std::array<std::uint8_t, 16> bytes{};

  friend bool operator==(const Tag& a, const Tag& b) noexcept;
};

/// GMAC with AES-256 (NIST SP 800-38D) over `bytes`, several times as fast as a hash. The nonce is zero: a key must
/// seal one text and no more, so it is made for it, from what is secret and something that is never the same twice.
[[nodiscard]] Tag gmac_once(const Digest& key, std::string_view bytes);

/// Lets a Digest be a key of std::unordered_map: its first bytes are already evenly spread.
struct DigestHash {
  std::size_t operator()(const Digest& digest) const noexcept;
};

}  // namespace caisson::base
