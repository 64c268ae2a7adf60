#include "document/schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::document {
namespace {

Schema made(std::string_view json) {
  Result<Schema> schema = Schema::parse(json, "schema.json");
  EXPECT_TRUE(schema) << json << '\n' << schema.error().message;
  return std::move(schema).value();
}

/// The problems of a value, one a line.
std::string problems(std::string_view schema, std::string_view value) {
  std::string out;
  for (const SchemaProblem& problem : made(schema).check_json(value)) {
    out += (out.empty() ? "" : "\n") + to_string(problem);
  }
  return out;
}

bool fits(std::string_view schema, std::string_view value) { return problems(schema, value).empty(); }

/// Why a schema is none.
std::string refusal(std::string_view json) {
  const Result<Schema> schema = Schema::parse(json, "s.json");
  EXPECT_FALSE(schema) << json;
  return schema ? "" : schema.error().reason + ": " + schema.error().message;
}

std::string times(std::size_t count, std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += text;
  }
  return out;
}

struct Row {
  std::string_view schema;
  std::vector<std::string_view> good;
  std::vector<std::string_view> bad;
};

TEST(Schema, ChecksEveryKeywordOfDraft7) {
  const std::vector<Row> rows = {
      {"true", {"1", "null"}, {}},
      {"false", {}, {"1", "null"}},
      {"{}", {"1", "[]"}, {}},
      {R"({"type":"integer"})", {"1", "2.0", "-9223372036854775808"}, {"1.5", "\"1\"", "true", "null"}},
      {R"({"type":"number"})", {"1", "1.5"}, {"\"1\""}},
      {R"({"type":["string","null"]})", {"\"\"", "null"}, {"0", "{}"}},
      {R"({"type":"boolean"})", {"true"}, {"0"}},
      {R"({"enum":[1,"a",{"x":[1.0]}]})", {"1.0", "\"a\"", "{\"x\":[1]}"}, {"2", "{\"x\":[\"1\"]}", "true"}},
      {R"({"const":{"a":1,"b":null}})", {R"({"b":null,"a":1.0})"}, {R"({"a":1})", "null"}},
      {R"({"multipleOf":3})", {"9", "0", "-3", "\"a\"", "4.5e1"}, {"10", "2.5"}},
      {R"({"multipleOf":0.01})", {"19.99", "4", "0.07"}, {"0.001", "19.995"}},
      {R"({"multipleOf":2})", {"4.0"}, {"2.5", "9223372036854775807"}},
      {R"({"maximum":3,"minimum":-1.5})", {"3", "-1.5"}, {"3.0001", "-2"}},
      {R"({"minimum":9223372036854775807})", {"9223372036854775807"}, {"9223372036854775806"}},
      {R"({"exclusiveMaximum":3,"exclusiveMinimum":1})", {"2"}, {"3", "1"}},
      {R"({"maxLength":2,"minLength":1})", {"\"é🦀\"", "12345"}, {"\"\"", "\"abc\""}},
      {R"({"items":{"type":"string"}})", {"[]", "[\"a\"]", "1"}, {"[\"a\",1]"}},
      {R"({"items":[{"type":"string"},{"type":"null"}]})", {"[\"a\"]", "[\"a\",null,7]"}, {"[1]", "[\"a\",1]"}},
      {R"({"items":[true],"additionalItems":{"type":"null"}})", {"[1,null]"}, {"[1,1]"}},
      {R"({"items":false})", {"[]"}, {"[1]"}},
      {R"({"maxItems":2,"minItems":1})", {"[1]"}, {"[]", "[1,2,3]"}},
      {R"({"uniqueItems":true})", {"[1,2,\"1\",{\"a\":1}]", "[]"}, {"[1,2,1.0]", R"([{"a":1,"b":2},{"b":2,"a":1}])"}},
      {R"({"uniqueItems":false})", {"[1,1]"}, {}},
      {R"({"contains":{"type":"null"}})", {"[1,null]"}, {"[]", "[1]"}},
      {R"({"maxProperties":1,"minProperties":1})", {R"({"a":1})"}, {"{}", R"({"a":1,"b":2})"}},
      {R"({"required":["a","b"]})", {R"({"a":1,"b":2,"c":3})", "[]"}, {R"({"a":1})"}},
      {R"({"properties":{"a":{"type":"null"}}})", {R"({"a":null,"b":1})", "1"}, {R"({"a":1})"}},
      {R"({"properties":{"a":true},"additionalProperties":false})", {R"({"a":1})"}, {R"({"b":1})"}},
      {R"({"patternProperties":{"^x":{"type":"null"}},"additionalProperties":{"type":"string"}})",
       {R"({"x1":null,"y":""})"},
       {R"({"x1":""})", R"({"y":null})"}},
      {R"({"additionalProperties":false,"patternProperties":{"^x":true},"properties":{"a":true}})",
       {R"({"a":1,"x":1})"},
       {R"({"b":1})"}},
      {R"({"dependencies":{"a":["b"],"c":{"required":["d"]}}})",
       {"{}", R"({"a":1,"b":1})", R"({"c":1,"d":1})"},
       {R"({"a":1})", R"({"c":1})"}},
      {R"({"propertyNames":{"maxLength":2}})", {R"({"ab":1})"}, {R"({"abc":1})"}},
      {R"({"if":{"type":"string"},"then":{"minLength":1},"else":{"type":"null"}})", {"\"a\"", "null"}, {"\"\"", "1"}},
      {R"({"if":{"type":"string"},"then":false})", {"1"}, {"\"\""}},
      {R"({"allOf":[{"type":"string"},{"minLength":1}]})", {"\"a\""}, {"\"\"", "1"}},
      {R"({"anyOf":[{"type":"string"},{"type":"null"}]})", {"\"a\"", "null"}, {"1"}},
      {R"({"oneOf":[{"type":"integer"},{"minimum":2}]})", {"1", "2.5"}, {"3", "1.5"}},
      {R"({"not":{"type":"null"}})", {"1"}, {"null"}},
      {R"({"$ref":"#/$defs/a","$defs":{"a":{"type":"null"}}})", {"null"}, {"1"}},
      {R"({"$ref":"#/definitions/a","maximum":3,"definitions":{"a":{"type":"integer"}}})", {"3"}, {"4", "\"\""}},
      {R"({"properties":{"child":{"$ref":"#"},"n":{"type":"integer"}}})",
       {R"({"n":1,"child":{"child":{"n":2}}})"},
       {R"({"n":1,"child":{"child":{"n":""}}})"}},
      {R"({"x-own":{"a/b~c d":{"type":"null"}},"$ref":"#/x-own/a~1b~0c%20d"})", {"null"}, {"1"}},
  };
  for (const Row& row : rows) {
    for (const std::string_view value : row.good) {
      EXPECT_EQ(problems(row.schema, value), "") << row.schema << ' ' << value;
    }
    for (const std::string_view value : row.bad) {
      EXPECT_FALSE(fits(row.schema, value)) << row.schema << ' ' << value;
    }
  }
}

TEST(Schema, SaysWhereAndWhy) {
  const std::string_view order = R"({"type":"object","required":["id"],"properties":{"items":{"type":"array",
      "items":{"properties":{"price":{"type":"number","minimum":0},"kind":{"enum":["a","b"]}}}}}})";
  EXPECT_EQ(problems(order, R"({"id":1,"items":[{},{},{},{"price":"12"}]})"),
            "/items/3/price: must be a number, got a string");
  EXPECT_EQ(problems(order, R"({"items":[{"price":-1},{"kind":"c"}]})"),
            "must have the member \"id\"\n/items/0/price: must be at least 0, got -1\n"
            "/items/1/kind: must be one of \"a\", \"b\"; got \"c\"");
  EXPECT_EQ(problems(order, "[]"), "must be an object, got an array");
  EXPECT_EQ(problems(R"({"type":"integer"})", "1.5"), "must be an integer, got 1.5");
  EXPECT_EQ(
      problems(R"({"anyOf":[{"type":"string"},{"properties":{"a":{"type":"null"}},"type":"object"}]})", R"({"a":1})"),
      "fits none of the 2 schemas in 'anyOf': must be a string, got an object; /a: must be null, got 1");
  EXPECT_EQ(problems(R"({"additionalProperties":false})", R"({"a":1})"), "/a: is not allowed here");
  EXPECT_EQ(problems(R"({"uniqueItems":true})", "[1,2,1]"), "must have no item twice; items 0 and 2 are equal");
  EXPECT_EQ(problems(R"({"maxLength":1})", "\"abc\""), "must have at most 1 character, has 3");
}

