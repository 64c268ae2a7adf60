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

Value parsed(std::string_view text, const ParseLimits& limits = {}) {
  auto result = parse_toml(text, "in.toml", limits);
  EXPECT_TRUE(result) << text << "\n" << (result ? "" : result.error().message);
  return std::move(result).value_or(Value("not parsed"));
}

Reports refused(std::string_view text, const ParseLimits& limits = {}) {
  return reports(parse_toml(text, "in.toml", limits));
}

TEST(Toml, ReadsEveryKind) {
  EXPECT_EQ(
      parsed("z = 1\na = [true, -2.5, 'x', \"\\u00e9\", []]\n[t.u]\nhex = 0x1F\nbig = 1_000\n[[l]]\nn = {m = 1}\n"),
      Value::map({{"z", 1},
                  {"a", Value::list({true, -2.5, "x", "é", Value::list()})},
                  {"t", Value::map({{"u", Value::map({{"hex", 31}, {"big", 1000}})}})},
                  {"l", Value::list({Value::map({{"n", Value::map({{"m", 1}})}})})}}));
  EXPECT_EQ(parsed("a = \"\"\"\nx\"\"\"\"\"\nb = '''y'''\n"), Value::map({{"a", "x\"\""}, {"b", "y"}}));
}

TEST(Toml, NothingIsAnEmptyMap) {
  for (const std::string_view text : {"", "\n", "# only a comment", "\xEF\xBB\xBF"}) {
    EXPECT_EQ(parsed(text), Value::map()) << text;
  }
}

TEST(Toml, MarksCountLinesAndCodePointsFromOne) {
  const Value value = parsed("# é\n\"é\" = [ '🦀', true ]\n\n[limits] # x\n  memory = \"64MB\"\nfile.size = 3\n");
  const Map& map = *value.as_map();
  EXPECT_EQ(place(map[0].name_mark), "2:1");
  EXPECT_EQ(place(map[0].value.mark()), "2:7");
  EXPECT_EQ(place(map[0].value.as_list()->at(0).mark()), "2:9");
  EXPECT_EQ(place(map[0].value.as_list()->at(1).mark()), "2:14");
  EXPECT_EQ(place(map[1].name_mark), "4:2");
  const Map& limits = *map[1].value.as_map();
  EXPECT_EQ(place(limits[0].name_mark), "5:3");
  EXPECT_EQ(place(limits[0].value.mark()), "5:12");
  EXPECT_EQ(limits[1].name, "file");
  EXPECT_EQ(place(limits[1].name_mark), "6:1");
  EXPECT_EQ(place(limits[1].value.find("size")->mark()), "6:13");
}

TEST(Toml, PlacesInALongLineAreFound) {
  const std::string text = "a = [" + times(1000, "'é🦀', ") + "12345]\n";
  const Value value = parsed(text);
  const List& list = *value.find("a")->as_list();
  ASSERT_EQ(list.size(), 1001U);
  EXPECT_EQ(place(list[0].mark()), "1:6");
  EXPECT_EQ(place(list[999].mark()), "1:6000");
  EXPECT_EQ(place(list[1000].mark()), "1:6006");
}

TEST(Toml, NamesThatAreThereTwiceAreRefused) {
  EXPECT_EQ(refused("a = 1\na = 2\n"), Reports{"2:5 duplicate_name"});
  EXPECT_EQ(refused("[t]\n[t]\n"), Reports{"2:1 duplicate_name"});
  EXPECT_EQ(refused("[t]\na = 1\n[t.a]\n").size(), 1U);
  EXPECT_EQ(refused("t = {a = 1, a = 2}\n"), Reports{"1:17 duplicate_name"});
  EXPECT_EQ(refused("a.b = 1\na.b = 2\n"), Reports{"2:7 duplicate_name"});
}

TEST(Toml, WhatIsNoTomlIsRefusedWithItsPlace) {
  EXPECT_EQ(refused("a = \n"), Reports{"1:5 syntax"});
  EXPECT_EQ(refused("a = 1\nb"), Reports{"2:2 syntax"});
  EXPECT_EQ(refused("a = 'x\n"), Reports{"1:7 syntax"});
  EXPECT_EQ(refused("a = [1, 2\n").size(), 1U);
  EXPECT_EQ(refused("[[{\n"), Reports{"1:3 syntax"});    // where toml++ asserts
  EXPECT_EQ(refused("é = 1\n"), Reports{"1:1 syntax"});  // where it has undefined behaviour
  EXPECT_EQ(refused("a = 9223372036854775808\n"), Reports{"1:24 number_range"});
  EXPECT_EQ(refused("a = 1979-05-27\nb = 07:32:00\n"), (Reports{"1:5 date", "2:5 date"}));
  EXPECT_EQ(refused("a = '\xff'\n"), Reports{"1:6 encoding"});
  EXPECT_EQ(refused("a = 'x\x01y'\n"), Reports{"1:7 character"});
  EXPECT_EQ(refused("a = 1\rb = 2\n"), Reports{"1:6 character"});
}

