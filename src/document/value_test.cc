#include "document/value.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace caisson::document {
namespace {

TEST(Value, HasTheKindOfWhatItIsMadeFrom) {
  EXPECT_EQ(Value().kind(), Kind::kNull);
  EXPECT_EQ(Value(nullptr).kind(), Kind::kNull);
  EXPECT_EQ(Value(true).kind(), Kind::kBool);
  EXPECT_EQ(Value(7).kind(), Kind::kInteger);
  EXPECT_EQ(Value(std::int64_t{1} << 40).kind(), Kind::kInteger);
  EXPECT_EQ(Value(0.5).kind(), Kind::kNumber);
  EXPECT_EQ(Value("text").kind(), Kind::kString);
  EXPECT_EQ(Value(std::string_view("text")).kind(), Kind::kString);
  EXPECT_EQ(Value(List{}).kind(), Kind::kList);
  EXPECT_EQ(Value(Map{}).kind(), Kind::kMap);
}

TEST(Value, KindsHaveNamesForMessages) {
  EXPECT_EQ(to_string(Kind::kNull), "null");
  EXPECT_EQ(to_string(Kind::kBool), "a boolean");
  EXPECT_EQ(to_string(Kind::kInteger), "an integer");
  EXPECT_EQ(to_string(Kind::kNumber), "a number");
  EXPECT_EQ(to_string(Kind::kString), "a string");
  EXPECT_EQ(to_string(Kind::kList), "a list");
  EXPECT_EQ(to_string(Kind::kMap), "a map");
}

TEST(Value, GivesItsContentOnlyAsItsOwnKind) {
  const Value integer(7);
  ASSERT_NE(integer.as_integer(), nullptr);
  EXPECT_EQ(*integer.as_integer(), 7);
  EXPECT_EQ(integer.as_number(), nullptr);
  EXPECT_EQ(integer.as_bool(), nullptr);
  EXPECT_EQ(integer.as_string(), nullptr);
  EXPECT_EQ(integer.as_list(), nullptr);
  EXPECT_EQ(integer.as_map(), nullptr);
  EXPECT_EQ(Value(true).as_integer(), nullptr);
}

TEST(Value, FindsEntriesOfMapsOnly) {
  const Value map = Value::map({{"a", 1}, {"b", "two"}});
  ASSERT_NE(map.find("b"), nullptr);
  EXPECT_EQ(*map.find("b"), Value("two"));
  EXPECT_EQ(map.find("c"), nullptr);
  EXPECT_EQ(Value::list({1}).find("a"), nullptr);
  EXPECT_EQ(Value().find("a"), nullptr);
}

TEST(Value, SetAndPushMakeAMapAndAListOfNull) {
  Value map;
  map.set("list", Value()).push(1);
  map.as_map()->front().value.push("x");
  EXPECT_EQ(map, Value::map({{"list", Value::list({1, "x"})}}));
}

TEST(Value, EqualityLooksAtKindOrderAndContentButNotAtMarks) {
  Value a = Value::map({{"n", 1}, {"l", Value::list({1, 2})}});
  Value b = a;
  b.set_mark({3, 4});
  b.as_map()->front().name_mark = {5, 6};
  EXPECT_EQ(a, b);
  b.as_map()->front().value = 2;
  EXPECT_NE(a, b);
  EXPECT_NE(Value(1), Value(1.0));
  EXPECT_NE(Value(), Value(false));
  EXPECT_NE(Value::map({{"a", 1}, {"b", 2}}), Value::map({{"b", 2}, {"a", 1}}));
  EXPECT_NE(Value::map({{"a", 1}}), Value::map({{"b", 1}}));
}

}  // namespace
}  // namespace caisson::document
