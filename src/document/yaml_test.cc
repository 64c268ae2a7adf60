#include "document/parse.h"
#include "document/testing/reports.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace caisson::document {
namespace {

using testing::place;
using testing::reports;
using testing::times;
using Reports = std::vector<std::string>;
using namespace std::string_literals;

Value parsed(std::string_view text) {
  auto result = parse_yaml(text, "flow.yaml");
  EXPECT_TRUE(result) << text << "\n" << (result ? "" : result.error().message);
  return std::move(result).value_or(Value("not parsed"));
}

TEST(Yaml, ReadsADefinition) {
  EXPECT_EQ(parsed(R"(# a workflow
strategy: work_queue
nodes:
  - id: shout        # a comment
    type: local
    retries: 0x03
    enabled: yes
    script: |
      one
       two
    when: ~
  - {id: last, depends_on: [shout, "with: colon"], weight: 1.5, "on": true}
)"),
            Value::map({{"strategy", "work_queue"},
                        {"nodes", Value::list({Value::map({{"id", "shout"},
                                                           {"type", "local"},
                                                           {"retries", 3},
                                                           {"enabled", "yes"},
                                                           {"script", "one\n two\n"},
                                                           {"when", nullptr}}),
                                               Value::map({{"id", "last"},
                                                           {"depends_on", Value::list({"shout", "with: colon"})},
                                                           {"weight", 1.5},
                                                           {"on", true}})})}}));
}

TEST(Yaml, QuotedScalarsAreStringsAndPlainOnesWhatTheyLookLike) {
  EXPECT_EQ(parsed("[1, '1', \"1\", true, 'true', null, 'null', ~, \"\", 1.0]"),
            Value::list({1, "1", "1", true, "true", nullptr, "null", nullptr, "", 1.0}));
  EXPECT_EQ(parsed("a: |\n  1\nb: >-\n  true"), Value::map({{"a", "1\n"}, {"b", "true"}}));
}

TEST(Yaml, ARootNeedNotBeAMap) {
  EXPECT_EQ(parsed("- - - a"), Value::list({Value::list({Value::list({"a"})})}));
  EXPECT_EQ(parsed("just text"), Value("just text"));
  EXPECT_EQ(parsed("null"), Value());
  EXPECT_EQ(parsed("--- a\n...\n"), Value("a"));
  EXPECT_EQ(parsed("%YAML 1.2\n---\na: 1"), Value::map({{"a", 1}}));
}

TEST(Yaml, NamesAreTheirText) {
  EXPECT_EQ(parsed("1: a\ntrue: b\nnull : c\n~: d\n0x10: e\n'': f\n? long\n: g\n'<<': h"), Value::map({{"1", "a"},
                                                                                                       {"true", "b"},
                                                                                                       {"null", "c"},
                                                                                                       {"~", "d"},
                                                                                                       {"0x10", "e"},
                                                                                                       {"", "f"},
                                                                                                       {"long", "g"},
                                                                                                       {"<<", "h"}}));
  EXPECT_EQ(reports(parse_yaml("1: a\n'1': b", "f")), Reports{"2:1 duplicate_name"});
  EXPECT_EQ(reports(parse_yaml("~: a\n~: b", "f")), Reports{"2:1 duplicate_name"});
}

TEST(Yaml, MarksCountLinesAndCodePointsFromOne) {
  for (const std::string start : {"", "\xEF\xBB\xBF"}) {
    const Value value = parsed(start + "é: [ü, \"🦀\", x]\r\nmap:\r\n  inner: |\r\n    text\r\n  none:\r\nlast: 1");
    ASSERT_NE(value.as_map(), nullptr);
    EXPECT_EQ(place(value.mark()), "1:1");
    const Map& map = *value.as_map();
    ASSERT_EQ(map.size(), 3U);
    EXPECT_EQ(place(map[0].name_mark), "1:1");
    const List& list = *map[0].value.as_list();
    EXPECT_EQ(place(map[0].value.mark()), "1:4");
    EXPECT_EQ(place(list[0].mark()), "1:5");
    EXPECT_EQ(place(list[1].mark()), "1:8");
    EXPECT_EQ(place(list[2].mark()), "1:13");
    EXPECT_EQ(place(map[1].name_mark), "2:1");
    EXPECT_EQ(place(map[1].value.mark()), "3:3");
    EXPECT_EQ(place(map[1].value.find("inner")->mark()), "3:10");
    EXPECT_EQ(place(map[1].value.find("none")->mark()), "5:3");  // a missing value is where its name is
    EXPECT_EQ(place(map[2].name_mark), "6:1");
    EXPECT_EQ(place(map[2].value.mark()), "6:7");
  }
}

TEST(Yaml, AMissingValueIsWhereItsNameIsWhateverComesNext) {
  for (const char* text : {"a:\nnull: 1", "a:\nb: 1", "a:\n~: 1", "a:\n# comment\n\nnullable: 1", "a:", "{a, null}"}) {
    const Value value = parsed(text);
    ASSERT_NE(value.find("a"), nullptr) << text;
    EXPECT_EQ(value.find("a")->mark(), value.as_map()->front().name_mark) << text;
  }
  EXPECT_EQ(place(parsed("a: null").find("a")->mark()), "1:4");
  EXPECT_EQ(place(parsed("{a: ~}").find("a")->mark()), "1:5");
}

TEST(Yaml, CarriageReturnsOfLineEndsLeaveNoTrace) {
  EXPECT_EQ(parsed("a: |\r\n  x\r\n  y\r\nb: \"p\r\n  q\"\r\n"), Value::map({{"a", "x\ny\n"}, {"b", "p q"}}));
}

TEST(Yaml, ATextWithoutAValueIsEmpty) {
  for (const char* text :
       {"", " ", "\n\n", "# only a comment\n", "---\n", "---\n# nothing\n", "...\n", "\xEF\xBB\xBF", "%YAML 1.2\n"}) {
    const auto result = parse_yaml(text, "flow.yaml");
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().reason, "document.empty") << text;
    EXPECT_EQ(result.error().category, Category::kInvalidArgument);
    EXPECT_EQ(reports(result), Reports{"1:1 empty"}) << text;
  }
}

