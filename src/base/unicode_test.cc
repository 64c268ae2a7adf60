#include "base/unicode.h"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>

namespace caisson::base {
namespace {

struct Utf8Case {
  const char* what;
  std::string bytes;
  std::optional<std::size_t> invalid_at;

  friend std::ostream& operator<<(std::ostream& out, const Utf8Case& chosen) { return out << chosen.what; }
};

class FindInvalidUtf8 : public testing::TestWithParam<Utf8Case> {};

TEST_P(FindInvalidUtf8, GivesTheFirstOffset) {
  EXPECT_EQ(find_invalid_utf8(GetParam().bytes), GetParam().invalid_at) << GetParam().what;
  EXPECT_EQ(is_utf8(GetParam().bytes), !GetParam().invalid_at) << GetParam().what;
}

// The boundaries of table 3-7 of the Unicode Standard, "Well-Formed UTF-8 Byte Sequences".
INSTANTIATE_TEST_SUITE_P(
    Table, FindInvalidUtf8,
    testing::Values(Utf8Case{"empty", "", {}}, Utf8Case{"ascii", "abc\x7f", {}},
                    Utf8Case{"zero byte", std::string("a\0b", 3), {}}, Utf8Case{"first of two bytes", "\xc2\x80", {}},
                    Utf8Case{"last of two bytes", "\xdf\xbf", {}}, Utf8Case{"first of three", "\xe0\xa0\x80", {}},
                    Utf8Case{"before surrogates", "\xed\x9f\xbf", {}}, Utf8Case{"after surrogates", "\xee\x80\x80", {}},
                    Utf8Case{"noncharacter", "\xef\xbf\xbf", {}}, Utf8Case{"first of four", "\xf0\x90\x80\x80", {}},
                    Utf8Case{"last of all", "\xf4\x8f\xbf\xbf", {}}, Utf8Case{"lone trail byte", "ab\x80", 2},
                    Utf8Case{"overlong two", "\xc0\x80", 0}, Utf8Case{"overlong two, highest", "\xc1\xbf", 0},
                    Utf8Case{"overlong three", "x\xe0\x9f\xbf", 1}, Utf8Case{"overlong four", "\xf0\x8f\xbf\xbf", 0},
                    Utf8Case{"first surrogate", "\xed\xa0\x80", 0}, Utf8Case{"last surrogate", "\xed\xbf\xbf", 0},
                    Utf8Case{"past the last", "\xf4\x90\x80\x80", 0}, Utf8Case{"f5", "\xf5\x80\x80\x80", 0},
                    Utf8Case{"ff", "a\xff", 1}, Utf8Case{"cut after one of two", "é\xc3", 2},
                    Utf8Case{"cut after two of three", "\xe2\x82", 0},
                    Utf8Case{"cut after three of four", "ab\xf0\x9f\x98", 2},
                    Utf8Case{"lead byte, then ascii",
                             "\xe2"
                             "a",
                             0}));

TEST(CountCodePoints, CountsCodePointsAndBadBytes) {
  EXPECT_EQ(count_code_points(""), 0U);
  EXPECT_EQ(count_code_points("aé€🦀"), 4U);
  EXPECT_EQ(count_code_points("e\u0301"), 2U);
  EXPECT_EQ(count_code_points("\xff\xfe"), 2U);
  EXPECT_EQ(count_code_points("\xe2\x82"), 2U);
  EXPECT_EQ(count_code_points("\xe2\x82"
                              "a"),
            3U);
}

TEST(Quote, EscapesWhatATerminalWouldActOn) {
  EXPECT_EQ(quote("plain"), "\"plain\"");
  EXPECT_EQ(quote("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(quote("a\nb\rc\td"), R"("a\nb\rc\td")");
  EXPECT_EQ(quote("\x1b[31mred"), R"("\u{1b}[31mred")");
  EXPECT_EQ(quote(std::string_view("\0\x7f", 2)), R"("\u{0}\u{7f}")");
  EXPECT_EQ(quote("\u009b"), R"("\u{9b}")");
  EXPECT_EQ(quote("\xff\xc3"), R"("\xff\xc3")");
}

TEST(Quote, EscapesWhatCannotBeSeen) {
  EXPECT_EQ(quote("\u202e"), R"("\u{202e}")");                // right-to-left override
  EXPECT_EQ(quote("\u2066"), R"("\u{2066}")");                // left-to-right isolate
  EXPECT_EQ(quote("\u200b"), R"("\u{200b}")");                // zero width space
  EXPECT_EQ(quote("\ufeff"), R"("\u{feff}")");                // byte order mark
  EXPECT_EQ(quote("\u2028\u2029"), R"("\u{2028}\u{2029}")");  // line and paragraph separator
  EXPECT_EQ(quote("\U000e0041"), R"("\u{e0041}")");           // tag character
  EXPECT_EQ(quote("\ue000"), R"("\u{e000}")");                // private use
  EXPECT_EQ(quote("\uffff"), R"("\u{ffff}")");                // not a character
  EXPECT_EQ(quote("\u0378"), R"("\u{378}")");                 // not assigned
}

TEST(Quote, KeepsTextAndEmoji) {
  for (const std::string_view text :
       {"Grüße", "日本語", "עברית", "e\u0301", "👩‍👩‍👧", "❤️", "👍🏽", "🇩🇪", "क्‍ष", "a\u00a0b"}) {
    EXPECT_EQ(quote(text), '"' + std::string(text) + '"');
  }
}

TEST(Printable, EscapesTheSameWithoutQuotes) {
  EXPECT_EQ(printable("a\"b\\c"), "a\"b\\c");
  EXPECT_EQ(printable("a\nb\x1b\xff\u202e🦀"), R"(a\nb\u{1b}\xff\u{202e}🦀)");
  EXPECT_EQ(printable(""), "");
}

TEST(Shorten, CutsBetweenCodePoints) {
  EXPECT_EQ(shorten("🦀🦀🦀", 3), "🦀🦀🦀");
  EXPECT_EQ(shorten("🦀🦀🦀", 2), "🦀🦀…");
  EXPECT_EQ(shorten("abc", 0), "…");
  EXPECT_EQ(shorten("", 0), "");
  EXPECT_EQ(shorten("\xff\xff\xff", 1), "\xff…");
}

}  // namespace
}  // namespace caisson::base
