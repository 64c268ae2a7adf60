#include "document/parse.h"
#include "document/print.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

namespace caisson::document {
namespace {

using namespace std::string_literals;

void expect_reads_back(const Value& value) {
  const std::string text = to_yaml(value);
  const auto again = parse_yaml(text, "printed");
  ASSERT_TRUE(again) << text << again.error().message;
  EXPECT_EQ(*again, value) << text << to_json(*again);
}

TEST(PrintYaml, IsBlockStyleWithShortListsInBrackets) {
  const Value value =
      Value::map({{"strategy", "level"},
                  {"nodes", Value::list({Value::map({{"id", "a"}, {"depends_on", Value::list({"b", "c d"})}}),
                                         Value::map({{"options", Value::map()}, {"m", 1.0}})})},
                  {"text", "one\n  two\n"}});
  EXPECT_EQ(to_yaml(value),
            "strategy: level\nnodes:\n  - id: a\n    depends_on: [b, c d]\n  - options: {}\n    m: 1.0\n"
            "text: |\n  one\n    two\n");
}

TEST(PrintYaml, AStringThatLooksLikeAnotherKindIsQuoted) {
  for (const std::string text :
       {"true",         "True",    "no",   "Off",   "y",    "null",  "~",     "1",    "1e3",        "0x1f",
        ".inf",         "-",       "- a",  "a: b",  "a #b", "",      " a",    "a ",   "[a]",        "{a",
        "*a",           "&a",      "!a",   "%a",    "@a",   "`a`",   "? a",   "---",  "...",        "a\tb",
        "a\r\nb",       "\n",      "a\n",  "a\n\n", "\na",  " a\nb", "a \nb", "a\nb", "a\nb\n\n\n", "\u0085x",
        "\u2028\u2029", "\ufeffx", "\x7f", "é",     "😀",   "<<",    "=",     "'",    "\""}) {
    SCOPED_TRACE(text);
    expect_reads_back(text);
    expect_reads_back(Value::list({text}));
    expect_reads_back(Value::map({{text, text}, {"k", Value::list({Value::list({text, 1})})}}));
  }
  expect_reads_back("a\0b"s);
}

TEST(PrintYaml, EveryKindOfValueReadsBackAsItself) {
  expect_reads_back(Value::map({{"a", nullptr},
                                {"b", true},
                                {"c", std::numeric_limits<std::int64_t>::min()},
                                {"d", 0.1},
                                {"e", std::numeric_limits<double>::infinity()},
                                {"f", -std::numeric_limits<double>::infinity()},
                                {"g", Value::list({Value::list(), Value::map(), Value::list({Value::list({1})})})}}));
  expect_reads_back(Value::list());
  expect_reads_back(3);
  EXPECT_EQ(to_yaml(std::nan("")), ".nan\n");
}

/// Any value of up to four levels, with texts of characters that mean something somewhere.
Value random_value(std::mt19937& random, int depth) {
  static const std::vector<std::string> kPieces = {"a", "no", "1",  " ",  "\n", ": ", " #",     "-", "\t",
                                                   "é", "'",  "\"", "\\", "[",  "]",  "{",      "}", ",",
                                                   "&", "*",  "|",  ">",  "%",  "~",  "\u0085", "0x"};
  const auto text = [&] {
    std::string out;
    for (auto left = random() % 6; left > 0; --left) {
      out += kPieces[random() % kPieces.size()];
    }
    return out;
  };
  switch (random() % (depth > 0 ? 7 : 5)) {
    case 0:
      return nullptr;
    case 1:
      return random() % 2 == 0;
    case 2:
      return static_cast<std::int64_t>(random()) - 2'000'000'000;
    case 3:
      return std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 100) - 50);
    case 4:
      return text();
    case 5: {
      Value out = Value::list();
      for (auto left = random() % 4; left > 0; --left) {
        out.push(random_value(random, depth - 1));
      }
      return out;
    }
    default: {
      Value out = Value::map();
      for (auto left = random() % 4; left > 0; --left) {
        if (const std::string name = text() + std::to_string(left); out.find(name) == nullptr) {
          out.set(name, random_value(random, depth - 1));
        }
      }
      return out;
    }
  }
}

TEST(PrintYaml, AnyValueReadsBackAsItself) {
  std::mt19937 random(1);
  for (int i = 0; i < 3000 && !::testing::Test::HasFailure(); ++i) {
    expect_reads_back(random_value(random, 4));
  }
}

}  // namespace
}  // namespace caisson::document
