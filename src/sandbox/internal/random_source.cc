#include "sandbox/internal/random_source.h"

#include "base/digest.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace caisson::sandbox {

Status RandomSource::fill(std::span<std::byte> out) {
  if (seed_) {
    fill_seeded(out, *seed_);
    return {};
  }
  CAISSON_TRY(const std::string bytes, environment_.random_bytes(out.size()));
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return {};
}

void RandomSource::fill_seeded(std::span<std::byte> out, std::uint64_t seed) {
  while (!out.empty()) {
    if (block_.empty()) {
      refill(seed);
    }
    const std::size_t count = std::min(out.size(), block_.size());
    std::memcpy(out.data(), block_.data(), count);
    block_.erase(0, count);
    out = out.subspan(count);
  }
}

void RandomSource::refill(std::uint64_t seed) {
  std::array<unsigned char, 16> place{};
  for (std::size_t i = 0; i < 8; ++i) {  // little-endian on every machine
    place[i] = static_cast<unsigned char>(seed >> (8 * i));
    place[8 + i] = static_cast<unsigned char>(counter_ >> (8 * i));
  }
  ++counter_;
  const base::Digest digest = base::sha256({reinterpret_cast<const char*>(place.data()), place.size()});
  block_.assign(reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size());
}

}  // namespace caisson::sandbox
