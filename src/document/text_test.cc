#include "document/internal/text.h"

#include "base/unicode.h"
#include "document/testing/reports.h"

#include <gtest/gtest.h>

#include <string>

namespace caisson::document::internal {
namespace {

using testing::place;

TEST(TextIndex, CountsLinesAndCodePointsFromOne) {
  const std::string text = "a\n€b\n\n🦀c";
  const TextIndex index(text);
  EXPECT_EQ(place(index.mark(0)), "1:1");
  EXPECT_EQ(place(index.mark(1)), "1:2");  // the line feed is the last character of its line
  EXPECT_EQ(place(index.mark(text.find("€"))), "2:1");
  EXPECT_EQ(place(index.mark(text.find('b'))), "2:2");
  EXPECT_EQ(place(index.mark(text.find("🦀"))), "4:1");
  EXPECT_EQ(place(index.mark(text.find('c'))), "4:2");
  EXPECT_EQ(place(index.mark(text.size())), "4:3");
  EXPECT_EQ(place(index.mark(text.size() + 100)), "4:3");
  EXPECT_EQ(place(TextIndex("").mark(0)), "1:1");
  EXPECT_EQ(place(TextIndex("\n").mark(1)), "2:1");
}

TEST(TextIndex, AgreesWithCountingOneByOneAcrossItsCheckpoints) {
  std::string text;
  for (int i = 0; i < 700; ++i) {
    text += i % 3 == 0 ? "é" : "x";
    text += i % 97 == 0 ? "\n" : "";
  }
  const TextIndex index(text);
  int line = 1;
  int column = 1;
  for (std::size_t at = 0; at < text.size();) {
    ASSERT_EQ(index.mark(at), (Mark{line, column})) << at;
    const std::size_t size = static_cast<unsigned char>(text[at]) >= 0x80 ? 2 : 1;
    column = text[at] == '\n' ? 1 : column + 1;
    line += text[at] == '\n' ? 1 : 0;
    at += size;
  }
}

TEST(Text, ShowsCharactersAndNamesSafely) {
  EXPECT_EQ(show_character("a€", 0), "'a'");
  EXPECT_EQ(show_character("a€", 1), "'€'");
  EXPECT_EQ(show_character("\x1b", 0), "'\\u{1b}'");
  EXPECT_EQ(show_character("a", 1), "the end of the text");
  EXPECT_EQ(show("a\nb"), "'a\\nb'");
  EXPECT_EQ(base::count_code_points(show(std::string(1000, 'x'))), 63U);  // 60, the quotes and the dots
}

}  // namespace
}  // namespace caisson::document::internal
