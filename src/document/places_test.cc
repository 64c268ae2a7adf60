#include "document/places.h"

#include "document/parse.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace caisson::document {
namespace {

using namespace std::string_literals;

std::string shown(Mark mark) { return fmt::format("{}:{}", mark.line, mark.column); }

/// Where the last `{{` of the value `t` stands.
std::string place(std::string_view text, Result<Value> parsed) {
  if (!parsed) {
    return parsed.error().message;
  }
  const Value* value = parsed->find("t");
  return shown(Places(text).inside(*value, value->as_string()->rfind("{{")));
}

std::string in_yaml(std::string_view text) { return place(text, parse_yaml(text, "f")); }
std::string in_json(std::string_view text) { return place(text, parse_json(text, "f")); }

TEST(Places, InScalarsOfYaml) {
  EXPECT_EQ(in_yaml("t: Hello {{a}}"), "1:10");
  EXPECT_EQ(in_yaml("t: {{a}} b {{c}}"s.insert(3, "x")), "1:13");
  EXPECT_EQ(in_yaml("t: 'Hello {{a}}'"), "1:11");
  EXPECT_EQ(in_yaml("t: '{{a}} it''s {{b}}'"), "1:17");
  EXPECT_EQ(in_yaml("t: \"Hello {{a}}\""), "1:11");
  EXPECT_EQ(in_yaml("# é\nt: \"é {{a}}\""), "2:7");
  EXPECT_EQ(in_yaml("\xEF\xBB\xBFt: 'é {{a}}'"), "1:7");
  EXPECT_EQ(in_yaml("{s: x, t: 'a {{b}}'}"), "1:14");
  EXPECT_EQ(in_yaml("t:\r\n  'a\r\n  {{b}}'"), "3:3");
}

TEST(Places, BehindEscapes) {
  EXPECT_EQ(in_yaml(R"(t: "\"\t\n\x41\u00e9\U0001F600\N\_\/\e {{a}}")"), "1:40");
  EXPECT_EQ(in_yaml("t: \"a\\\n   b {{c}}\""), "2:6");
  EXPECT_EQ(in_yaml("t: \"a\\\r\n   b {{c}}\""), "2:6");
  EXPECT_EQ(in_yaml(R"(t: "a \x7b{b}}")"), "1:7");
  EXPECT_EQ(in_json(R"({"t": "\ud83d\ude00 \"\\ \u00e9 {{a}}"})"), "1:33");
  EXPECT_EQ(in_json("{\n  \"t\": \"é {{a}}\"\n}"), "2:11");
}

TEST(Places, OnOtherLines) {
  EXPECT_EQ(in_yaml("t: |\n  Dear all,\n  {{a}}\n\n   and {{b}}\n"), "5:8");
  EXPECT_EQ(in_yaml("t: >-  # folded {{\n  a\n\n  b {{c}}\n"), "4:5");
  EXPECT_EQ(in_yaml("t: |2\n    a {{b}}\n"), "2:7");
  EXPECT_EQ(in_yaml("t: a\n  b\n  {{c}}\ns: x"), "3:3");
  EXPECT_EQ(in_yaml("t: 'a\n\n  b {{c}}'"), "3:5");
}

TEST(Places, AStringThatIsNotInTheTextIsWhereItBegins) {
  const std::string_view text = "t: 'Hello {{a}}'";
  Value value("Hi {{a}}");
  value.set_mark({1, 4});
  EXPECT_EQ(shown(Places(text).inside(value, 3)), "1:4");
  value = Value("Hello {{a}} {{b}}");  // goes on behind the end of the scalar
  value.set_mark({1, 4});
  EXPECT_EQ(shown(Places(text).inside(value, 12)), "1:4");
  EXPECT_EQ(shown(Places(text).inside(value, 100)), "1:4");
  value.set_mark({7, 9});
  EXPECT_EQ(shown(Places(text).inside(value, 6)), "7:9");
  EXPECT_EQ(shown(Places("").inside(value, 6)), "7:9");
}

TEST(Places, AStringWithoutAPlaceIsWhereItIsWrittenOnce) {
  const Value value("Hello {{a}}");
  EXPECT_EQ(shown(Places("x = {\n  t = 'Hello {{a}}',\n}").inside(value, 6)), "2:14");
  EXPECT_EQ(shown(Places("'Hello {{a}}' .. 'Hello {{a}}'").inside(value, 6)), "0:0");
  EXPECT_EQ(shown(Places("'Hello ' .. '{{a}}'").inside(value, 6)), "0:0");
  EXPECT_EQ(shown(Places({}).inside(value, 6)), "0:0");
}

TEST(Places, ATextThatNearlyHasTheStringEverywhereTakesNoLonger) {
  const std::string text(1'000'000, '{');
  const Places places(text);
  const Value value(std::string(250'000, '{') + 'a');
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(shown(places.inside(value, 250'000)), "0:0");
  }
}

}  // namespace
}  // namespace caisson::document
