// What a definition says of itself.

#include "workflow/definition.h"

#include <gtest/gtest.h>

#include <string>

namespace caisson::workflow {
namespace {

constexpr std::string_view kNodes = "\nprocessors: [{id: a, type: local, processor: reverse_text}]";

Result<Definition> definition(const std::string& head) {
  return read_definition(head + std::string(kNodes), "flow.yaml");
}

std::string problem(const std::string& head) {
  const auto read = definition(head);
  if (read) {
    return "none";
  }
  const Diagnostic& first = read.error().diagnostics.at(0);
  return std::to_string(first.where.line) + ":" + std::to_string(first.where.column) + ": " + first.reason + ": " +
         first.message;
}

TEST(DefinitionHead, IsReadAndChangesNothingElse) {
  const auto plain = definition("");
  const auto read = definition(
      "configVersion: 1\nname: demo\ndescription: shows it\nenv: [A]\ninput_schema: {type: string}\noutput_schema: "
      "true");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->name, "demo");
  EXPECT_EQ(read->description, "shows it");
  ASSERT_TRUE(read->input_schema);
  ASSERT_TRUE(read->output_schema);
  EXPECT_EQ(read->nodes.size(), plain->nodes.size());
  EXPECT_TRUE(read->warnings.empty());
  EXPECT_NE(*read, *plain);
  EXPECT_TRUE(definition("configVersion: 1.0\nname:\nenv:"));
}

TEST(DefinitionHead, OtherVersionsAreRefused) {
  for (const std::string version : {"2", "0", "1.5", "'1'", "true"}) {
    EXPECT_TRUE(problem("configVersion: " + version).starts_with("1:16: workflow.bad_value: configVersion "))
        << version;
  }
  EXPECT_EQ(problem("configVersion: [1]"),
            "1:16: workflow.bad_value: configVersion a list is not known; this version of Caisson reads 1");
}

TEST(DefinitionHead, KindsAndSchemasAreChecked) {
  EXPECT_EQ(problem("name: 3"), "1:7: workflow.wrong_type: name must be a string (write it in quotes), got an integer");
  EXPECT_EQ(problem("description: [a]"), "1:14: workflow.wrong_type: description must be a string, got a list");
  EXPECT_TRUE(problem("input_schema: {type: strnig}").starts_with("1:22: document.bad_schema: input_schema: "))
      << problem("input_schema: {type: strnig}");
}

}  // namespace
}  // namespace caisson::workflow
