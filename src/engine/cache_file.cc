#include "engine/cache_file.h"

#include "base/control.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace caisson::engine {

namespace {

// The footer: proposals, key of the entry, salt, seal, magic. The seal is a GMAC over the code under a key that is made
// for this file, by an HMAC over everything else in the footer: 28 MB of Python are verified in 3 ms instead of 17.
constexpr std::string_view kMagic("CAISSON AOT 3\n\0\0", 16);
constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kProposalBytes = 8;
constexpr std::size_t kSealBytes = 16;
constexpr std::size_t kFooterBytes = kProposalBytes + kDigestBytes + kCacheSaltBytes + kSealBytes + kMagic.size();

std::string_view view(const base::Digest& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

std::array<char, kProposalBytes> little_endian(std::uint64_t number) {
  std::array<char, kProposalBytes> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<char>(number >> (8 * i));
  }
  return out;
}

std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return out;
}

base::Tag seal_of(std::string_view secret, std::string_view key, std::string_view salt, std::string_view proposals,
                  std::string_view code) {
  return base::gmac_once(base::hmac_sha256(secret, {kMagic, key, salt, proposals}), code);
}

}  // namespace

std::string write_cache_file(std::string_view secret, const base::Digest& key, std::string_view salt,
                             const CachedCode& cached) {
  const auto bits = little_endian(cached.proposals.bits());
  const std::string_view proposals(bits.data(), bits.size());
  const base::Tag seal = seal_of(secret, view(key), salt, proposals, cached.code);
  std::string out;
  out.reserve(cached.code.size() + kFooterBytes);
  out.append(cached.code).append(proposals).append(view(key)).append(salt);
  out.append(reinterpret_cast<const char*>(seal.bytes.data()), seal.bytes.size()).append(kMagic);
  return out;
}

std::optional<CachedCode> read_cache_file(std::string_view secret, const base::Digest& key, std::string_view bytes) {
  if (bytes.size() < kFooterBytes || !bytes.ends_with(kMagic)) {
    return std::nullopt;
  }
  const std::string_view code = bytes.substr(0, bytes.size() - kFooterBytes);
  std::string_view footer = bytes.substr(code.size());
  const auto take = [&footer](std::size_t size) {
    const std::string_view part = footer.substr(0, size);
    footer.remove_prefix(size);
    return part;
  };
  const std::string_view proposals = take(kProposalBytes);
  const std::string_view stored_key = take(kDigestBytes);
  const std::string_view salt = take(kCacheSaltBytes);
  base::Tag seal;
  std::ranges::copy(take(kSealBytes), seal.bytes.begin());
  const bool sealed = stored_key == view(key) && seal_of(secret, view(key), salt, proposals, code) == seal;
  if (!sealed && base::holds(base::Control::kCacheSeal)) {
    return std::nullopt;
  }
  return CachedCode{code, Proposals(number_in(proposals))};
}

}  // namespace caisson::engine