TEST(Schema, TellsNoMoreThanTwentyProblems) {
  EXPECT_EQ(made(R"({"items":{"type":"null"}})").check_json("[" + times(99, "1,") + "1]").size(),
            Schema::kMostProblems);
}

TEST(Schema, ShowsNothingOfAValueThatHarms) {
  const std::string shown = problems(R"({"additionalProperties":{"maxLength":1,"pattern":"^$"}})",
                                     "{\"a/b\\u001b[31m~" + times(300, "x") + "\":\"\\u001b" + times(300, "y") + "\"}");
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  EXPECT_LT(shown.size(), 400U);
  EXPECT_TRUE(shown.starts_with("/a~1b\\u{1b}[31m~0xxx")) << shown;
}

TEST(Schema, WhatIsNoJsonDoesNotFit) {
  EXPECT_NE(problems("true", "{").find("must be JSON: "), std::string::npos);
  EXPECT_NE(problems("true", "\"\xff\"").find("must be JSON: "), std::string::npos);
  EXPECT_NE(problems("true", "[" + times(1'000'000, "1,") + "1]").find("too large to be checked"), std::string::npos);
  EXPECT_NE(problems("true", times(300, "[") + times(300, "]")).find("too large to be checked"), std::string::npos);
}

TEST(Schema, APropertyMayHaveTheNameOfAKeyword) {
  const std::string_view schema =
      R"({"properties":{"pattern":{"type":"string"},"$ref":{"type":"null"},"prefixItems":{"type":"null"}},
          "const":{"pattern":"(","$ref":null,"prefixItems":null}})";
  EXPECT_TRUE(fits(schema, R"({"pattern":"(","$ref":null,"prefixItems":null})"));
  EXPECT_FALSE(fits(schema, R"({"pattern":1,"$ref":null,"prefixItems":null})"));
}

