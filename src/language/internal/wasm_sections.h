#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::language {

/// Numbers of the sections of a WebAssembly module.
enum class SectionId : std::uint8_t {
  kCustom = 0,
  kType = 1,
  kImport = 2,
  kFunction = 3,
  kTable = 4,
  kMemory = 5,
  kGlobal = 6,
  kExport = 7,
  kStart = 8,
  kElement = 9,
  kCode = 10,
  kData = 11,
  kDataCount = 12,
  kTag = 13,
};

/// A section without its number and length.
struct Section {
  SectionId id = SectionId::kCustom;
  std::string_view bytes;
};

/// Reads WebAssembly from its beginning. What is not there is zero, and `ok` is false from then on.
class WasmReader {
 public:
  explicit WasmReader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool at_end() const noexcept { return at_ >= bytes_.size(); }
  [[nodiscard]] std::size_t at() const noexcept { return at_; }

  std::uint8_t byte();
  std::uint32_t u32();
  /// A signed number of at most 64 bits, of which nobody wants to know more than where it ends.
  std::int64_t s64();
  std::string_view take(std::size_t bytes);
  std::string_view name() { return take(u32()); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

void put_u32(std::string& out, std::uint32_t value);
void put_s32(std::string& out, std::int32_t value);
void put_name(std::string& out, std::string_view name);
void put_section(std::string& out, SectionId id, std::string_view bytes);

/// The sections of a module, as views of it; nothing when it is none.
[[nodiscard]] std::optional<std::vector<Section>> read_sections(std::string_view wasm);
/// The bytes in front of the first section.
inline constexpr std::string_view kWasmHead{"\0asm\1\0\0\0", 8};

/// Gives every function that is named in a function body (`call`, `ref.func`) another number, in place: the number
/// keeps its bytes, which linkers make as many as the largest number needs. `code` is a code section. False: a body is
/// not what this reader knows, a number is beyond `numbers`, or a new one needs more bytes; then some bodies are
/// changed.
[[nodiscard]] bool renumber_functions(std::string& code, const std::vector<std::uint32_t>& numbers);

}  // namespace caisson::language
