#include "document/parse.h"
#include "document/testing/reports.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::document {
namespace {

using testing::place;
using testing::reports;
using Reports = std::vector<std::string>;
using namespace std::string_literals;

Value parsed(std::string_view text) {
  auto result = parse_json(text, "in.json");
  EXPECT_TRUE(result) << text << "\n" << (result ? "" : result.error().message);
  return std::move(result).value_or(Value("not parsed"));
}

TEST(Json, ReadsEveryKind) {
  EXPECT_EQ(parsed(R"({"a": [null, true, false, 1, -2, 0.5, 1e3, "x"], "b": {}, "c": []})"),
            Value::map({{"a", Value::list({nullptr, true, false, 1, -2, 0.5, 1000.0, "x"})},
                        {"b", Value::map()},
                        {"c", Value::list()}}));
  EXPECT_EQ(parsed(" 7 "), Value(7));
  EXPECT_EQ(parsed("\xEF\xBB\xBF[]"), Value::list());
  EXPECT_EQ(parsed(R"("\u00e9\ud83e\udd80\u0000\n\/")"), Value("é🦀\0\n/"s));
}

TEST(Json, IntegersKeep64BitsAndBecomeNumbersOutside) {
  EXPECT_EQ(parsed("[9223372036854775807, -9223372036854775808, 9223372036854775808, 18446744073709551616, -1e0]"),
            Value::list({std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min(),
                         9223372036854775808.0, 18446744073709551616.0, -1.0}));
}

TEST(Json, MarksCountLinesAndCodePointsFromOne) {
  const Value value = parsed("{\"é\" : [ \"🦀\",true,12 ,{\"a\\\"[\":null}],\r\n  \"b\":-1.5e3\t}");
  EXPECT_EQ(place(value.mark()), "1:1");
  ASSERT_NE(value.as_map(), nullptr);
  const Map& map = *value.as_map();
  EXPECT_EQ(place(map[0].name_mark), "1:2");
  EXPECT_EQ(place(map[0].value.mark()), "1:8");
  ASSERT_NE(map[0].value.as_list(), nullptr);
  const List& list = *map[0].value.as_list();
  ASSERT_EQ(list.size(), 4U);
  EXPECT_EQ(place(list[0].mark()), "1:10");
  EXPECT_EQ(place(list[1].mark()), "1:14");
  EXPECT_EQ(place(list[2].mark()), "1:19");
  EXPECT_EQ(place(list[3].mark()), "1:23");
  EXPECT_EQ(place(list[3].as_map()->front().name_mark), "1:24");
  EXPECT_EQ(place(list[3].as_map()->front().value.mark()), "1:31");
  EXPECT_EQ(place(map[1].name_mark), "2:3");
  EXPECT_EQ(place(map[1].value.mark()), "2:7");
}

TEST(Json, ATextWithoutAValueIsEmpty) {
  for (const char* text : {"", " \t\r\n", "\xEF\xBB\xBF"}) {
    const auto result = parse_json(text, "f");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().reason, "document.empty");
  }
}

TEST(Json, ReportsEveryDuplicateNameAndASyntaxErrorBehindThem) {
  EXPECT_EQ(reports(parse_json(R"({"a":1,"b":{"a":1,"a":2},"a":[1,{"é":2,"\u00e9":3}]})", "f")),
            (Reports{"1:19 duplicate_name", "1:26 duplicate_name", "1:40 duplicate_name"}));
  EXPECT_EQ(reports(parse_json("{\"a\":1,\n\"a\":2,\n\"b\":[}", "f")), (Reports{"2:1 duplicate_name", "3:6 syntax"}));
}

struct Wrong {
  std::string text;
  const char* report;
  const char* message;  ///< a part of it
};

