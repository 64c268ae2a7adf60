#include "language/import_advice.h"

#include <gtest/gtest.h>

#include <string>

namespace caisson::language {
namespace {

std::string advised(std::string_view message, const Program& program, ImportList list = ImportList::kNode) {
  return with_import_advice({Category::kPermissionDenied, "code.import_denied", std::string(message)}, program, list)
      .message;
}

TEST(ImportAdvice, NamesTheLineToWrite) {
  const std::string message = "ImportError: Import 'os' is not allowed in sandbox, line 1";
  EXPECT_EQ(advised(message, {.language = Language::kLua, .imports = {{"json", "math"}}}),
            message + "; `imports: [json, math, os]` of the node would allow it");
  EXPECT_EQ(advised(message, {.language = Language::kLua, .imports = {{"json"}}}, ImportList::kCall),
            message + "; `--import json,os` (CodeOptions::imports) would allow it");
  EXPECT_EQ(advised(message, {.language = Language::kLua}),
            message + "; `imports: [os]` of the node, with whatever else the code imports, would allow it");
}

TEST(ImportAdvice, SaysThatNoLineWouldHelp) {
  EXPECT_NE(advised("Import 'socket' is not allowed in sandbox", {.language = Language::kLua})
                .find("the image of lua has no such module"),
            std::string::npos);
}

TEST(ImportAdvice, RepeatsNoNameThatAGuestMadeUp) {
  const std::string message = "Import 'os]` and `grants: {net: [*' is not allowed in sandbox";
  EXPECT_EQ(advised(message, {.language = Language::kLua}).find("imports: ["), std::string::npos);
}

TEST(ImportAdvice, OtherErrorsStayAsTheyAre) {
  const Error other{Category::kGuestFault, "code.exception", "Import 'os' is not allowed in sandbox"};
  EXPECT_EQ(with_import_advice(other, {.language = Language::kLua}, ImportList::kNode), other);
  EXPECT_EQ(advised("something else", {.language = Language::kLua}), "something else");
}

}  // namespace
}  // namespace caisson::language
