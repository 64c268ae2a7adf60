#include "language/import_advice.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::language {
namespace {

Program lua(std::optional<std::vector<std::string>> imports = std::nullopt) {
  Program out;
  out.language = Language::kLua;
  out.imports = std::move(imports);
  return out;
}

std::string advised(std::string_view message, const Program& program, ImportList list = ImportList::kNode) {
  return with_import_advice({Category::kPermissionDenied, "code.import_denied", std::string(message)}, program, list)
      .message;
}

TEST(ImportAdvice, NamesTheLineToWrite) {
  const std::string message = "ImportError: Import 'os' is not allowed in sandbox, line 1";
  EXPECT_EQ(advised(message, lua({{"json", "math"}})),
            message + "; `imports: [json, math, os]` of the node would allow it");
  EXPECT_EQ(advised(message, lua({{"json"}}), ImportList::kCall),
            message + "; `--import json,os` (CodeOptions::imports) would allow it");
  EXPECT_EQ(advised(message, lua()),
            message + "; `imports: [os]` of the node, with whatever else the code imports, would allow it");
}

TEST(ImportAdvice, SaysThatNoLineWouldHelp) {
  EXPECT_NE(advised("Import 'socket' is not allowed in sandbox", lua()).find("the image of lua has no such module"),
            std::string::npos);
}

TEST(ImportAdvice, OfAnInstalledImageSaysNoMoreThanItKnows) {
  EXPECT_EQ(advised("Import 'os' is not allowed in sandbox", {.language = Language::kPythonData, .code = ""}),
            "Import 'os' is not allowed in sandbox; naming it among the imports would allow it, if the image of "
            "python-data has it");
}

TEST(ImportAdvice, RepeatsNoNameThatAGuestMadeUp) {
  const std::string message = "Import 'os]` and `grants: {net: [*' is not allowed in sandbox";
  EXPECT_EQ(advised(message, lua()).find("imports: ["), std::string::npos);
}

TEST(ImportAdvice, OtherErrorsStayAsTheyAre) {
  const Error other{Category::kGuestFault, "code.exception", "Import 'os' is not allowed in sandbox"};
  EXPECT_EQ(with_import_advice(other, lua(), ImportList::kNode), other);
  EXPECT_EQ(advised("something else", lua()), "something else");
}

}  // namespace
}  // namespace caisson::language
