#include "document/parse.h"
#include "document/testing/reports.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace caisson::document {
namespace {

struct SyntaxError {
  const char* text;
  const char* place;
  const char* message;  ///< a part of it
};

// One row for each way a YAML text can be wrong; the message has to say what to do.
const std::vector<SyntaxError> kErrors = {
    {"a: b: c", "1:5", "unexpected ':': check the indentation"},
    {"a: 1\n b: 2", "2:3", "unexpected ':': check the indentation"},
    {"a:\n  b: def f(x): return", "2:14", "or begin it on the next line, behind '|'"},
    {"a:\n  - id:b\n    c: d\n", "2:7", "a blank is missing behind this ':'"},
    {"a:\n  - http://b\n    c: d\n", "3:6", "unexpected ':': check the indentation"},
    {"a\n  - b: c\n", "1:2", "a ':' is missing behind 'a'"},
    {"a\n  b: c\n", "1:2", "a ':' is missing behind 'a'"},
    {"a: b\n  c\n  d: e\n", "3:4", "unexpected ':': check the indentation"},
    {"a:\n  - b: 1\n    # no\n   c: 2\n", "4:4",
     "indent it to column 5 as the line above, or to column 3 and begin it with '- '"},
    {"a: {{b.c}}\n", "1:4", "a text that begins with '{{' has to be in quotes"},
    {"a:\n  - {{b}}\n", "2:5", "a text that begins with '{{' has to be in quotes"},
    {"\ta: 1", "1:1", "a tab cannot indent a line"},
    {"a:\n\tb: 1\n", "2:1", "a tab cannot indent a line"},
    {"a:\n  - b\n\t- c\n", "3:1", "a tab cannot indent a line"},
    {"a:\n  \t- b: 1\n", "2:3", "a tab cannot indent a line"},
    {"a: |\n\tx\n", "2:1", "a tab cannot indent a line"},
    {"a:\n  b: 1\n c: 2", "3:2", "this line does not continue the map that begins at line 1: indent it to column 1"},
    {"a: 1\n- b", "2:1", "this line does not continue the map that begins at line 1: write 'name: value'"},
    {"- a\nb: c", "2:1", "unexpected 'b': it belongs to nothing before it"},
    {"x:\n  - a\n  b: c", "3:3", "this line does not continue the map that begins at line 1"},
    {"a: \"x\" y", "1:8", "unexpected 'y' after a value"},
    {"a: [b]c", "1:7", "unexpected 'c' after a value"},
    {"\"a\" \"b\"", "1:5", "unexpected '\"': it belongs to nothing before it"},
    {"\"a\":b", "1:4", "unexpected ':'"},
    {", a", "1:1", "unexpected ','"},
    {"k: - x", "1:4", "unexpected '-': begin each item"},
    {"a: }", "1:4", "'}' closes nothing"},
    {"{a: 1}}", "1:7", "'}' closes nothing"},
    {"[a", "1:1", "'[' is never closed: add ']'"},
    {"a: [1, {b: 2}\nc: 3\n", "2:1", "unexpected 'c' in what '[' begins at line 1, column 4"},
    {"a: [1, {b: 2}\n", "1:4", "'[' is never closed: add ']'"},
    {"a:\n  {b: [1],\n", "2:3", "'{' is never closed: add '}'"},
    {"[a: b: c]", "1:6", "unexpected ':' in what '[' begins at line 1, column 1"},
    {"{a: [1 }", "1:8", "'}' closes nothing"},
    {"{a: 'b' 'c'}", "1:9", "in what '{' begins at line 1, column 1"},
    {"a: 1\nb: 'x\nc: 2\n", "2:4", "this quote is never closed: add a '"},
    {"a: 1\n\"b: x\nc: 2\n", "2:1", "this quote is never closed: add a \""},
    {"a: [ 'x''\n", "1:6", "this quote is never closed"},
    {"a: 1\nb: 'x\nc: 2", "3:5", "quoted string that begins at line 2 or later: add the closing quote"},
    {"a: \"x\\", "1:7", "quoted string that begins at line 1 or later: add the closing quote"},
    {"\"a\n---\nb\"", "2:1", "inside a quoted string must not begin with '---'"},
    {"a: @x", "1:4", "a value cannot begin with '@': put the text in quotes"},
    {"a: `x`", "1:4", "a value cannot begin with '`'"},
    {"a: %x", "1:4", "a value cannot begin with '%'"},
    {"a: \"C:\\path\"", "1:7", "unknown escape in a double-quoted string"},
    {"a: \"\\xZZ\"", "1:9", "hexadecimal digits in an escape"},
    {"a: \"\\ud800\"", "1:11", "an escape in a double-quoted string is no Unicode character"},
    {"a: |0\n x", "1:6", "must be 1 to 9"},
    {"a: |x\n y", "1:5", "unexpected 'x' after '|' or '>'"},
    {"%YAML\n--- 1", "1:1", "exactly one version"},
    {"%YAML x\n--- 1", "1:1", "a version like 1.2"},
    {"%YAML 3.0\n--- 1", "1:1", "is not known"},
    {"%YAML 1.2\n%YAML 1.2\n--- 1", "2:1", "two '%YAML' lines"},
};

TEST(YamlErrors, NameThePlaceAndWhatToDo) {
  for (const SyntaxError& error : kErrors) {
    const auto result = parse_yaml(error.text, "f");
    ASSERT_FALSE(result) << error.text;
    ASSERT_EQ(result.error().diagnostics.size(), 1U) << error.text << "\n" << result.error().message;
    const Diagnostic& d = result.error().diagnostics.front();
    EXPECT_EQ(testing::place({d.where.line, d.where.column}), error.place) << error.text << "\n" << d.message;
    EXPECT_EQ(d.reason, "document.syntax") << error.text;
    EXPECT_NE(d.message.find(error.message), std::string::npos) << error.text << "\n" << d.message;
    EXPECT_EQ(d.message.find("illegal"), std::string::npos) << d.message;  // yaml-cpp's own words
  }
}

TEST(YamlErrors, AreReportedBehindTheProblemsBeforeThem) {
  EXPECT_EQ(testing::reports(parse_yaml("a: !t 1\na: 2\nb: [1, {c: 1, c: 2", "f")),
            (std::vector<std::string>{"1:4 tag", "2:1 duplicate_name", "3:8 syntax", "3:15 duplicate_name"}));
}

TEST(YamlErrors, ShowNothingATerminalWouldObey) {
  const auto result = parse_yaml("a: *\xE2\x80\xAEx\n", "f");  // a right-to-left override
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("\\u{202e}"), std::string::npos) << result.error().message;
}

}  // namespace
}  // namespace caisson::document
