#include "engine/binary.h"

#include <fmt/format.h>

#include <cstddef>
#include <optional>

namespace caisson::engine {

namespace {

constexpr std::string_view kMagic("\0asm", 4);
constexpr std::string_view kModuleVersion("\1\0\0\0", 4);
constexpr std::string_view kComponentVersion("\x0d\0\1\0", 4);

/// An unsigned LEB128 of at most 32 bits at the front of `bytes`, which is taken off.
std::optional<std::uint32_t> take_u32(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 5 && i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if ((byte & 0x80) == 0) {
      bytes.remove_prefix(i + 1);
      return value <= UINT32_MAX ? std::optional(static_cast<std::uint32_t>(value)) : std::nullopt;
    }
  }
  return std::nullopt;
}

bool is_legacy_marker(std::string_view custom_section) {
  const auto length = take_u32(custom_section);
  if (!length || *length > custom_section.size()) {
    return false;
  }
  const std::string_view name = custom_section.substr(0, *length);
  return name == "component" || name.starts_with("component-type:");
}

BinaryVerdict walk_sections(std::string_view bytes) {
  BinaryKind kind = BinaryKind::kModule;
  const std::size_t whole = bytes.size() + 8;
  while (!bytes.empty()) {
    const std::size_t at = whole - bytes.size();
    const char id = bytes.front();
    bytes.remove_prefix(1);
    const auto size = take_u32(bytes);
    if (!size) {
      return {BinaryKind::kInvalid, fmt::format("the size of the section at byte {} is damaged", at)};
    }
    if (*size > bytes.size()) {
      return {BinaryKind::kInvalid,
              fmt::format("it ends inside the section at byte {}: {} bytes are missing", at, *size - bytes.size())};
    }
    if (id == 0 && is_legacy_marker(bytes.substr(0, *size))) {
      kind = BinaryKind::kLegacyComponent;
    }
    bytes.remove_prefix(*size);
  }
  return {kind, {}};
}

}  // namespace

BinaryVerdict classify_binary(std::string_view bytes) {
  if (bytes.empty()) {
    return {BinaryKind::kInvalid, "it is empty"};
  }
  if (bytes.size() < 8) {
    return {BinaryKind::kInvalid, fmt::format("it has {} bytes, the header of WebAssembly alone has 8", bytes.size())};
  }
  if (!bytes.starts_with(kMagic)) {
    return {BinaryKind::kInvalid, bytes.starts_with("(module") || bytes.starts_with("(component")
                                      ? "it is WebAssembly text; assemble it first, for example with wat2wasm"
                                      : "it does not begin like WebAssembly (00 61 73 6d)"};
  }
  const std::string_view version = bytes.substr(4, 4);
  if (version == kComponentVersion) {
    return {BinaryKind::kComponent, {}};
  }
  if (version != kModuleVersion) {
    return {BinaryKind::kInvalid, "its version is neither that of a module (1) nor that of a component (0d)"};
  }
  return walk_sections(bytes.substr(8));
}

}  // namespace caisson::engine
