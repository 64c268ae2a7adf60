#pragma once

#include "base/control.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace caisson::sandbox {

/// The memory of a guest during one host call. Every address and length is the guest's and checked here, once, for all
/// host functions: a place of `size` bytes at `address` is good if `size <= all && address <= all - size`.
class GuestMemory {
 public:
  explicit GuestMemory(std::span<std::byte> bytes) noexcept : bytes_(bytes) {}

  /// The place, or nothing when any of it is outside.
  [[nodiscard]] std::optional<std::span<std::byte>> at(std::uint32_t address, std::uint64_t size) const noexcept {
    if ((size > bytes_.size() || address > bytes_.size() - size) && base::holds(base::Control::kGuestPointer)) {
      return std::nullopt;
    }
    return std::span(bytes_.data() + address, static_cast<std::size_t>(size));
  }
  [[nodiscard]] std::optional<std::string_view> text(std::uint32_t address, std::uint32_t size) const noexcept {
    const auto place = at(address, size);
    return place ? std::optional(std::string_view(reinterpret_cast<const char*>(place->data()), place->size()))
                 : std::nullopt;
  }

  /// Numbers are little-endian on both sides.
  template <typename T>
  [[nodiscard]] std::optional<T> load(std::uint32_t address) const noexcept {
    const auto place = at(address, sizeof(T));
    if (!place) {
      return std::nullopt;
    }
    T out;
    std::memcpy(&out, place->data(), sizeof out);
    return out;
  }
  /// False when any of it would be outside; nothing is written then.
  template <typename T>
  [[nodiscard]] bool store(std::uint32_t address, T value) const noexcept {
    const auto place = at(address, sizeof value);
    if (place) {
      std::memcpy(place->data(), &value, sizeof value);
    }
    return place.has_value();
  }
  [[nodiscard]] bool write(std::uint32_t address, std::string_view bytes) const noexcept {
    const auto place = at(address, bytes.size());
    if (place) {
      std::ranges::copy(std::as_bytes(std::span(bytes)), place->begin());
    }
    return place.has_value();
  }

 private:
  std::span<std::byte> bytes_;
};

}  // namespace caisson::sandbox
