#include "base/text_segments.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace caisson::base {
namespace {

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  WordCursor cursor(text);
  while (const auto word = cursor.next()) {
    out.emplace_back(*word);
  }
  EXPECT_EQ(cursor.next(), std::nullopt) << "the end stays the end";
  return out;
}

using Words = std::vector<std::string>;

TEST(WordCursor, GivesWhatStandsBetweenSpaces) {
  EXPECT_EQ(words("one two"), (Words{"one", "two"}));
  EXPECT_EQ(words("  one\t\r\ntwo\v\fthree  "), (Words{"one", "two", "three"}));
  EXPECT_EQ(words("one"), Words{"one"});
  EXPECT_EQ(words(""), Words{});
  EXPECT_EQ(words(" \n "), Words{});
}

TEST(WordCursor, KnowsEverySpaceOfUnicode) {
  for (const std::string_view space :
       {"\u0085", "\u00a0", "\u1680", "\u2003", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"}) {
    EXPECT_EQ(words("a" + std::string(space) + "b"), (Words{"a", "b"})) << words(space).size();
  }
  EXPECT_EQ(words("a\u200bb"), Words{"a\u200bb"});  // zero width space is none by its property
  EXPECT_EQ(words("a\x1f"
                  "b"),
            Words{"a\x1f"
                  "b"});
}

TEST(WordCursor, TakesBytesThatAreNotUtf8AsLetters) {
  EXPECT_EQ(words("a\xff \xc3 \xe2\x80"), (Words{"a\xff", "\xc3", "\xe2\x80"}));
}

TEST(WordCursor, PointsIntoTheText) {
  const std::string text = " ab";
  EXPECT_EQ(WordCursor(text).next()->data(), text.data() + 1);
}

TEST(StripPunctuation, TakesItFromTheEndsOnly) {
  EXPECT_EQ(strip_punctuation("hello"), "hello");
  EXPECT_EQ(strip_punctuation("\"hello!\","), "hello");
  EXPECT_EQ(strip_punctuation("«don't»"), "don't");
  EXPECT_EQ(strip_punctuation("¿qué?"), "qué");
  EXPECT_EQ(strip_punctuation("#tag"), "tag");
  EXPECT_EQ(strip_punctuation("「日本」"), "日本");
}

TEST(StripPunctuation, LeavesSymbols) {
  EXPECT_EQ(strip_punctuation("C++"), "C++");
  EXPECT_EQ(strip_punctuation("$5."), "$5");
  EXPECT_EQ(strip_punctuation("🦀!"), "🦀");
  EXPECT_EQ(strip_punctuation("\xff!"), "\xff");
}

TEST(StripPunctuation, LeavesNothingOfPunctuation) {
  EXPECT_EQ(strip_punctuation("--"), "");
  EXPECT_EQ(strip_punctuation("…"), "");
  EXPECT_EQ(strip_punctuation(""), "");
}

TEST(ReverseGraphemes, ReversesTheCharactersThatAReaderSees) {
  EXPECT_EQ(reverse_graphemes("abc").value(), "cba");
  EXPECT_EQ(reverse_graphemes("Grüße").value(), "eßürG");
  EXPECT_EQ(reverse_graphemes("ae\u0301b").value(), "be\u0301a");
  EXPECT_EQ(reverse_graphemes("🇩🇪🇫🇷").value(), "🇫🇷🇩🇪");
  EXPECT_EQ(reverse_graphemes("a👩‍👩‍👧👍🏽b").value(), "b👍🏽👩‍👩‍👧a");
  EXPECT_EQ(reverse_graphemes("각가").value(), "가각");
  EXPECT_EQ(reverse_graphemes("\u1100\u1161x").value(), "x\u1100\u1161");
  EXPECT_EQ(reverse_graphemes("a\r\nb\nc").value(), "c\nb\r\na");
}

TEST(ReverseGraphemes, TwiceIsTheSameText) {
  for (const std::string_view text :
       {"hello world", "שלום, עולם", "นี่คือ", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 & ❤️‍🔥", "e\u0301\u0302f"}) {
    EXPECT_EQ(reverse_graphemes(reverse_graphemes(text).value()).value(), text);
  }
}

TEST(ReverseGraphemes, KeepsEveryByte) {
  EXPECT_EQ(reverse_graphemes("").value(), "");
  EXPECT_EQ(reverse_graphemes({}).value(), "");
  EXPECT_EQ(reverse_graphemes(std::string_view("a\0b", 3)).value(), std::string_view("b\0a", 3));
  EXPECT_EQ(reverse_graphemes("a\xff"
                              "b")
                .value(),
            "b\xff"
            "a");
}

TEST(ReverseGraphemes, RefusesMoreThanIcuCanCount) {
  const char byte = 'a';
  const auto reversed = reverse_graphemes({&byte, (std::size_t{1} << 30) + 1});  // refused before it is read
  ASSERT_FALSE(reversed);
  EXPECT_EQ(reversed.error().reason, "text.too_large");
}

}  // namespace
}  // namespace caisson::base