TEST(Json, ErrorsNameThePlaceAndWhatIsWrong) {
  const std::vector<Wrong> cases = {
      {"[1,]", "1:4 syntax", "unexpected ']'; expected '[', '{', or a literal; remove the ',' before it"},
      {"{\"a\":1,\n}", "2:1 syntax", "expected string literal; remove the ',' before it"},
      {"{'a':1}", "1:2 syntax", "strings are in double quotes"},
      {"{\"a\":1 // x\n}", "1:8 syntax", "there are no comments in JSON"},
      {"[tru]", "1:2 syntax", "invalid literal at 'tru'"},
      {"[01]", "1:2 syntax", "unexpected number literal; expected ']' or ','"},
      {"[1 2]", "1:4 syntax", "unexpected number literal; expected ']' or ','"},
      {"{\"a\":1 \"b\":2}", "1:8 syntax", "unexpected string literal; expected '}' or ','"},
      {"{\"a\"}", "1:5 syntax", "expected ':'"},
      {"{a:1}", "1:2 syntax", "invalid literal at 'a'"},
      {"[1.]", "1:2 syntax", "expected digit after '.' at '1.'"},
      {"NaN", "1:1 syntax", "invalid literal at 'NaN'"},
      {"1 2", "1:3 syntax", "expected end of input"},
      {"{}}", "1:3 syntax", "expected end of input"},
      {"\"a\"x", "1:4 syntax", "invalid literal at 'x'"},
      {"[1}", "1:3 syntax", "unexpected '}'"},
      {"[1,{\"a\":2", "1:4 syntax", "'{' is never closed: add '}'"},
      {"[[]", "1:1 syntax", "'[' is never closed: add ']'"},
      {"\"abc", "1:1 syntax", "missing closing quote"},
      {"\"é\\q\"", "1:4 syntax", "forbidden character after backslash at 'q'"},
      {"\"a\nb\"", "1:3 syntax", "control character U+000A"},
      {"\"\\ud800\"", "1:8 syntax", "surrogate"},
      {"\"\\udc00\"", "1:7 syntax", "surrogate"},
      {"[1, -1e999, 3]", "1:5 number_range", "number '-1e999' is out of range"},
      {"[\"\xFF\"]", "1:3 encoding", "byte 0xff is not UTF-8"},
      {"1  \0 2"s, "1:4 character", "U+0000"},
      {"\"abc\x01\"", "1:5 character", "write \\u0001 in a string"},
      {"\xEF\xBB\xBF\xEF\xBB\xBF{}", "1:1 character", "two byte order marks"},
      {"{\0}\0"s, "0:0 encoding", "UTF-16"},
  };
  for (const Wrong& wrong : cases) {
    const auto result = parse_json(wrong.text, "f");
    EXPECT_EQ(reports(result), Reports{wrong.report}) << wrong.text;
    ASSERT_FALSE(result) << wrong.text;
    EXPECT_NE(result.error().message.find(wrong.message), std::string::npos) << result.error().message;
    EXPECT_EQ(result.error().category, Category::kInvalidArgument);
    EXPECT_EQ(result.error().message.find("json.exception"), std::string::npos) << result.error().message;
  }
}

TEST(Json, AByteOrderMarkInsideAStringIsText) { EXPECT_EQ(parsed("\"\xEF\xBB\xBF\""), Value("\xEF\xBB\xBF")); }

TEST(IsJson, LooksAtAnySizeAndBuildsNothing) {
  for (const std::string_view good : {"null", " [1, 2.5e300, \"\\u00e9\"] ", "\"text\"", "-0", R"({"a":1,"a":2})"}) {
    EXPECT_TRUE(is_json(good)) << good;
  }
  for (const std::string_view bad : {"", "nul", "1 2", "[1,]", "{'a':1}", "\"\xff\"", "NaN", "\"a\nb\""}) {
    EXPECT_FALSE(is_json(bad)) << bad;
  }
  EXPECT_TRUE(is_json(std::string(100'000, '[') + std::string(100'000, ']')));
  EXPECT_FALSE(is_json(std::string(100'000, '[')));
}

}  // namespace
}  // namespace caisson::document
