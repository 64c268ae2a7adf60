#include "workflow/expression.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {
namespace {

std::string tree(std::string_view text) {
  const auto expression = Expression::parse(text);
  EXPECT_TRUE(expression) << text << ": " << (expression ? "" : expression.error().message);
  return expression ? expression->tree() : "";
}

/// What is said of a text that is refused, up to the column.
std::string problem(std::string_view text) {
  const auto expression = Expression::parse(text);
  EXPECT_FALSE(expression) << text;
  if (expression) {
    return "";
  }
  EXPECT_EQ(expression.error().reason, "workflow.bad_expression");
  const std::string& message = expression.error().message;
  EXPECT_TRUE(message.starts_with("rejected expression: ")) << message;
  return message.substr(21, message.find(';', message.find("(column")) - 21);
}

TEST(Expression, IsATree) {
  EXPECT_EQ(tree("1"), R"(["constant",1])");
  EXPECT_EQ(tree("a.b.c"), R"(["name","a","b","c"])");
  EXPECT_EQ(tree("1 + 2 * 3 - x"),
            R"(["sum",["constant",1],"+",["product",["constant",2],"*",["constant",3]],"-",["name","x"]])");
  EXPECT_EQ(tree("a < b <= 3"), R"(["compare",["name","a"],"<",["name","b"],"<=",["constant",3]])");
  EXPECT_EQ(tree("not a == b"), R"(["not",["compare",["name","a"],"==",["name","b"]]])");
  EXPECT_EQ(tree("a or b and not c"), R"(["or",["name","a"],["and",["name","b"],["not",["name","c"]]]])");
  EXPECT_EQ(tree("a and b and c"), R"(["and",["name","a"],["name","b"],["name","c"]])");
  EXPECT_EQ(tree("-(1 - -x)"), R"(["-",["sum",["constant",1],"-",["-",["name","x"]]]])");
  EXPECT_EQ(tree(" (\n1\t) \r\n"), R"(["constant",1])");
}

TEST(Expression, HasTheConstantsOfPythonAndJson) {
  EXPECT_EQ(tree("True or true or False or false or None or null"),
            R"(["or",["constant",true],["constant",true],["constant",false],["constant",false],["constant",null],)"
            R"(["constant",null]])");
  EXPECT_EQ(tree("9223372036854775807"), R"(["constant",9223372036854775807])");
  EXPECT_EQ(tree("00"), R"(["constant",0])");
  EXPECT_EQ(tree("2."), R"(["constant",2.0])");
  EXPECT_EQ(tree(".5"), R"(["constant",0.5])");
  EXPECT_EQ(tree("1e3"), R"(["constant",1000.0])");
  EXPECT_EQ(tree("1E-2"), R"(["constant",0.01])");
  EXPECT_EQ(tree("1e-999"), R"(["constant",0.0])");
  EXPECT_EQ(tree(R"('a"b')"), R"(["constant","a\"b"])");
  EXPECT_EQ(tree(R"("it's \"\\\n\x41\u00e9\U0001F600")"), "[\"constant\",\"it's \\\"\\\\\\nA\u00e9\U0001F600\"]");
  EXPECT_EQ(tree(R"('\0')"), R"(["constant","\u0000"])");
  EXPECT_EQ(tree("'\u00e9t\u00e9'"), "[\"constant\",\"\u00e9t\u00e9\"]");
}

TEST(Expression, HasItsNamesOnce) {
  const Expression expression = Expression::parse("b.x > 1 and a or b.y == 'c'").value();
  EXPECT_EQ(expression.names(), (std::vector<ExpressionName>{{"b", 1}, {"a", 13}}));
  EXPECT_TRUE(expression.uses("a"));
  EXPECT_FALSE(expression.uses("x"));
  EXPECT_FALSE(expression.uses("c"));
}

TEST(Expression, RejectsWhatCouldDoSomething) {
  EXPECT_EQ(problem("f(x)"), "calls are not allowed (column 2)");
  EXPECT_EQ(problem("__import__('os')"),
            "the name '__import__' is not allowed: it begins with two underscores (column 1)");
  EXPECT_EQ(problem("a.__class__"), "the name '__class__' is not allowed: it begins with two underscores (column 3)");
  EXPECT_EQ(problem("a[0]"), "indexing is not allowed (column 2)");
  EXPECT_EQ(problem("[1, 2]"), "lists are not allowed (column 1)");
  EXPECT_EQ(problem("{1}"), "maps are not allowed (column 1)");
  EXPECT_EQ(problem("1, 2"), "lists of values are not allowed (column 2)");
  EXPECT_EQ(problem("lambda: 1"), "functions are not allowed (column 1)");
  EXPECT_EQ(problem("(x for x in y)"), "comprehensions are not allowed (column 4)");
  EXPECT_EQ(problem("a if b else c"), "'if' is not allowed; write 'a and b or c' (column 3)");
  EXPECT_EQ(problem("a := 1"), "assignments are not allowed (column 3)");
  EXPECT_EQ(problem("a = 1"), "assignments are not allowed; '==' compares (column 3)");
  EXPECT_EQ(problem("2 ** 9"), "powers are not allowed (column 3)");
  EXPECT_EQ(problem("a // b"), "'//' is not allowed (column 3)");
  EXPECT_EQ(problem("a in b"), "'in' is not allowed (column 3)");
  EXPECT_EQ(problem("a is None"), "'is' is not allowed; '==' compares (column 3)");
  EXPECT_EQ(problem("${HOME}"), "templates are not allowed; write the name alone (column 1)");
  EXPECT_EQ(problem("a == {{b}}"), "templates are not allowed; write the name alone (column 6)");
  EXPECT_EQ(problem("'x'.upper"), "only names have members (column 4)");
  EXPECT_EQ(problem("(a).b"), "only names have members (column 4)");
  EXPECT_EQ(problem("f'{a}'"), "an operator is missing between 'f' and a string (column 1)");
  EXPECT_EQ(problem("a; b"), "\";\" is not allowed (column 2)");
  EXPECT_EQ(problem("\u00e9 && a"), "\"\u00e9\" is not allowed (column 1)");
  EXPECT_EQ(problem("'\u00e9' && a"), "'&&' is not allowed; write 'and' (column 5)");
}

TEST(Expression, RejectsWhatIsNoExpression) {
  EXPECT_EQ(problem(""), "it is empty (column 1)");
  EXPECT_EQ(problem(" \n"), "it is empty (column 3)");
  EXPECT_EQ(problem("1 +"), "a value is missing at the end (column 4)");
  EXPECT_EQ(problem("1 + * 2"), "a value is missing before '*' (column 5)");
  EXPECT_EQ(problem("a == not b"), "a value is missing before 'not' (column 6)");
  EXPECT_EQ(problem("a b"), "an operator is missing before \"b\" (column 3)");
  EXPECT_EQ(problem("a \"b\""), "an operator is missing before \"\\\"b\\\"\" (column 3)");
  EXPECT_EQ(problem("(a"), "'(' is not closed (column 1)");
  EXPECT_EQ(problem("a)"), "')' closes nothing (column 2)");
  EXPECT_EQ(problem("a."), "a name is missing behind '.' (column 3)");
  EXPECT_EQ(problem("a.true"), "a name is missing behind '.' (column 3)");
  EXPECT_EQ(problem("'a"), "a string is not closed (column 1)");
  EXPECT_EQ(problem("'a\nb'"), "a string must end on its line; a line break is written \\n (column 1)");
  EXPECT_EQ(problem(R"('\q')").substr(0, 30), "an escape must be one of \\\\ \\'");
  EXPECT_EQ(problem(R"('\x4')"), "\\x needs 2 digits from 0 to f (column 2)");
  EXPECT_EQ(problem(R"('\ud800')"), "an escape names no character (column 2)");
  EXPECT_EQ(problem(R"('\U00110000')"), "an escape names no character (column 2)");
  EXPECT_EQ(problem("'\\"),
            "an escape must be one of \\\\ \\' \\\" \\n \\r \\t \\b \\f \\v \\a \\0 \\xHH \\uHHHH "
            "\\UHHHHHHHH (column 2)");
  EXPECT_EQ(problem("007"), "a number must not begin with 0 (column 1)");
  EXPECT_EQ(problem("1_000"), "a number is not written so; write 12, 1.5 or 1e-3 (column 1)");
  EXPECT_EQ(problem("1.2.3"), "a number is not written so; write 12, 1.5 or 1e-3 (column 1)");
  EXPECT_EQ(problem("0x10"), "a number is not written so; write 12, 1.5 or 1e-3 (column 1)");
  EXPECT_EQ(problem("9223372036854775808"), "a whole number must fit 64 bits (column 1)");
  EXPECT_EQ(problem("1e999"), "a number is too large (column 1)");
  EXPECT_EQ(problem("'\xff'"), "it is not UTF-8 (column 2)");
  EXPECT_EQ(problem(std::string_view("a\0b", 3)), "\"\\u{0}\" is not allowed (column 2)");
}

TEST(Expression, HasAnEnd) {
  const auto repeated = [](std::string_view text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
      out += text;
    }
    return out;
  };
  EXPECT_TRUE(Expression::parse(repeated("(", 64) + "1" + repeated(")", 64)));
  EXPECT_EQ(problem(repeated("(", 65) + "1" + repeated(")", 65)), "it is nested more than 64 deep (column 65)");
  EXPECT_TRUE(Expression::parse(repeated("-", 64) + "1"));
  EXPECT_EQ(problem(repeated("-", 65) + "1"), "it is nested more than 64 deep (column 65)");
  EXPECT_EQ(problem(repeated("not ", 65) + "a"), "it is nested more than 64 deep (column 257)");
  EXPECT_TRUE(Expression::parse("1" + repeated("+1", 255)));
  EXPECT_EQ(problem("1" + repeated("+1", 256)), "it has more than 512 parts (column 513)");
  EXPECT_TRUE(Expression::parse("'" + std::string(4094, 'a') + "'"));
  EXPECT_EQ(problem("'" + std::string(4095, 'a') + "'"), "it has 4097 bytes; at most 4096 are allowed (column 1)");
}

TEST(Expression, KnowsWhichNamesThereAre) {
  constexpr std::array<std::string_view, 2> kKnown = {"check", "input"};
  EXPECT_TRUE(Expression::parse("check.score > 1 and input").value().check_names(kKnown));
  const Status status = Expression::parse("input and chek.score > 1").value().check_names(kKnown);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().reason, "workflow.bad_expression");
  EXPECT_EQ(status.error().message,
            "rejected expression: unknown name 'chek' (column 11); the names here are check, input (did you mean "
            "'check'?)");
}

TEST(Expression, KnowsANameFromOtherTexts) {
  for (const std::string_view name : {"a", "_a", "A9", "item", "check_1"}) {
    EXPECT_TRUE(is_expression_name(name)) << name;
  }
  for (const std::string_view name : {"", "9", "a-b", "a.b", "and", "not", "True", "null", "in", "__a", "a b", "a "}) {
    EXPECT_FALSE(is_expression_name(name)) << name;
  }
}

}  // namespace
}  // namespace caisson::workflow
