#include "base/encoding.h"

#include <gtest/gtest.h>

#include <cstddef>

namespace caisson::base {
namespace {

TEST(Base64, VectorsOfRfc4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, AllByteValues) { EXPECT_EQ(base64(std::string_view("\x00\xff\xfe\x80", 4)), "AP/+gA=="); }

TEST(Base64, PiecesJoinWithoutPaddingBetweenThem) {
  const std::size_t piece = std::size_t{3} << 20;
  const std::string text(2 * piece + 1, 'a');
  const std::string out = base64(text);
  ASSERT_EQ(out.size(), (text.size() + 2) / 3 * 4);
  EXPECT_EQ(out.find('='), out.size() - 2);
  EXPECT_EQ(out.substr(piece / 3 * 4 - 4, 12), "YWFhYWFhYWFh");
  EXPECT_EQ(out.find('\0'), std::string::npos);
}

TEST(AppendUtf8, EveryLengthAtItsEnds) {
  std::string out;
  for (const std::uint32_t code_point : {0x01U, 0x7FU, 0x80U, 0x7FFU, 0x800U, 0xFFFFU, 0x10000U, 0x10FFFFU}) {
    append_utf8(out, code_point);
  }
  EXPECT_EQ(out, "\x01\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
}

}  // namespace
}  // namespace caisson::base
