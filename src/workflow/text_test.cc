#include "workflow/text.h"

#include <gtest/gtest.h>

#include <string>

namespace caisson::workflow {
namespace {

TEST(ProperCase, CapitalizesEveryWord) {
  EXPECT_EQ(proper_case("hello WORLD of mINE").value(), "Hello World Of Mine");
  EXPECT_EQ(proper_case("straße ÉCOLE ǆ").value(), "Straße École ǅ");
  EXPECT_EQ(proper_case("ßa ΟΔΟΣ").value(), "Ssa Οδος");
  EXPECT_EQ(proper_case("(hello) \"world\" 3RD o'NEIL well-KNOWN").value(), "(Hello) \"World\" 3rd O'neil Well-known");
}

TEST(ProperCase, LeavesOneSpaceBetweenWordsAndNoneAround) {
  EXPECT_EQ(proper_case("  a \t\r\n b\u00a0c\u3000d  ").value(), "A B C D");
  EXPECT_EQ(proper_case("").value(), "");
  EXPECT_EQ(proper_case(" \n\t ").value(), "");
}

TEST(TitleCase, KeepsSmallWordsLower) {
  EXPECT_EQ(title_case("the LORD of THE rings").value(), "The Lord of the Rings");
  EXPECT_EQ(title_case("x A AN THE AND OR BUT IN ON AT TO FOR OF WITH BY y").value(),
            "X a an the and or but in on at to for of with by Y");
}

TEST(TitleCase, CapitalizesTheFirstWordAndWordsThatOnlyBeginSo) {
  EXPECT_EQ(title_case("  of mice  and men").value(), "Of Mice and Men");
  EXPECT_EQ(title_case("one android, without (the) inn").value(), "One Android, Without (The) Inn");
  EXPECT_EQ(title_case("it is as if").value(), "It Is As If");
  EXPECT_EQ(title_case("").value(), "");
}

TEST(CountText, CountsCodePointsWordsAndLines) {
  EXPECT_EQ(count_text("hello world"), (TextCounts{11, 2, 1}));
  EXPECT_EQ(count_text("🦀 e\u0301\n"), (TextCounts{5, 2, 1}));
  EXPECT_EQ(count_text(" a  b\u00a0c "), (TextCounts{8, 3, 1}));
}

TEST(CountText, ALineFeedEndsALineAndBeginsNone) {
  EXPECT_EQ(count_text("").lines, 1);
  EXPECT_EQ(count_text("a").lines, 1);
  EXPECT_EQ(count_text("\n").lines, 1);
  EXPECT_EQ(count_text("a\n").lines, 1);
  EXPECT_EQ(count_text("a\nb").lines, 2);
  EXPECT_EQ(count_text("a\r\nb\r\n").lines, 2);
  EXPECT_EQ(count_text("a\n\nb").lines, 3);
  EXPECT_EQ(count_text("\n\n").lines, 2);
  EXPECT_EQ(count_text("").words, 0);
  EXPECT_EQ(count_text("").characters, 0);
}

}  // namespace
}  // namespace caisson::workflow
