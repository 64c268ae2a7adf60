#pragma once

#include "base/environment.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace caisson::sandbox {

/// Random bytes for one call: from the operating system, or, with a seed, always the same ones (SHA-256 over seed and a
/// counter: good enough that nobody tells it from chance, and the same on every machine).
class RandomSource {
 public:
  RandomSource(const base::Environment& environment, std::optional<std::uint64_t> seed) noexcept
      : environment_(environment), seed_(seed) {}

  /// Errors: those of Environment::random_bytes.
  [[nodiscard]] Status fill(std::span<std::byte> out);

 private:
  void fill_seeded(std::span<std::byte> out, std::uint64_t seed);
  void refill(std::uint64_t seed);

  const base::Environment& environment_;
  std::optional<std::uint64_t> seed_;
  std::uint64_t counter_ = 0;
  std::string block_;  // of the seeded bytes; what was given out is cut off
};

}  // namespace caisson::sandbox
