#include "base/digest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstring>
#include <memory>
#include <new>
#include <span>

namespace caisson::base {

namespace {

/// libcrypto fails here only when memory is short, which is no error a caller can mend.
void require(bool ok) {
  if (!ok) {
    throw std::bad_alloc();
  }
}

void authenticate(const char* algorithm, std::string_view key, std::initializer_list<OSSL_PARAM> parameters,
                  std::initializer_list<std::string_view> parts, std::span<std::uint8_t> out) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac(EVP_MAC_fetch(nullptr, algorithm, nullptr),
                                                              &EVP_MAC_free);
  require(mac != nullptr);
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(EVP_MAC_CTX_new(mac.get()),
                                                                          &EVP_MAC_CTX_free);
  require(context != nullptr);
  // A null pointer would mean "keep the key that is set", and none is.
  const char* key_data = key.empty() ? "" : key.data();
  require(EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(key_data), key.size(),
                       parameters.begin()) == 1);
  for (const std::string_view part : parts) {
    require(EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(part.data()), part.size()) == 1);
  }
  std::size_t size = 0;
  require(EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1 && size == out.size());
}

}  // namespace

std::string Digest::hex() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

bool operator==(const Digest& a, const Digest& b) noexcept {
  return CRYPTO_memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0;
}

std::size_t DigestHash::operator()(const Digest& digest) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.bytes.data(), sizeof hash);
  return hash;
}

std::optional<Digest> parse_digest(std::string_view hex) noexcept {
  constexpr std::string_view kDigits = "0123456789abcdef";
  Digest out;
  if (hex.size() != 2 * out.bytes.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    const std::size_t high = kDigits.find(hex[2 * i]);
    const std::size_t low = kDigits.find(hex[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) {
      return std::nullopt;
    }
    out.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return out;
}

Digest sha256(std::string_view bytes) {
  Digest out;
  unsigned int size = 0;
  require(EVP_Digest(bytes.data(), bytes.size(), out.bytes.data(), &size, EVP_sha256(), nullptr) == 1);
  return out;
}

Digest hmac_sha256(std::string_view key, std::initializer_list<std::string_view> parts) {
  char algorithm[] = "SHA256";
  Digest out;
  authenticate("HMAC", key,
               {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, algorithm, 0), OSSL_PARAM_construct_end()},
               parts, out.bytes);
  return out;
}

Tag gmac_once(const Digest& key, std::string_view bytes) {
  char cipher[] = "AES-256-GCM";
  std::array<unsigned char, 12> nonce{};
  Tag out;
  authenticate(
      "GMAC", {reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()},
      {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
       OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_IV, nonce.data(), nonce.size()), OSSL_PARAM_construct_end()},
      {bytes}, out.bytes);
  return out;
}

bool operator==(const Tag& a, const Tag& b) noexcept {
  return CRYPTO_memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0;
}

}  // namespace caisson::base
