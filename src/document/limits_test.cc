// The caps, and texts that are made to hurt a parser. None of these may overflow the stack or take long: a test that
// hangs is stopped by ctest.

#include "document/parse.h"
#include "document/print.h"
#include "document/testing/reports.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace caisson::document {
namespace {

using testing::reports;
using testing::times;
using Reports = std::vector<std::string>;

using Parse = Result<Value> (*)(std::string_view, std::string_view, const ParseLimits&);
constexpr Parse kParsers[] = {parse_yaml, parse_json};

/// Both parsers accept `fits` and refuse `too_large` as that.
void expect_cap(const ParseLimits& limits, const std::string& fits, const std::string& too_large) {
  for (const Parse parse : kParsers) {
    const auto good = parse(fits, "f", limits);
    EXPECT_TRUE(good) << good.error().message;
    const auto bad = parse(too_large, "f", limits);
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().reason, "document.too_large");
    EXPECT_EQ(bad.error().category, Category::kInvalidArgument);
    ASSERT_FALSE(bad.error().diagnostics.empty());
    EXPECT_EQ(bad.error().diagnostics.back().reason, "document.too_large");
  }
}

TEST(Limits, Bytes) { expect_cap({.bytes = 10}, "[\"123456\"]", "[\"1234567\"]"); }

TEST(Limits, Depth) {
  expect_cap({.depth = 3}, "[{\"a\":[1]}]", "[{\"a\":[{}]}]");
  expect_cap({}, times(64, "[") + times(64, "]"), times(65, "[") + times(65, "]"));
}

TEST(Limits, DepthHasACeilingWhateverIsAsked) {
  const std::size_t most = ParseLimits::kMaxDepth;
  expect_cap({.depth = 1'000'000}, times(most, "[") + times(most, "]"), times(most + 1, "[") + times(most + 1, "]"));
}

TEST(Limits, Values) {
  expect_cap({.values = 5}, "[1,{\"a\":2,\"b\":3}]", "[1,{\"a\":2,\"b\":3},4]");
  expect_cap({.values = 1}, "1", "[1]");
}

TEST(Limits, ScalarBytesOfStringsNamesAndNumbers) {
  expect_cap({.scalar_bytes = 3}, "[\"abc\"]", "[\"abcd\"]");
  expect_cap({.scalar_bytes = 3}, "{\"abc\":1}", "{\"abcd\":1}");
  expect_cap({.scalar_bytes = 5}, "[1.125]", "[1.0625]");
  expect_cap({.scalar_bytes = 4}, "[\"\\u00e9é\"]", "[\"\\u00e9éé\"]");  // of the string, not of its escapes
}