struct Refused {
  const char* text;
  Reports reports;
};

TEST(Yaml, RefusesWhatADefinitionHasNoUseFor) {
  const std::vector<Refused> cases = {
      {"a: &x 1", {"1:4 anchor"}},
      {"&x a: 1", {"1:1 anchor"}},
      {"a: &x", {"1:4 anchor"}},
      {"a: & x", {"1:4 anchor"}},
      {"a: &x &y 1", {"1:7 anchor"}},
      {"a: *x", {"1:4 alias"}},
      {"a: *", {"1:4 alias"}},
      {"files: *.txt", {"1:8 alias"}},
      {"a: &x 1\nb: *x", {"1:4 anchor", "2:4 alias"}},
      {"&x a: 1\n*x : 2", {"1:1 anchor", "2:1 alias"}},
      {"a: !!str 1", {"1:4 tag"}},
      {"a: !mine 1", {"1:4 tag"}},
      {"a: ! 1", {"1:4 tag"}},
      {"a: ! \"1\"", {"1:4 tag"}},
      {"a: !", {"1:4 tag"}},
      {"!2", {"1:1 tag"}},
      {"a: !<tag:yaml.org,2002:int> 1", {"1:4 tag"}},
      {"a: !<> 1", {"1:4 tag"}},
      {"a: !<?> [1]", {"1:4 tag"}},
      {"a: !<!> 'x'", {"1:4 tag"}},
      {"a: !!  1", {"1:4 tag"}},
      {"! a: 1", {"1:1 tag"}},
      {"!!map {a: 1}", {"1:1 tag"}},
      {"! [1]", {"1:1 tag"}},
      {"{!!str a, b}", {"1:2 tag"}},
      {"[!!str a: b]", {"1:2 tag"}},
      {"!a !b c", {"1:4 tag"}},
      {"%TAG !e!\n--- 1", {"1:1 tag"}},
      {"<<: {a: 1}", {"1:1 merge_key"}},
      {"a:\n  <<: [1]\n  <<: 2", {"2:3 merge_key", "3:3 merge_key"}},
      {"a: 1\n---\nb: 2", {"2:1 several_documents"}},
      {"a: 1\n---\n", {"2:1 several_documents"}},
      {"a\n...\nb", {"3:1 several_documents"}},
      {"[a, b]: 1", {"1:1 complex_name"}},
      {"{a: 1}: 1\nb: 2\nb: 3", {"1:1 complex_name", "3:1 duplicate_name"}},
      {"? - a\n  - b\n: c\nd: 1", {"1:3 complex_name"}},
      {": x", {"1:1 syntax"}},
      {"{a: 1, , b: 2}", {"1:8 syntax"}},
      {"[a,,b]", {"1:4 syntax"}},
      {"a: 0xFFFFFFFFFFFFFFFFFF\nb: 1e999", {"1:4 number_range", "2:4 number_range"}},
  };
  for (const Refused& refused : cases) {
    EXPECT_EQ(reports(parse_yaml(refused.text, "f")), refused.reports) << refused.text;
  }
}