TEST(Toml, CapsOfBytesScalarsAndValues) {
  EXPECT_TRUE(refused("a = 1234\n", {.bytes = 9}).empty());
  EXPECT_EQ(refused("a = 12345\n", {.bytes = 9}), Reports{"0:0 too_large"});
  EXPECT_TRUE(refused("a = 'abc'\n", {.scalar_bytes = 3}).empty());
  EXPECT_EQ(refused("a = 'abcd'\n", {.scalar_bytes = 3}), Reports{"1:5 too_large"});
  EXPECT_EQ(refused("abcd = 1\n", {.scalar_bytes = 3}), Reports{"1:1 too_large"});
  EXPECT_TRUE(refused("a = [1, {b = 2, c = 3}, 4,]\n", {.values = 7}).empty());
  EXPECT_EQ(refused("a = [1, {b = 2, c = 3}, 4, 5,]\n", {.values = 7}), Reports{"1:29 too_large"});
}

TEST(Toml, DepthCountsNamesWithDotsHeadersAndBrackets) {
  const ParseLimits limits = {.depth = 4};
  for (const std::string_view text :
       {"a.b.c.d = 1\n", "[a.b.c]\nx = 1.5\n[d.e]\nf.g=1\n", "[[a]]\nb.c = 1\n", "a = [[[1.5, 2.5]]]\n",
        "a = {b = {c = {d = 1.5}}, e = {f = {g = '....'}}}\n", "a.b.c.d = 1.5\nb.c.d.e = 2 # .....\n",
        "\"a.b.c.d.e.f\" = '[[[[[['\n", "a = \"\"\"\n.....\\\"\"\"\"\"\nb.c.d.e = 1\n"}) {
    EXPECT_EQ(refused(text, limits), Reports{}) << text;
  }
  for (const std::string_view text :
       {"a.b.c.d.e = 1\n", "[a.b.c]\nx.y = 1\n", "[a.b.c.d]\n", "[[a.b.c]]\n", "[[a]]\nb.c = [1]\n", "a = [[[[]]]]\n",
        "a = {b = {c = {d = []}}}\n", "a.b = {c.d.e = 1}\n"}) {
    const auto got = parse_toml(text, "in.toml", limits);
    ASSERT_FALSE(got) << text;
    EXPECT_EQ(got.error().reason, "document.too_large") << text;
  }
}

TEST(Toml, DeepNestingEndsAtTheCapNotOnTheStack) {
  const ParseLimits wide = {.depth = 1'000'000};
  for (const std::string text : {"a.", "[", "{", "[a.", "a = [", "a = {b = ", "a = {b.", "\"a\".", "[[a.", "'a'. "}) {
    EXPECT_FALSE(parse_toml(times(100'000, text), "f", wide)) << text;
    EXPECT_FALSE(parse_toml("a = " + times(100'000, text), "f", wide)) << text;
  }
  EXPECT_EQ(refused("a = " + times(100'000, "[") + times(100'000, "]"), wide), Reports{"1:260 too_large"});
  EXPECT_TRUE(refused("a = " + times(255, "[") + times(255, "]"), wide).empty());
  EXPECT_FALSE(refused("[" + times(300, "a.") + "b]\n", wide).empty());
}

TEST(Toml, LongTextsOfEveryShapeAreReadOrRefused) {
  const std::size_t size = 128 << 10;
  for (const std::string text :
       {"a=1\n", "[a]\n", "[[a]]\n", "a.b=1\n", "\"", "'",     "\"\"\"",         "'''", "\\", "#",     "=",
        ",",     "1",     "é=1\n",   "\n",      " ",  "a={},", "[a.b]\n[[c]]\n", "]",   "}",  "x=[]\n"}) {
    const auto result = parse_toml(times(size / text.size(), text), "f", {.bytes = size});
    EXPECT_TRUE(result || !result.error().diagnostics.empty()) << text;
  }
}

}  // namespace
}  // namespace caisson::document