TEST(Limits, FlowBytesBoundWhatYamlHoldsAsAWhole) {
  const ParseLimits limits = {.scalar_bytes = 100, .flow_bytes = 20'000};
  const auto list = [](std::size_t bytes) { return "[" + times(bytes / 10, "[1, 2, 3],") + "]"; };
  EXPECT_TRUE(parse_yaml("- a\n- " + list(15'000), "f", limits));
  EXPECT_EQ(reports(parse_yaml("- a\n- " + list(40'000), "f", limits)), Reports{"1:3 too_large"});
  EXPECT_TRUE(parse_yaml(times(4'000, "- [1, 2, 3]\n"), "f", limits));  // the same without one list around all
  EXPECT_TRUE(parse_json("[" + times(10'000, "[1],") + "1]", "f", limits));
}

TEST(Limits, ALongScalarBehindAnotherIsNotTooLarge) {
  const std::string scalar(200 << 10, 'x');
  EXPECT_TRUE(parse_yaml("a: " + scalar + "\nb: '" + scalar + "'\nc: |\n  " + scalar + "\n", "f"));
}

TEST(Limits, ProblemsAreCountedAndTheRestIsMentioned) {
  const auto hundred = parse_yaml(times(100, "- &a x\n"), "f");
  ASSERT_FALSE(hundred);
  EXPECT_EQ(hundred.error().diagnostics.size(), 100U);
  for (const auto& result :
       {parse_yaml(times(5000, "- &a x\n"), "f"), parse_yaml(times(5000, "a: 1\n"), "f"),
        parse_yaml(times(5000, "\x01"), "f"), parse_json("{" + times(5000, "\"a\":1,") + "\"a\":1}", "f")}) {
    ASSERT_FALSE(result);
    ASSERT_EQ(result.error().diagnostics.size(), 101U);
    EXPECT_EQ(result.error().diagnostics.back().reason, "document.too_many_problems");
    EXPECT_EQ(result.error().reason, "document.invalid");
  }
}

TEST(Limits, DeepNestingEndsAtTheCapNotOnTheStack) {
  const std::vector<std::string> open = {"[", "{", "[{", "- ", "? ", "{a: ", "[? ", "{\"a\":", "{[", "? - "};
  for (const std::string& text : open) {
    for (const Parse parse : kParsers) {
      EXPECT_FALSE(parse(times(100'000, text), "f", ParseLimits{.depth = 1'000'000})) << text;
    }
  }
  EXPECT_EQ(parse_yaml(times(100'000, "["), "f").error().reason, "document.too_large");
  EXPECT_EQ(parse_yaml(times(100'000, "{"), "f").error().reason, "document.too_large");
  EXPECT_EQ(parse_yaml(times(100'000, "- "), "f").error().reason, "document.too_large");
  EXPECT_EQ(parse_yaml(times(100'000, "[") + times(100'000, "]"), "f").error().reason, "document.too_large");
  std::string stairs;
  for (std::size_t i = 0; i < 1000; ++i) {
    stairs += std::string(i, ' ') + "a:\n";
  }
  EXPECT_EQ(reports(parse_yaml(stairs, "f")), Reports{"65:65 too_large"});
}

TEST(Limits, AValueAtTheDepthCapIsCopiedComparedPrintedAndDestroyed) {
  const std::size_t depth = ParseLimits::kMaxDepth;
  const std::string text = times(depth / 2, "[{\"a\":") + "1" + times(depth / 2, "}]");
  const auto value = parse_json(text, "f", {.depth = depth});
  ASSERT_TRUE(value) << value.error().message;
  const Value copy = *value;
  EXPECT_EQ(copy, *value);
  EXPECT_EQ(to_json(copy), text);
}

TEST(Limits, LongTextsOfEveryShapeAreReadOrRefused) {
  const std::size_t size = 256 << 10;
  const ParseLimits wide = {.bytes = size, .values = size, .scalar_bytes = size, .flow_bytes = size};
  const auto fill = [&](const std::string& text) { return times(size / text.size(), text); };
  for (const std::string text :
       {"a: 1\n", "? a\n", "a:\n", "- \n", "!a ", "&a ",      "*a ",    "[a,",   "{a,",  "\n",  " ",
        "#",      "\"",    "'",    "a",    ",",   "%",        ":",      "? [",   "[\n",  "|\n", "-",
        "1",      "é",     "\t",   "[]",   "{}",  "\"a\":1,", "a: b, ", "...\n", "---\n"}) {
    for (const Parse parse : kParsers) {
      const auto result = parse(fill(text), "f", wide);
      EXPECT_TRUE(result || !result.error().diagnostics.empty()) << text;
    }
  }
}

TEST(Limits, AMapOfAHundredThousandNamesIsRead) {
  std::string yaml;
  std::string json = "{";
  for (int i = 0; i < 100'000; ++i) {
    const std::string name = "name-" + std::to_string(i * 7919 % 100'000);
    yaml += name + ": 1\n";
    json += (i == 0 ? "\"" : ",\"") + name + "\":1";
  }
  const ParseLimits limits = {.bytes = 4 << 20, .values = 100'001};
  const auto from_yaml = parse_yaml(yaml, "f", limits);
  const auto from_json = parse_json(json + "}", "f", limits);
  ASSERT_TRUE(from_yaml && from_json);
  EXPECT_EQ(from_yaml->as_map()->size(), 100'000U);
  EXPECT_EQ(*from_yaml, *from_json);
  const auto twice = parse_yaml(yaml + "name-4711: 2\n", "f", {.bytes = 4 << 20, .values = 100'002});
  EXPECT_EQ(reports(twice), Reports{"100001:1 duplicate_name"});
}

}  // namespace
}  // namespace caisson::document
