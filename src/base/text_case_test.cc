#include "base/text_case.h"

#include <gtest/gtest.h>

#include <string>

namespace caisson::base {
namespace {

TEST(ToUpper, UsesFullMappings) {
  EXPECT_EQ(to_upper("hello").value(), "HELLO");
  EXPECT_EQ(to_upper("Straße").value(), "STRASSE");
  EXPECT_EQ(to_upper("ﬃ").value(), "FFI");
  EXPECT_EQ(to_upper("éя𐐨").value(), "ÉЯ𐐀");
  EXPECT_EQ(to_upper("i ı").value(), "I I");  // no language's own rules: not Turkish
}

TEST(ToLower, UsesFullMappings) {
  EXPECT_EQ(to_lower("HELLO İ").value(), "hello i\u0307");
  EXPECT_EQ(to_lower("ÉЯ𐐀").value(), "éя𐐨");
}

TEST(ToLower, KnowsTheSigmaThatEndsAWord) {
  EXPECT_EQ(to_lower("ΟΔΟΣ").value(), "οδος");
  EXPECT_EQ(to_lower("ΟΔΟΣ ΣΑΣ.").value(), "οδος σας.");
  EXPECT_EQ(to_lower("Σ").value(), "σ");
}

TEST(Capitalize, MapsTheFirstLetterToTitleCaseAndTheRestDown) {
  EXPECT_EQ(capitalize("hELLO").value(), "Hello");
  EXPECT_EQ(capitalize("ǆUNGLA").value(), "ǅungla");
  EXPECT_EQ(capitalize("ßA").value(), "Ssa");
  EXPECT_EQ(capitalize("ΣΑΣ").value(), "Σας");
  EXPECT_EQ(capitalize("ijSSEL").value(), "Ijssel");
}

TEST(Capitalize, PassesOverPunctuationOnly) {
  EXPECT_EQ(capitalize("(\"hELLO").value(), "(\"Hello");
  EXPECT_EQ(capitalize("3RD").value(), "3rd");
  EXPECT_EQ(capitalize("$USD").value(), "$usd");
  EXPECT_EQ(capitalize("...").value(), "...");
}

TEST(TextCase, TakesNothing) {
  for (const auto map : {&to_upper, &to_lower, &capitalize}) {
    EXPECT_EQ(map("").value(), "");
    EXPECT_EQ(map({}).value(), "");
  }
}

TEST(TextCase, LeavesBytesThatAreNotUtf8) {
  EXPECT_EQ(to_upper("a\xff").value(), "A\xff");
  EXPECT_EQ(to_lower("\xc3").value(), "\xc3");
}

TEST(TextCase, RefusesMoreThanIcuCanCount) {
  const char byte = 'a';
  const std::string_view huge(&byte, (std::size_t{1} << 30) + 1);  // refused before it is read
  for (const auto map : {&to_upper, &to_lower, &capitalize}) {
    const auto mapped = map(huge);
    ASSERT_FALSE(mapped);
    EXPECT_EQ(mapped.error().category, Category::kResourceExhausted);
    EXPECT_EQ(mapped.error().reason, "text.too_large");
  }
}

}  // namespace
}  // namespace caisson::base
