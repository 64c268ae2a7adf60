#include "base/regex.h"

#include <gtest/gtest.h>

#include <string>

namespace caisson::base {
namespace {

Result<RegexSearch> search(std::string_view pattern, std::string_view text, const RegexLimits& limits = {}) {
  const auto regex = Regex::compile(pattern);
  EXPECT_TRUE(regex) << pattern;
  return regex->search(text, limits);
}

TEST(Regex, IsFoundAnywhereInTheText) {
  EXPECT_TRUE(search("[0-9]+", "ab12")->found);
  EXPECT_FALSE(search("^[0-9]+", "ab12")->found);
  EXPECT_TRUE(search("", "")->found);
  EXPECT_TRUE(search("é🦀$", "<é🦀")->found);
}

TEST(Regex, SaysWhatIsWrongWithAPattern) {
  const auto regex = Regex::compile("a(");
  ASSERT_FALSE(regex);
  EXPECT_EQ(regex.error().reason, "regex.bad_pattern");
}

TEST(Regex, CountsItsStepsAndEndsWhenThereAreTooMany) {
  const std::string text(30, 'a');
  const auto bounded = search("(a+)+$", text + "!", {.steps = 100'000});
  ASSERT_FALSE(bounded);
  EXPECT_EQ(bounded.error().reason, "regex.limit");
  const auto counted = search("(a+)+$", text.substr(0, 16) + "!");
  ASSERT_TRUE(counted);
  EXPECT_FALSE(counted->found);
  EXPECT_GT(counted->steps, 0U);
  EXPECT_EQ(search("a", "a")->steps, 0U);
}

}  // namespace
}  // namespace caisson::base
