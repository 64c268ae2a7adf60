#include "document/internal/yaml_scalar.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace caisson::document::internal {
namespace {

TEST(PlainScalar, NullsAndBooleansAreTheCoreSchemas) {
  for (const char* text : {"", "null", "Null", "NULL", "~"}) {
    EXPECT_EQ(resolve_plain_scalar(text), Value()) << text;
  }
  for (const char* text : {"true", "True", "TRUE"}) {
    EXPECT_EQ(resolve_plain_scalar(text), Value(true)) << text;
  }
  for (const char* text : {"false", "False", "FALSE"}) {
    EXPECT_EQ(resolve_plain_scalar(text), Value(false)) << text;
  }
}

TEST(PlainScalar, WordsThatOnlyLookLikeSomethingAreStrings) {
  for (const char* text :
       {"yes",  "no",   "on",   "off",   "y",    "tRUE", "nULL", "1_000", "0x",  "0o",   "0o8",   "0xg",   "-0x1",
        "+0o7", "0X1F", "0b1",  "1e",    "1e+",  "e1",   ".",    "+",     "-",   "-.",   ".e1",   "1.2.3", "1:30",
        "--1",  "+-1",  ".Nan", "+.nan", "-nan", ".iNF", "inf",  "nan",   "1 2", "1.5f", "0x1p3", "١"}) {
    EXPECT_EQ(resolve_plain_scalar(text), Value(text)) << text;
  }
}

TEST(PlainScalar, IntegersAreDecimalOctalOrHexadecimal) {
  EXPECT_EQ(resolve_plain_scalar("0"), Value(0));
  EXPECT_EQ(resolve_plain_scalar("-0"), Value(0));
  EXPECT_EQ(resolve_plain_scalar("+7"), Value(7));
  EXPECT_EQ(resolve_plain_scalar("0123"), Value(123));
  EXPECT_EQ(resolve_plain_scalar("0o17"), Value(15));
  EXPECT_EQ(resolve_plain_scalar("0xfF"), Value(255));
  EXPECT_EQ(resolve_plain_scalar("9223372036854775807"), Value(std::numeric_limits<std::int64_t>::max()));
  EXPECT_EQ(resolve_plain_scalar("-9223372036854775808"), Value(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(resolve_plain_scalar("0x7fffffffffffffff"), Value(std::numeric_limits<std::int64_t>::max()));
}

TEST(PlainScalar, IntegersOutside64BitsAreNumbersWhenDecimalAndRefusedOtherwise) {
  EXPECT_EQ(resolve_plain_scalar("9223372036854775808"), Value(9223372036854775808.0));
  EXPECT_EQ(resolve_plain_scalar("-9223372036854775809"), Value(-9223372036854775808.0));
  EXPECT_EQ(resolve_plain_scalar("0x8000000000000000"), std::nullopt);
  EXPECT_EQ(resolve_plain_scalar("0o1000000000000000000000"), std::nullopt);
  EXPECT_EQ(resolve_plain_scalar(std::string(400, '9')), std::nullopt);
}

TEST(PlainScalar, NumbersHaveAFractionOrAnExponent) {
  EXPECT_EQ(resolve_plain_scalar("0.5"), Value(0.5));
  EXPECT_EQ(resolve_plain_scalar(".5"), Value(0.5));
  EXPECT_EQ(resolve_plain_scalar("+.5"), Value(0.5));
  EXPECT_EQ(resolve_plain_scalar("5."), Value(5.0));
  EXPECT_EQ(resolve_plain_scalar("-1e3"), Value(-1000.0));
  EXPECT_EQ(resolve_plain_scalar("1.5E-2"), Value(0.015));
  EXPECT_EQ(resolve_plain_scalar("5e-324"), Value(5e-324));
  EXPECT_EQ(resolve_plain_scalar(".inf"), Value(std::numeric_limits<double>::infinity()));
  EXPECT_EQ(resolve_plain_scalar("+.Inf"), Value(std::numeric_limits<double>::infinity()));
  EXPECT_EQ(resolve_plain_scalar("-.INF"), Value(-std::numeric_limits<double>::infinity()));
  for (const char* text : {".nan", ".NaN", ".NAN"}) {
    const auto value = resolve_plain_scalar(text);
    ASSERT_TRUE(value && value->as_number() != nullptr) << text;
    EXPECT_TRUE(std::isnan(*value->as_number())) << text;
  }
  EXPECT_EQ(resolve_plain_scalar("1e999"), std::nullopt);
  EXPECT_EQ(resolve_plain_scalar("-1e999"), std::nullopt);
}

TEST(QuotedScalar, IsClosedByItsOwnQuoteOnly) {
  for (const char* text : {"''", "'a' b", "'a''b'", "'\\'", "\"\"", "\"a\\\"b\" '", "\"\\\\\"", "\"'\""}) {
    EXPECT_TRUE(is_closed_quote(text)) << text;
  }
  for (const char* text : {"'", "'a", "'a''", "'a\"", "\"", "\"a\\\"", "\"\\", "\"'"}) {
    EXPECT_FALSE(is_closed_quote(text)) << text;
  }
}

TEST(QuotedScalar, ItsSingleByteEscapesBecomeUtf8) {
  EXPECT_EQ(repair_escapes("é\x85\xA0x\xC2\x85\xA0"), "é\xC2\x85\xC2\xA0x\xC2\x85\xC2\xA0");
  EXPECT_EQ(repair_escapes("plain"), "plain");
}

}  // namespace
}  // namespace caisson::document::internal
