#include "workflow/template.h"

#include "document/parse.h"
#include "document/print.h"

#include <gtest/gtest.h>

#include <string>

namespace caisson::workflow {
namespace {

using document::Value;

const Value& outputs() {
  static const Value all =
      document::parse_json(
          R"({"a": {"user": {"name": "Ann", "tags": ["x", "y"]}, "n": 3, "nothing": null}, "t": "text"})", "test")
          .value();
  return all;
}

std::string filled(std::string_view text, std::size_t most = 1000) {
  const Result<Template> parsed = Template::parse(text);
  if (!parsed) {
    return parsed.error().reason + " at " + std::to_string(parsed.error().diagnostics.at(0).where.column) + ": " +
           parsed.error().message;
  }
  const auto value = parsed->fill(
      [](const std::string& node) -> Result<const Value*> {
        const Value* output = outputs().find(node);
        return output != nullptr ? Result<const Value*>(output)
                                 : Error{Category::kInternal, "test.none", "no such node"};
      },
      most);
  return value ? document::to_json(*value) : value.error().reason + ": " + value.error().message;
}

TEST(Template, AReferenceAloneIsTheValue) {
  EXPECT_EQ(filled("{{a.n}}"), "3");
  EXPECT_EQ(filled("{{ a.user }}"), R"({"name":"Ann","tags":["x","y"]})");
  EXPECT_EQ(filled("{{a.user.tags[1]}}"), R"("y")");
  EXPECT_EQ(filled("{{a.nothing}}"), "null");
  EXPECT_EQ(filled("{{t}}"), R"("text")");
}

TEST(Template, InATextItBecomesText) {
  EXPECT_EQ(filled("Hello {{a.user.name}}, {{a.user.tags}}{{a.n}}!"), R"("Hello Ann, [\"x\",\"y\"]3!")");
  EXPECT_EQ(filled(" {{a.n}}"), R"(" 3")");
  EXPECT_EQ(filled("no braces, { one } of them }"), R"("no braces, { one } of them }")");
  EXPECT_EQ(filled(""), R"("")");
}

TEST(Template, WhatIsWrongHasItsPlace) {
  EXPECT_EQ(filled("ab {{a"), "workflow.bad_template at 4: '{{' is not closed with '}}'");
  EXPECT_EQ(filled("ab }} {{a}}"), "workflow.bad_template at 4: '}}' without '{{' before it");
  EXPECT_EQ(filled("{{a.{{t}}}}"), "workflow.bad_template at 1: braces inside of braces: references are not nested");
  EXPECT_EQ(filled("{{}}"), "workflow.bad_template at 1: '{{}}': the id of a node is missing; write {{node.field}}");
  EXPECT_EQ(filled("x{{a b}}"),
            "workflow.bad_template at 2: '{{a b}}': ' ' is not allowed; write node.field or node.list[0]");
  EXPECT_EQ(filled("{{a.}}"),
            "workflow.bad_template at 1: '{{a.}}': a name of letters, digits, `_` and `-` is missing behind a dot");
  for (const std::string inside : {"a[x]", "a[-1]", "a[1", "a[]", "a[99999999999999999999999]"}) {
    EXPECT_EQ(filled("{{" + inside + "}}"),
              "workflow.bad_template at 1: '{{" + inside + "}}': a place in a list is a whole number in brackets: [0]");
  }
  for (const std::string inside : {"a()", "a+1", "a|upper", "__import__('os')", "a.b['c']"}) {
    EXPECT_TRUE(filled("{{" + inside + "}}").starts_with("workflow.bad_template")) << inside;
  }
}

TEST(Template, APathThatLeadsNowhereSaysWhatThereIs) {
  EXPECT_EQ(filled("{{a.usr}}"),
            "workflow.template_missing: the output of node 'a' has no 'usr'; it has 'user', 'n', 'nothing'");
  EXPECT_EQ(filled("{{a.n.x}}"), "workflow.template_missing: the output of node 'a'.n is an integer; it has no 'x'");
  EXPECT_EQ(filled("{{a.user.tags[2]}}"),
            "workflow.template_missing: the output of node 'a'.user.tags has 2 items; there is no [2]");
  EXPECT_EQ(filled("{{t[0]}}"),
            "workflow.template_missing: the output of node 't' is a string, not a list; there is no [0]");
}

TEST(Template, HasCaps) {
  std::string many;
  for (std::size_t i = 0; i <= Template::kMostReferences; ++i) {
    many += "{{a.n}}";
  }
  EXPECT_TRUE(filled(many).starts_with("workflow.bad_template at 701: a text has more than 100 references"));
  EXPECT_TRUE(filled(many.substr(7)).starts_with("\"333"));
  EXPECT_EQ(filled("{{t}}{{t}}{{t}}", 11),
            "workflow.template_too_large: a text with what it refers to has more than 11 bytes");
  std::string deep = "{{a";
  for (int i = 0; i < 33; ++i) {
    deep += ".b";
  }
  EXPECT_TRUE(filled(deep + "}}").starts_with("workflow.bad_template")) << filled(deep + "}}");
}

TEST(ValuePath, IsANameWithAWay) {
  EXPECT_EQ(parse_value_path("user.names[0]").value(), (ValuePath{"user", "names", std::size_t{0}}));
  for (const std::string_view text : {"", "[0]", ".a", "a..b", "a b", "a[0"}) {
    EXPECT_EQ(parse_value_path(text).error().reason, "workflow.bad_template") << text;
  }
}

}  // namespace
}  // namespace caisson::workflow
