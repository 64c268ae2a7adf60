#include "workflow/json_pointer.h"

#include "document/parse.h"
#include "document/print.h"

#include <gtest/gtest.h>

#include <string>

namespace caisson::workflow {
namespace {

// The document of RFC 6901, section 5.
constexpr std::string_view kDocument = R"({
  "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8
})";

/// What a pointer finds, as JSON; or the reason and message of its error.
std::string find(std::string_view pointer, std::string_view text = kDocument) {
  const auto document = document::parse_json(text, "");
  EXPECT_TRUE(document) << text;
  const auto parsed = JsonPointer::parse(pointer);
  if (!parsed) {
    return parsed.error().reason + ": " + parsed.error().message;
  }
  const auto found = parsed->find(*document);
  return found ? document::to_json(**found) : found.error().reason + ": " + found.error().message;
}

TEST(JsonPointer, FindsWhatTheStandardSays) {
  EXPECT_EQ(document::parse_json(find(""), "").value(), document::parse_json(kDocument, "").value());
  EXPECT_EQ(find("/foo"), R"(["bar","baz"])");
  EXPECT_EQ(find("/foo/0"), R"("bar")");
  EXPECT_EQ(find("/"), "0");
  EXPECT_EQ(find("/a~1b"), "1");
  EXPECT_EQ(find("/c%d"), "2");
  EXPECT_EQ(find("/e^f"), "3");
  EXPECT_EQ(find("/g|h"), "4");
  EXPECT_EQ(find("/i\\j"), "5");
  EXPECT_EQ(find("/k\"l"), "6");
  EXPECT_EQ(find("/ "), "7");
  EXPECT_EQ(find("/m~0n"), "8");
}

TEST(JsonPointer, UnescapesOnce) {
  EXPECT_EQ(find("/~01", R"({"~1": 1, "/": 2})"), "1");
  EXPECT_EQ(find("/~10", R"({"/0": 1})"), "1");
}

TEST(JsonPointer, GoesThroughListsAndMaps) {
  EXPECT_EQ(find("/a/1/b/0", R"({"a": [0, {"b": [null]}]})"), "null");
  EXPECT_EQ(find("//", R"({"": {"": true}})"), "true");
  EXPECT_EQ(find("/0", R"({"0": "a name"})"), R"("a name")");
  EXPECT_EQ(find("/10", "[0,1,2,3,4,5,6,7,8,9,10]"), "10");
}

TEST(JsonPointer, SaysWhereItLeadsNowhere) {
  constexpr std::string_view kMissing = "workflow.json_path_missing: part ";
  const auto missing = [&](std::string_view rest) { return std::string(kMissing).append(rest); };
  EXPECT_EQ(find("/bar"), missing("1 of the pointer leads nowhere: there is no \"bar\" in the map"));
  EXPECT_EQ(find("/foo/2"), missing("2 of the pointer leads nowhere: there is no item 2 in a list of 2"));
  EXPECT_EQ(find("/foo/-"), missing("2 of the pointer leads nowhere: a list is indexed by numbers, not by \"-\""));
  EXPECT_EQ(find("/foo/01"), missing("2 of the pointer leads nowhere: a list is indexed by numbers, not by \"01\""));
  EXPECT_EQ(find("/foo/+1"), missing("2 of the pointer leads nowhere: a list is indexed by numbers, not by \"+1\""));
  EXPECT_EQ(find("/foo/"), missing("2 of the pointer leads nowhere: a list is indexed by numbers, not by \"\""));
  EXPECT_EQ(find("/foo/99999999999999999999"),
            missing("2 of the pointer leads nowhere: a list is indexed by numbers, not by \"99999999999999999999\""));
  EXPECT_EQ(find("/foo/0/x"), missing("3 of the pointer leads nowhere: a string has no \"x\""));
  EXPECT_EQ(find("/x", "null"), missing("1 of the pointer leads nowhere: null has no \"x\""));
}

TEST(JsonPointer, RefusesWhatIsNoPointer) {
  for (const char* text : {"foo", "foo/0", "#/foo", "$.foo", "/a~", "/a~2", "/~~0"}) {
    const auto parsed = JsonPointer::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().category, Category::kInvalidArgument);
    EXPECT_EQ(parsed.error().reason, "workflow.bad_option");
  }
  EXPECT_NE(find("foo").find("write '/foo'"), std::string::npos) << find("foo");
  EXPECT_NE(find("$.foo").find("'/a/b' instead of '$.a.b'"), std::string::npos) << find("$.foo");
}

}  // namespace
}  // namespace caisson::workflow
