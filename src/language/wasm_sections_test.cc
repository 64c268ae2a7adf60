#include "language/internal/wasm_sections.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::language {
namespace {

using std::string_literals::operator""s;
using std::string_view_literals::operator""sv;

TEST(WasmReader, ReadsWhatWasWritten) {
  for (const std::uint32_t number : {0U, 1U, 127U, 128U, 16'383U, 16'384U, 1U << 31, UINT32_MAX}) {
    std::string bytes;
    put_u32(bytes, number);
    WasmReader reader(bytes);
    EXPECT_EQ(reader.u32(), number);
    EXPECT_TRUE(reader.ok() && reader.at_end());
  }
  for (const std::int32_t number : {0, 1, 63, 64, -1, -64, -65, 8191, 8192, std::numeric_limits<std::int32_t>::max(),
                                    std::numeric_limits<std::int32_t>::min()}) {
    std::string bytes;
    put_s32(bytes, number);
    WasmReader reader(bytes);
    EXPECT_EQ(reader.s64(), number);
    EXPECT_TRUE(reader.ok() && reader.at_end());
  }
}

TEST(WasmReader, NothingIsReadBeyondTheEnd) {
  for (const std::string_view bytes : {""sv, "\x80"sv, "\xff\xff\xff\xff\xff"sv, "\xff\xff\xff\xff\x7f"sv}) {
    WasmReader reader(bytes);
    reader.u32();
    EXPECT_FALSE(reader.ok());
  }
  WasmReader reader(
      "\x05"
      "abc"sv);
  EXPECT_EQ(reader.name(), "");
  EXPECT_FALSE(reader.ok());
}

TEST(WasmSections, AModuleIsItsSections) {
  std::string module(kWasmHead);
  put_section(module, SectionId::kType, "types");
  put_section(module, SectionId::kCode, std::string(300, 'c'));
  const auto sections = read_sections(module);
  ASSERT_TRUE(sections);
  ASSERT_EQ(sections->size(), 2U);
  EXPECT_EQ((*sections)[0].bytes, "types");
  EXPECT_EQ((*sections)[1].id, SectionId::kCode);
  for (std::size_t size = 0; size < module.size(); ++size) {  // cut in a section, or between the two
    const auto cut = read_sections(std::string_view(module).substr(0, size));
    EXPECT_TRUE(!cut || cut->size() < 2) << size;
  }
  EXPECT_FALSE(read_sections("\0asm\1\0\0\0\x20\0"sv));
}

/// A code section with one body that has no locals.
std::string code_of(std::string_view instructions) {
  const std::string body = "\0"s + std::string(instructions) + "\x0b";
  std::string out = "\1";
  put_name(out, body);
  return out;
}

/// What renumbering makes of it.
std::string renumbered(std::string_view instructions, const std::vector<std::uint32_t>& numbers) {
  std::string code = code_of(instructions);
  return renumber_functions(code, numbers) ? code : "refused";
}

TEST(RenumberFunctions, OnlyNumbersOfFunctionsChange) {
  const std::vector<std::uint32_t> numbers = {5, 300, 2};
  EXPECT_EQ(renumbered("\x10\x00\x10\x02"sv, numbers), code_of("\x10\x05\x10\x02"));
  // As linkers write numbers: five bytes, whatever it is.
  EXPECT_EQ(renumbered("\x10\x81\x80\x80\x80\x00\x1a"sv, numbers), code_of("\x10\xac\x82\x80\x80\x00\x1a"sv));
  EXPECT_EQ(renumbered("\xd2\x00\x1a"sv, numbers), code_of("\xd2\x05\x1a"sv));
}

TEST(RenumberFunctions, WhatLooksLikeACallInsideOfAnotherInstructionIsNone) {
  const std::vector<std::uint32_t> numbers = {5, 6, 7};
  for (const std::string_view instructions :
       {"\x41\x10"sv,
        "\x42\x10"sv,
        "\x43\x10\x00\x10\x00"sv,
        "\x44\x10\x00\x10\x00\x10\x00\x10\x00"sv,  // constants
        "\x20\x10"sv,
        "\x23\x10"sv,
        "\x28\x10\x10"sv,
        "\x28\x42\x10\x10"sv,
        "\x3f\x10"sv,
        "\x02\x40\x0b"sv,
        "\x04\x10\x0b"sv,
        "\x0e\x02\x10\x10\x10"sv,
        "\x11\x10\x10"sv,
        "\x1c\x01\x7f"sv,
        "\x1f\x40\x02\x00\x10\x10\x02\x10\x0b"sv,
        "\x08\x10"sv,
        "\xd0\x10"sv,
        "\xfc\x0a\x00\x00"sv,
        "\xfc\x10\x10"sv,
        "\xfd\x0c\x10\x00\x10\x00\x10\x00\x10\x00\x10\x00\x10\x00\x10\x00\x10\x00"sv,
        "\xfd\x15\x10"sv,
        "\xfd\x54\x10\x10\x10"sv,
        "\xfd\x10"sv,
        "\xfd\xd0\x01"sv}) {
    EXPECT_EQ(renumbered(instructions, numbers), code_of(instructions)) << ::testing::PrintToString(instructions);
  }
}

TEST(RenumberFunctions, WhatIsNotKnownIsRefused) {
  const std::vector<std::uint32_t> numbers = {5, 300};
  for (const std::string_view instructions : {"\x10\x02"sv,                             // no function has that number
                                              "\x10\x01"sv,                             // 300 needs two bytes
                                              "\x06\x40\x0b"sv, "\xfe\x00"sv,           // exceptions of old, threads
                                              "\xfc\x08\x00\x00"sv,                     // passive data
                                              "\x10"sv, "\x41\x80"sv, "\x44\x00"sv}) {  // cut
    EXPECT_EQ(renumbered(instructions, numbers), "refused") << ::testing::PrintToString(instructions);
  }
  std::string cut = code_of("\x10\x00"sv);
  cut.pop_back();
  EXPECT_FALSE(renumber_functions(cut, numbers));
}

}  // namespace
}  // namespace caisson::language
