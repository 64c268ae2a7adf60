#include "base/encoding.h"

#include <openssl/evp.h>

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
  const auto part = [](std::uint32_t bits) { return static_cast<char>(0x80U | (bits & 0x3FU)); };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += {static_cast<char>(0xC0U | (code_point >> 6)), part(code_point)};
  } else if (code_point < 0x10000) {
    out += {static_cast<char>(0xE0U | (code_point >> 12)), part(code_point >> 6), part(code_point)};
  } else {
    out += {static_cast<char>(0xF0U | (code_point >> 18)), part(code_point >> 12), part(code_point >> 6),
            part(code_point)};
  }
}

}  // namespace caisson::base
