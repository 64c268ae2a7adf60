#include "cli/history_file.h"

#include "base/testing/fake_environment.h"
#include "base/testing/temporary_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace caisson::cli {
namespace {

class HistoryFileTest : public ::testing::Test {
 protected:
  /// One line of text for each; `bad` is none of them.
  [[nodiscard]] HistoryFile::Format format() {
    return {.read = [this](const std::string& path) -> std::optional<std::size_t> {
              std::ifstream file(path);
              for (std::string line; std::getline(file, line);) {
                if (line == "bad") {
                  return std::nullopt;
                }
                lines_.push_back(line);
              }
              return lines_.size();
            },
            .write =
                [this](HistoryFile::Part part, std::FILE* file) {
                  const std::size_t count = part == HistoryFile::Part::kAll ? HistoryFile::kMostLines : 1;
                  for (std::size_t i = lines_.size() - std::min(count, lines_.size()); i < lines_.size(); ++i) {
                    std::fputs((lines_[i] + "\n").c_str(), file);
                  }
                  return true;
                }};
  }
  void add(HistoryFile& file, std::string line) {
    lines_.push_back(std::move(line));
    EXPECT_TRUE(file.add());
  }
  [[nodiscard]] std::size_t lines_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::size_t count = 0;
    for (std::string line; std::getline(file, line);) {
      ++count;
    }
    return count;
  }

  const base::TemporaryFolder made_;
  const std::filesystem::path folder_ = made_.path();
  std::vector<std::string> lines_;
};

TEST_F(HistoryFileTest, MakesItsFoldersForTheirOwner) {
  const auto path = folder_ / "a" / "b" / "file";
  const auto file = HistoryFile::open(path, format()).value();
  add(*file, "one");
  EXPECT_EQ(lines_of(path), 1U);
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms{0600});
  EXPECT_EQ(std::filesystem::status(folder_ / "a").permissions(), std::filesystem::perms{0700});
}

TEST_F(HistoryFileTest, HasNeverTwiceAsManyLinesAsCount) {
  const auto path = folder_ / "file";
  {
    const auto file = HistoryFile::open(path, format()).value();
    for (int i = 0; i < 5000; ++i) {
      add(*file, std::to_string(i));
    }
    EXPECT_LE(lines_of(path), 2 * HistoryFile::kMostLines);
  }
  lines_.clear();
  const auto again = HistoryFile::open(path, format()).value();
  EXPECT_EQ(lines_.back(), "4999");
  EXPECT_EQ(lines_of(path), HistoryFile::kMostLines);
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms{0600});
  add(*again, "last");  // goes to the file that took the place of the first
  EXPECT_EQ(lines_of(path), HistoryFile::kMostLines + 1);
}

TEST_F(HistoryFileTest, TwoThatAddLoseNothing) {
  const auto path = folder_ / "file";
  const auto one = HistoryFile::open(path, format()).value();
  const auto other = HistoryFile::open(path, format()).value();
  add(*one, "a");
  add(*other, "b");
  add(*one, "c");
  EXPECT_EQ(lines_of(path), 3U);
}

TEST_F(HistoryFileTest, WhatIsNoneStaysAsItIs) {
  const auto path = folder_ / "file";
  std::ofstream(path) << "bad\n";
  EXPECT_EQ(HistoryFile::open(path, format()).error().reason, "file.not_a_file");
  EXPECT_EQ(lines_of(path), 1U);
  EXPECT_EQ(HistoryFile::open(folder_, format()).error().reason, "file.not_a_file");
  EXPECT_EQ(HistoryFile::open("/proc/none/file", format()).error().reason, "file.missing");
  EXPECT_FALSE(HistoryFile::open("/dev/null", format()));
}

TEST_F(HistoryFileTest, ALinkStays) {
  const auto link = folder_ / "link";
  std::filesystem::create_symlink(folder_ / "file", link);
  std::ofstream(folder_ / "file") << std::string(3000, '\n');
  const auto file = HistoryFile::open(link, format()).value();
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(lines_of(folder_ / "file"), HistoryFile::kMostLines);
}

TEST(HistoryPath, IsAmongTheStateOfTheUser) {
  base::FakeEnvironment environment;
  EXPECT_FALSE(history_path(environment, "lua"));
  environment.set_variable("HOME", "/users/me");
  EXPECT_EQ(history_path(environment, "lua"), "/users/me/.local/state/caisson/lua_history");
  environment.set_variable("XDG_STATE_HOME", "relative");
  EXPECT_EQ(history_path(environment, "lua"), "/users/me/.local/state/caisson/lua_history");
  environment.set_variable("XDG_STATE_HOME", "/state");
  EXPECT_EQ(history_path(environment, "lua"), "/state/caisson/lua_history");
}

}  // namespace
}  // namespace caisson::cli