TEST(Schema, NamesWithAZeroByteAreNotCut) {
  EXPECT_FALSE(fits(R"({"properties":{"a":true},"additionalProperties":false})", R"({"a\u0000b":1})"));
  EXPECT_FALSE(fits(R"({"required":["a"]})", R"({"a\u0000b":1})"));
  EXPECT_FALSE(fits(R"({"const":"a"})", R"("a\u0000")"));
  EXPECT_FALSE(fits(R"({"pattern":"^a$"})", R"("a\u0000")"));
}

TEST(Schema, PatternsMeanWhatTheyDoInJavaScript) {
  EXPECT_TRUE(fits(R"({"pattern":"b"})", "\"abc\""));
  EXPECT_TRUE(fits(R"({"pattern":"^[a-z]+$"})", "\"abc\""));
  EXPECT_FALSE(fits(R"({"pattern":"^[a-z]+$"})", "\"abc\\n\"")) << "the end is the end, not a line's";
  EXPECT_FALSE(fits(R"({"pattern":"^\\d+$"})", "\"١٢\"")) << "digits are ASCII";
  EXPECT_FALSE(fits(R"({"pattern":"^\\w$"})", "\"é\""));
  EXPECT_TRUE(fits(R"({"pattern":"^[\\w-]+$"})", "\"a-b_1\""));
  EXPECT_FALSE(fits(R"({"pattern":"^[^\\d]$"})", "\"1\""));
  EXPECT_TRUE(fits(R"({"pattern":"^[[&&$]+$"})", "\"[&$\""));
  EXPECT_TRUE(fits(R"({"pattern":"^\\$\\[\\]$"})", "\"$[]\""));
}

TEST(Schema, APatternThatTakesTooLongDoesNotFit) {
  const std::string text = '"' + times(60, "a") + "!\"";
  EXPECT_NE(problems(R"({"pattern":"^(a+)+$"})", text).find("could not be matched"), std::string::npos);
  EXPECT_NE(problems(R"({"not":{"pattern":"^(a+)+$"}})", text).find("could not be matched"), std::string::npos)
      << "nor is it told to match by a 'not'";
  EXPECT_NE(problems(R"({"anyOf":[{"pattern":"^(a+)+$"},true]})", text).find("could not be matched"),
            std::string::npos);
  EXPECT_NE(problems(R"({"patternProperties":{"^(a+)+$":true}})", "{" + text + ":1}").find("could not be matched"),
            std::string::npos);
  EXPECT_TRUE(fits(R"({"pattern":"^(a|b)*$"})", '"' + times(100'000, "ab") + '"')) << "a long text is no harm";
}

TEST(Schema, ACheckThatTakesTooManyStepsDoesNotFit) {
  // Two schemas a level, each asked twice: 2^40 checks.
  const std::string_view doubling = R"({"anyOf":[{"items":{"$ref":"#"},"minItems":1},
      {"items":{"$ref":"#"},"maxItems":1,"minItems":1}]})";
  EXPECT_NE(problems(doubling, times(40, "[") + times(40, "]")).find("too many steps"), std::string::npos);
  std::string choices;
  for (int i = 0; i < 5'000; ++i) {
    choices += std::to_string(i) + ',';
  }
  EXPECT_TRUE(
      fits("{\"items\":{\"enum\":[" + choices + "0]},\"uniqueItems\":false}", "[" + times(200'000, "4999,") + "1]"))
      << "a long list against many values is no harm";
}

TEST(Schema, DeepValuesAreCheckedAndNoStackOverflows) {
  const std::string_view tree = R"({"$defs":{"t":{"allOf":[{"type":"array"}],"items":{"$ref":"#/$defs/t"}}},
      "$ref":"#/$defs/t"})";
  EXPECT_TRUE(fits(tree, times(200, "[") + times(200, "]")));
  EXPECT_FALSE(fits(tree, times(200, "[") + "1" + times(200, "]")));
  const std::string chain = R"({"allOf":[{"allOf":[{"allOf":[{"allOf":[{"items":{"$ref":"#"}}]}]}]}]})";
  EXPECT_NE(problems(chain, times(250, "[") + times(250, "]")).find("nests too deeply"), std::string::npos);
}

TEST(Schema, RefusesWhatItWouldNotCheck) {
  for (const std::string_view name : {"prefixItems", "unevaluatedProperties", "unevaluatedItems", "dependentRequired",
                                      "dependentSchemas", "minContains", "$dynamicRef", "$anchor", "divisibleBy"}) {
    const std::string why = refusal("{\"properties\":{\"a\":{\"" + std::string(name) + "\":{}}}}");
    EXPECT_NE(why.find("document.bad_schema: s.json: line 1, column"), std::string::npos) << why;
    EXPECT_NE(why.find("/properties/a/" + std::string(name) + ": '" + std::string(name) + "' is a keyword of another"),
              std::string::npos)
        << why;
  }
  EXPECT_NE(refusal(R"({"$ref":"https://a.example/s.json"})").find("\"https://a.example/s.json\" is in another"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"$ref":"other.json#/a"})").find("is in another document"), std::string::npos);
  EXPECT_NE(refusal(R"({"$ref":"#/definitions/a"})").find("leads to nothing"), std::string::npos);
  EXPECT_NE(refusal(R"({"$ref":"#name"})").find("leads to nothing"), std::string::npos);
  EXPECT_NE(refusal(R"({"$schema":"https://a.example/meta"})").find("checked as draft 7"), std::string::npos);
  EXPECT_NE(refusal(R"({"items":{"$id":"a"}})").find("leave '$id' out"), std::string::npos);
  EXPECT_NE(refusal(R"({"then":{}})").find("add 'if'"), std::string::npos);
  for (const std::string_view draft :
       {"http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema"}) {
    EXPECT_TRUE(fits("{\"$schema\":\"" + std::string(draft) + "\",\"$id\":\"a\",\"format\":\"email\"}", "\"no\""));
  }
}

TEST(Schema, RefusesAKeywordWithTheWrongValueAndSaysWhere) {
  for (const auto& [schema, why] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"1", "must be a schema"},
           {R"({"type":"strin"})", "/type: there is no type \"strin\""},
           {R"({"type":[]})", "/type: must name at least one"},
           {R"({"properties":{"a":{"minimum":"1"}}})", "/properties/a/minimum: must be a number, got a string"},
           {R"({"exclusiveMinimum":true})", "/exclusiveMinimum: must be a number, got a boolean"},
           {R"({"required":true})", "/required: must be a list of names"},
           {R"({"required":[1]})", "/required: must be a list of names"},
           {R"({"multipleOf":0})", "/multipleOf: must be greater than 0"},
           {R"({"multipleOf":-9223372036854775808})", "/multipleOf: must be greater than 0"},
           {R"({"minLength":-1})", "/minLength: must be a whole number"},
           {R"({"minLength":1.5})", "/minLength: must be a whole number"},
           {R"({"enum":1})", "/enum: must be a list"},
           {R"({"anyOf":[]})", "/anyOf: must be a list of schemas, at least one; it is empty"},
           {R"({"items":[1]})", "/items/0: must be a schema"},
           {R"({"properties":[]})", "/properties: must be an object"},
           {R"({"dependencies":{"a":1}})", "/dependencies/a: must be a schema"},
           {R"({"uniqueItems":1})", "/uniqueItems: must be true or false"},
           {R"({"pattern":"("})", "/pattern: the pattern has a parenthesis"},
           {R"({"patternProperties":{"(":true}})", "/patternProperties/(: the pattern has a parenthesis"},
           {R"({"$ref":1})", "/$ref: must be a string"},
           {R"({"$ref":"#/enum/0","enum":[1]})", "must be a schema"}}) {
    const std::string said = refusal(schema);
    EXPECT_TRUE(said.starts_with("document.bad_schema")) << said;
    EXPECT_NE(said.find(why), std::string::npos) << schema << '\n' << said;
  }
  const Result<Schema> two = Schema::parse("{\"type\":1,\n\"enum\":1}", "s.json");
  ASSERT_FALSE(two);
  ASSERT_EQ(two.error().diagnostics.size(), 2U);
  EXPECT_EQ(two.error().diagnostics[1].where.line, 2);
}

TEST(Schema, RefusesSchemasWithoutAnEnd) {
  EXPECT_NE(refusal(R"({"$ref":"#"})").find("refers to itself"), std::string::npos);
  EXPECT_NE(refusal(R"({"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"not":{"$ref":"#/$defs/b"}},
                        "b":{"if":{"$ref":"#/$defs/a"}}}})")
                .find("refers to itself"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"properties":{"x":{"anyOf":[{"$ref":"#/properties/x"}]}}})").find("refers to itself"),
            std::string::npos);
  std::string chain = R"({"$defs":{"d0":true)";
  for (int i = 1; i < 60; ++i) {
    chain += ",\"d" + std::to_string(i) + R"(":{"$ref":"#/$defs/d)" + std::to_string(i - 1) + "\"}";
  }
  EXPECT_NE(refusal(chain + "}}").find("more than 32 schemas apply"), std::string::npos);
}

TEST(Schema, RefusesSchemasThatAreTooLarge) {
  EXPECT_TRUE(refusal("{\"allOf\":[" + times(Schema::kMostSchemas, "{},") + "{}]}").starts_with("document.too_large"));
  EXPECT_TRUE(refusal(times(40, "{\"items\":[") + "true" + times(40, "]}")).starts_with("document.too_large"));
  EXPECT_TRUE(refusal("{\"enum\":[" + times(Schema::kMostSchemas, "1,") + "1]}").find("at most") != std::string::npos);
  std::string patterns;
  for (int i = 0; i < 8; ++i) {
    patterns += (i == 0 ? "" : ",") + std::string("\"") + std::to_string(i) + times(10'000, "a") + "\":true";
  }
  EXPECT_NE(refusal("{\"patternProperties\":{" + patterns + "}}").find("more than 65536 bytes"), std::string::npos);
}

TEST(Schema, IsAValue) {
  const Schema a = made(R"({"type":"null"})");
  const Schema copy = a;
  EXPECT_EQ(copy, a);
  EXPECT_NE(copy, made("true"));
  EXPECT_TRUE(copy.check(Value()).empty());
  EXPECT_FALSE(copy.check(Value(1)).empty());
}

TEST(Schema, OfOurOwnIsCompiledWhenItIsNeededAndLetsNothingThroughWhatIsWrong) {
  const auto schema =
      Schema::own(R"({"properties": {"good": {"pattern": "^a+$"}, "bad": {"pattern": "("}}})", "own.json");
  ASSERT_TRUE(schema) << schema.error().message;
  EXPECT_TRUE(schema->check(Value::map({{"good", "aaa"}})).empty());
  EXPECT_EQ(schema->check(Value::map({{"good", "b"}})).size(), 1U);
  EXPECT_EQ(schema->check(Value::map({{"bad", "a"}})).size(), 1U);
  EXPECT_FALSE(Schema::own(R"({"type": 3})", "own.json"));
}

}  // namespace
}  // namespace caisson::document
