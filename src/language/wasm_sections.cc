#include "language/internal/wasm_sections.h"

namespace caisson::language {

std::uint8_t WasmReader::byte() {
  if (at_ >= bytes_.size()) {
    ok_ = false;
    return 0;
  }
  return static_cast<std::uint8_t>(bytes_[at_++]);
}

std::uint32_t WasmReader::u32() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    const std::uint8_t part = byte();
    value |= std::uint64_t{part & 0x7FU} << shift;
    if ((part & 0x80U) == 0) {
      ok_ = ok_ && value <= UINT32_MAX;
      return static_cast<std::uint32_t>(value);
    }
  }
  ok_ = false;
  return 0;
}

std::int64_t WasmReader::s64() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    const std::uint8_t part = byte();
    if (shift < 64) {
      value |= std::uint64_t{part & 0x7FU} << shift;
    }
    if ((part & 0x80U) == 0) {
      if (shift + 7 < 64 && (part & 0x40U) != 0) {
        value |= ~std::uint64_t{0} << (shift + 7);
      }
      return static_cast<std::int64_t>(value);
    }
  }
  ok_ = false;
  return 0;
}

std::string_view WasmReader::take(std::size_t bytes) {
  if (!ok_ || bytes > bytes_.size() - at_) {
    ok_ = false;
    return {};
  }
  at_ += bytes;
  return bytes_.substr(at_ - bytes, bytes);
}

void put_u32(std::string& out, std::uint32_t value) {
  while (value >= 0x80) {
    out += static_cast<char>((value & 0x7FU) | 0x80U);
    value >>= 7U;
  }
  out += static_cast<char>(value);
}

void put_s32(std::string& out, std::int32_t value) {
  for (;;) {
    const auto part = static_cast<std::uint8_t>(static_cast<std::uint32_t>(value) & 0x7FU);
    value >>= 7;  // the sign is what is left in the end
    if ((value == 0 && (part & 0x40U) == 0) || (value == -1 && (part & 0x40U) != 0)) {
      out += static_cast<char>(part);
      return;
    }
    out += static_cast<char>(part | 0x80U);
  }
}

void put_name(std::string& out, std::string_view name) {
  put_u32(out, static_cast<std::uint32_t>(name.size()));
  out += name;
}

void put_section(std::string& out, SectionId id, std::string_view bytes) {
  out += static_cast<char>(id);
  put_name(out, bytes);
}

std::optional<std::vector<Section>> read_sections(std::string_view wasm) {
  if (!wasm.starts_with(kWasmHead)) {
    return std::nullopt;
  }
  WasmReader reader(wasm.substr(kWasmHead.size()));
  std::vector<Section> out;
  while (reader.ok() && !reader.at_end()) {
    const std::uint8_t id = reader.byte();
    const std::string_view bytes = reader.name();
    if (id > static_cast<std::uint8_t>(SectionId::kTag)) {
      return std::nullopt;
    }
    out.push_back({static_cast<SectionId>(id), bytes});
  }
  return reader.ok() ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace caisson::language
