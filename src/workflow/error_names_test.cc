#include "workflow/error_names.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace caisson::workflow {
namespace {

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The rows of the table in the reference page whose first column has that head, without the head and the rule; cells
/// without backticks.
std::vector<std::vector<std::string>> table(std::string_view first_columns) {
  std::istringstream page(file_text(std::filesystem::path(CAISSON_SOURCE_DIR) / "docs/reference/errors.md"));
  std::vector<std::vector<std::string>> rows;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with(first_columns)) {
      inside = true;
      std::getline(page, line);
    } else if (inside && !line.starts_with("| ")) {
      break;
    } else if (inside) {
      std::vector<std::string> cells;
      std::erase(line, '`');
      std::istringstream in(line.substr(2));
      for (std::string cell; std::getline(in, cell, '|');) {
        cells.push_back(
            cell.substr(cell.find_first_not_of(' ') == std::string::npos ? 0 : cell.find_first_not_of(' ')));
        cells.back().erase(cells.back().find_last_not_of(' ') + 1);
      }
      rows.push_back(std::move(cells));
    }
  }
  return rows;
}

TEST(ErrorsPage, HasTheCategoriesOfTheCode) {
  const auto rows = table("| category | exit code | HTTP status |");
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(Category::kInternal) + 1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto category = static_cast<Category>(i);
    EXPECT_EQ(rows[i][0], to_string(category));
    EXPECT_EQ(rows[i][1], fmt::format("{}", exit_code(category))) << rows[i][0];
    EXPECT_EQ(rows[i][2], fmt::format("{}", http_status(category))) << rows[i][0];
  }
}

TEST(ErrorsPage, HasTheReasonsOfTheCode) {
  const auto rows = table("| reason | category | code |");
  const auto known = known_reasons();
  ASSERT_EQ(rows.size(), known.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ReasonRow& row = known[i];
    EXPECT_EQ(rows[i][0], row.reason);
    EXPECT_EQ(rows[i][1], row.category ? to_string(*row.category) : "of the cause") << row.reason;
    EXPECT_EQ(rows[i][2], row.category ? fmt::format("{}", row.names.code) : "of the cause") << row.reason;
    EXPECT_EQ(rows[i][3], row.names.kind ? to_string(*row.names.kind) : "-") << row.reason;
    EXPECT_EQ(rows[i][4], row.names.wasm_kind ? to_string(*row.names.wasm_kind) : "-") << row.reason;
  }
}

TEST(ErrorsPage, HasEveryReasonThatThisLibraryGives) {
  std::set<std::string> documented;
  for (const auto& row : table("| reason | category | code |")) {
    documented.insert(row[0]);
  }
  for (const auto& row : table("| reason | meaning |")) {
    documented.insert(row[0]);
  }
  const std::regex reason(R"re("(workflow\.[a-z0-9_]+)")re");
  std::size_t found = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::filesystem::path(CAISSON_SOURCE_DIR) / "src/workflow")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".cc" || name.ends_with("_test.cc")) {
      continue;
    }
    const std::string text = file_text(entry.path());
    for (std::sregex_iterator at(text.begin(), text.end(), reason); at != std::sregex_iterator(); ++at) {
      EXPECT_TRUE(documented.contains((*at)[1].str())) << (*at)[1].str() << " in " << name;
      ++found;
    }
  }
  EXPECT_GT(found, 50U);
}

TEST(SourceNames, OfSomeErrors) {
  EXPECT_EQ(source_names({Category::kInvalidArgument, "workflow.invalid_utf8", ""}),
            (SourceNames{400, ExecutionKind::kProcessorFailed, std::nullopt}));
  EXPECT_EQ(source_names({Category::kResourceExhausted, "sandbox.input_too_large", ""}),
            (SourceNames{413, ExecutionKind::kProcessorFailed, WasmKind::kValidationError}));
  EXPECT_EQ(source_names({Category::kGuestFault, "sandbox.trap", ""}),
            (SourceNames{500, ExecutionKind::kProcessorFailed, WasmKind::kExecutionError}));
  EXPECT_EQ(source_names({Category::kDeadlineExceeded, "sandbox.deadline", ""}),
            (SourceNames{500, ExecutionKind::kTimeout, WasmKind::kTimeout}));
  EXPECT_EQ(source_names({Category::kInternal, "workflow.invalid_response", ""}).kind, ExecutionKind::kInvalidResponse);
}

TEST(SourceNames, OfARunGoByTheCause) {
  EXPECT_EQ(source_names({Category::kInvalidArgument, "workflow.node_failed", ""}),
            (SourceNames{400, ExecutionKind::kProcessorFailed, std::nullopt}));
  EXPECT_EQ(source_names({Category::kGuestFault, "workflow.multiple_failed", ""}),
            (SourceNames{500, ExecutionKind::kMultipleFailed, std::nullopt}));
}

TEST(SourceNames, OfAnUnknownReasonGoByTheCategory) {
  EXPECT_EQ(source_names({Category::kInvalidArgument, "x.unknown", ""}).code, 400);
  EXPECT_EQ(source_names({Category::kDeadlineExceeded, "x.unknown", ""}).kind, ExecutionKind::kTimeout);
  EXPECT_EQ(source_names({Category::kInternal, "zzz", ""}),
            (SourceNames{500, ExecutionKind::kInternalError, std::nullopt}));
  EXPECT_EQ(source_names({Category::kUnavailable, "", ""}),
            (SourceNames{500, ExecutionKind::kProcessorFailed, std::nullopt}));
}

TEST(SourceNames, AllAppearInTheTable) {
  // A name of the sources that nothing maps to would be one that no program can ever see.
  std::set<ExecutionKind> kinds;
  for (const ReasonRow& row : known_reasons()) {
    if (row.names.kind) {
      kinds.insert(*row.names.kind);
    }
  }
  EXPECT_EQ(kinds.size(), static_cast<std::size_t>(ExecutionKind::kInternalError) + 1);
  EXPECT_EQ(to_string(ExecutionKind::kInternalError), "InternalError");
  EXPECT_EQ(to_string(WasmKind::kParserError), "ParserError");
}

}  // namespace
}  // namespace caisson::workflow