TEST(Yaml, FindsDuplicateNamesAtEveryDepthAndSaysWhereTheFirstIs) {
  const auto result = parse_yaml("a: 1\nb: {x: 1, y: 2, x: 3}\n'a': 2\nc:\n  - k: 1\n    k: 2\n    k: 3\n", "f");
  EXPECT_EQ(reports(result),
            (Reports{"2:17 duplicate_name", "3:1 duplicate_name", "6:5 duplicate_name", "7:5 duplicate_name"}));
  EXPECT_EQ(result.error().diagnostics[3].message, "duplicate name 'k': it is already there at line 5, column 5");
}

TEST(Yaml, ReportsAllProblemsInTheOrderOfTheText) {
  const auto result =
      parse_yaml("a: &x 1\nb: *x\na: 2\n? [1,2]\n: 3\nc: !!str x\nd: 0xFFFFFFFFFFFFFFFFF\n<<: 1\ne: @home\nf: *gone\n",
                 "flow.yaml");
  EXPECT_EQ(reports(result), (Reports{"1:4 anchor", "2:4 alias", "3:1 duplicate_name", "4:3 complex_name", "6:4 tag",
                                      "7:4 number_range", "8:1 merge_key", "9:4 syntax"}));
  EXPECT_EQ(result.error().reason, "document.invalid");
  EXPECT_EQ(
      result.error().message,
      "flow.yaml: line 1, column 4: anchor '&x' is not accepted: remove it, or put the text in quotes (and 7 more "
      "problems)");
  EXPECT_EQ(to_string(result.error().diagnostics[1]),
            "flow.yaml:2:4: error: alias '*x' is not accepted: write the value out, or put the text in quotes");
}

TEST(Yaml, RefusesOtherEncodingsAndSaysSo) {
  for (const std::string& text : {"\xFF\xFE"s + "a\0:\0"s, "\xFE\xFF"s + "\0a\0:"s, "a\0:\0 \0"s, "\0a\0:"s,
                                  "\xFF\xFE\0\0a\0\0\0"s, "\0\0\xFE\xFF\0\0\0a"s, "a\0\0\0"s, "\0\0\0a"s}) {
    const auto result = parse_yaml(text, "f");
    EXPECT_EQ(reports(result), Reports{"0:0 encoding"});
    EXPECT_NE(result.error().message.find("UTF-8"), std::string::npos) << result.error().message;
  }
  EXPECT_NE(parse_yaml("\xFF\xFE"s + "a\0"s, "f").error().message.find("UTF-16"), std::string::npos);
  EXPECT_NE(parse_yaml("a\0\0\0"s, "f").error().message.find("UTF-32"), std::string::npos);
}

TEST(Yaml, GivesThePlaceOfAByteThatIsNotUtf8) {
  const auto result = parse_yaml("é: ok\nü: gr\xFC\xDF", "f");
  EXPECT_EQ(reports(result), Reports{"2:6 encoding"});
  EXPECT_EQ(result.error().message, "f: line 2, column 6: byte 0xfc is not UTF-8: save the text as UTF-8");
  EXPECT_EQ(reports(parse_yaml("a: \xED\xA0\x80", "f")), Reports{"1:4 encoding"});  // a surrogate
}

TEST(Yaml, ReportsEveryControlCharacter) {
  EXPECT_EQ(
      reports(parse_yaml("ab: \0x\nc: \x7F\x04 \xC2\x9F\nd: \xEF\xBB\xBF\ne: 1\rf: 2"s, "f")),
      (Reports{"1:5 character", "2:4 character", "2:5 character", "2:7 character", "3:4 character", "4:5 character"}));
  EXPECT_EQ(reports(parse_yaml("\xEF\xBB\xBF\xEF\xBB\xBF a: 1", "f")), Reports{"1:1 character"});
  EXPECT_EQ(parsed("a: \"\\0\\e\\x7f\\N\""), Value::map({{"a", "\0\x1B\x7F\xC2\x85"s}}));
}

TEST(Yaml, NextLineCharactersAndTabsInsideTextAreText) {
  EXPECT_EQ(parsed("a: x\ty\nb:\tz"), Value::map({{"a", "x\ty"}, {"b", "z"}}));
  EXPECT_EQ(parsed("a: x\xC2\x85y"), Value::map({{"a", "x\xC2\x85y"}}));
}

}  // namespace
}  // namespace caisson::document
