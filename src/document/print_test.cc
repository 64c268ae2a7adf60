#include "document/print.h"

#include "document/parse.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace caisson::document {
namespace {

using namespace std::string_literals;

TEST(Print, CompactHasNoBlanksAndKeepsTheOrder) {
  EXPECT_EQ(to_json(Value::map({{"b", Value::list({1, nullptr, true, false, -7})}, {"a", Value::map()}, {"", "x"}})),
            R"({"b":[1,null,true,false,-7],"a":{},"":"x"})");
  EXPECT_EQ(to_json(Value::list()), "[]");
}

TEST(Print, IndentedUsesTwoSpacesAndEndsWithoutANewLine) {
  EXPECT_EQ(
      to_json(Value::map({{"a", Value::list({1, Value::list(), Value::map({{"b", "c"}})})}}), JsonStyle::kIndented),
      "{\n  \"a\": [\n    1,\n    [],\n    {\n      \"b\": \"c\"\n    }\n  ]\n}");
  EXPECT_EQ(to_json(Value(1), JsonStyle::kIndented), "1");
}

TEST(Print, NumbersAreTheShortestThatReadBackAsTheSameDouble) {
  EXPECT_EQ(to_json(0.1), "0.1");
  EXPECT_EQ(to_json(1.0), "1.0");
  EXPECT_EQ(to_json(-0.0), "-0.0");
  EXPECT_EQ(to_json(1e22), "1e+22");
  EXPECT_EQ(to_json(5e-324), "5e-324");
  EXPECT_EQ(to_json(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(to_json(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  double number = 1.0;
  for (int i = 0; i < 2000; ++i) {
    number = std::fmod(number * 1.37e3 + 0.1234567, 1e9) * (i % 2 == 0 ? 1e-7 : 1.0);
    const auto back = parse_json(to_json(number), "");
    ASSERT_TRUE(back) << to_json(number);
    ASSERT_EQ(*back, Value(number)) << to_json(number);
  }
}

TEST(Print, NumbersWithoutAJsonFormAreNull) {
  EXPECT_EQ(to_json(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(to_json(-std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(to_json(std::numeric_limits<double>::quiet_NaN()), "null");
}

TEST(Print, EscapesWhatJsonAsksForAndNothingElse) {
  EXPECT_EQ(to_json("\"\\/\b\f\n\r\t\0\x1f\x7f é🦀"s), "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f é🦀\"");
  EXPECT_EQ(to_json(Value::map({{"a\"b", 1}})), R"({"a\"b":1})");
}

TEST(Print, BytesThatAreNotUtf8BecomeReplacementCharacters) {
  EXPECT_EQ(to_json("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(to_json("\xE2\x82"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(to_json(Value::map({{"\xC3", 1}})), "{\"\xEF\xBF\xBD\":1}");
}

TEST(Print, WhatIsPrintedReadsBackAsAnEqualValue) {
  const Value value = Value::map({{"text", "line\n\"quoted\" \\ \0 é"s},
                                  {"numbers", Value::list({0, -1, 1.5, 1e300, -0.0, 9007199254740993})},
                                  {"deep", Value::list({Value::list({Value::map({{"", Value::map()}})})})}});
  for (const JsonStyle style : {JsonStyle::kCompact, JsonStyle::kIndented}) {
    const auto json = parse_json(to_json(value, style), "");
    ASSERT_TRUE(json) << json.error().message;
    EXPECT_EQ(*json, value);
    const auto yaml = parse_yaml(to_json(value, style), "");  // JSON is YAML, too
    ASSERT_TRUE(yaml) << yaml.error().message;
    EXPECT_EQ(*yaml, value);
  }
}

}  // namespace
}  // namespace caisson::document
