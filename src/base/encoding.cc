#include "base/encoding.h"

#include <openssl/evp.h>
#include <unicode/utf8.h>

#include <array>
#include <cstddef>

namespace caisson::base {

std::string base64(std::string_view bytes) {
  // EVP_EncodeBlock counts in int: work in pieces, whose size is a multiple of three so that only the last is padded.
  constexpr std::size_t kPiece = std::size_t{3} << 20;
  std::string out((bytes.size() + 2) / 3 * 4, '\0');
  for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
    const std::string_view part = bytes.substr(at, kPiece);
    // It writes a terminating zero as well: behind the last piece that is the string's own, before it the next piece's
    // first byte, which is written later.
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + at / 3 * 4),
                    reinterpret_cast<const unsigned char*>(part.data()), static_cast<int>(part.size()));
  }
  return out;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  std::array<std::uint8_t, U8_MAX_LENGTH> bytes{};
  std::size_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, code_point);
  out.append(reinterpret_cast<const char*>(bytes.data()), size);
}

}  // namespace caisson::base
