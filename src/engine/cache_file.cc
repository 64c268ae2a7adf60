#include "engine/cache_file.h"

#include "base/control.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace caisson::engine {

namespace {

// The footer: proposals, key of the entry, HMAC, magic.
constexpr std::string_view kMagic("CAISSON AOT 2\n\0\0", 16);
constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kProposalBytes = 8;
constexpr std::size_t kFooterBytes = kProposalBytes + 2 * kDigestBytes + kMagic.size();

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

}  // namespace

std::string write_cache_file(std::string_view secret, const base::Digest& key, const CachedCode& cached) {
  const auto bits = little_endian(cached.proposals.bits());
  const std::string_view proposals(bits.data(), bits.size());
  const base::Digest mac = base::hmac_sha256(secret, {kMagic, view(key), proposals, cached.code});
  std::string out;
  out.reserve(cached.code.size() + kFooterBytes);
  out.append(cached.code).append(proposals).append(view(key)).append(view(mac)).append(kMagic);
  return out;
}

std::optional<CachedCode> read_cache_file(std::string_view secret, const base::Digest& key, std::string_view bytes) {
  if (bytes.size() < kFooterBytes || !bytes.ends_with(kMagic)) {
    return std::nullopt;
  }
  const std::string_view code = bytes.substr(0, bytes.size() - kFooterBytes);
  const std::string_view footer = bytes.substr(code.size());
  const std::string_view proposals = footer.substr(0, kProposalBytes);
  const std::string_view stored_key = footer.substr(kProposalBytes, kDigestBytes);
  const std::string_view stored_mac = footer.substr(kProposalBytes + kDigestBytes, kDigestBytes);
  base::Digest mac;
  std::copy(stored_mac.begin(), stored_mac.end(), mac.bytes.begin());
  const bool sealed = stored_key == view(key) && base::hmac_sha256(secret, {kMagic, view(key), proposals, code}) == mac;
  if (!sealed && base::holds(base::Control::kCacheSeal)) {
    return std::nullopt;
  }
  return CachedCode{code, Proposals(number_in(proposals))};
}

}  // namespace caisson::engine
