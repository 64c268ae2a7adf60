// docs/reference/cli.md says what the program does: the same commands, options and exit codes.

#include "cli/command.h"
#include "cli/exit_codes.h"

#include <caisson/error.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace caisson::cli {
namespace {

std::string page() {
  std::ifstream file(CAISSON_SOURCE_DIR "/docs/reference/cli.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The part of the page under the heading of a command.
std::string section_of(const std::string& page, std::string_view command) {
  const std::size_t begin = page.find(fmt::format("### caisson {}\n", command));
  return begin == std::string::npos ? std::string() : page.substr(begin, page.find("\n##", begin + 4) - begin);
}

std::vector<std::string> all_matches(const std::string& text, const std::regex& pattern) {
  std::vector<std::string> out;
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) {
    out.push_back((*match)[1]);
  }
  return out;
}

TEST(CliPage, HasEveryCommandWithItsUsage) {
  const std::string text = page();
  std::set<std::string> names;
  for (const CommandEntry& entry : commands()) {
    names.emplace(entry.name);
    EXPECT_NE(section_of(text, entry.name).find(fmt::format("caisson {} {}\n", entry.name, describe(entry).usage)),
              std::string::npos)
        << entry.name;
  }
  const auto documented = all_matches(text, std::regex("\n### caisson ([a-z-]+)\n"));
  EXPECT_EQ(std::set<std::string>(documented.begin(), documented.end()), names);
}

TEST(CliPage, HasTheOptionsOfEachCommandAndNoOther) {
  const std::string text = page();
  for (const CommandEntry& entry : commands()) {
    std::set<std::string> names;
    for (const OptionInfo& option : describe(entry).options) {
      names.insert(option.name);
    }
    names.erase("--help");
    const auto rows = all_matches(section_of(text, entry.name), std::regex("\n\\| `(--[a-z-]+)"));
    EXPECT_EQ(std::set<std::string>(rows.begin(), rows.end()), names) << entry.name;
  }
}

TEST(CliPage, HasTheExitCodes) {
  const std::string text = page();
  const std::string table = text.substr(std::min(text.size(), text.find("## Exit codes")));
  std::size_t at = 0;
  for (const ExitCode& row : exit_codes()) {
    const std::size_t found = table.find(fmt::format("| {} | {} |", row.code, row.meaning), at);
    ASSERT_NE(found, std::string::npos) << row.code << ": " << row.meaning;
    at = found;
  }
  EXPECT_EQ(all_matches(table, std::regex("\n\\| (\\d+) \\|")).size(), exit_codes().size());
}

TEST(ExitCodes, EveryCategoryHasAMeaning) {
  for (int i = 0; i <= static_cast<int>(Category::kInternal); ++i) {
    const int code = exit_code(static_cast<Category>(i));
    EXPECT_TRUE(std::ranges::any_of(exit_codes(), [&](const ExitCode& row) { return row.code == code; })) << code;
    EXPECT_NE(code, kExitUsage) << "the command line's own";
  }
  EXPECT_TRUE(std::ranges::is_sorted(exit_codes(), {}, &ExitCode::code));
}

TEST(Commands, EachHasAnExampleThatNamesIt) {
  for (const CommandEntry& entry : commands()) {
    const CommandInfo info = describe(entry);
    ASSERT_FALSE(info.examples.empty()) << entry.name;
    for (const Example& example : info.examples) {
      EXPECT_NE(example.command.find(fmt::format("caisson {}", entry.name)), std::string::npos) << example.command;
    }
    EXPECT_FALSE(info.about.empty()) << entry.name;
    EXPECT_FALSE(entry.summary.empty() || entry.summary.ends_with('.')) << entry.name;
  }
}

}  // namespace
}  // namespace caisson::cli
