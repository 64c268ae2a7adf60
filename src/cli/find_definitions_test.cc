#include "cli/find_definitions.h"

#include "base/testing/temporary_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace caisson::cli {
namespace {

namespace fs = std::filesystem;

class FindDefinitions : public ::testing::Test {
 protected:
  FindDefinitions() { fs::current_path(folder_.path()); }
  ~FindDefinitions() override { fs::current_path(before_); }

  static void make(const fs::path& path) {
    if (path.has_parent_path()) {
      fs::create_directories(path.parent_path());
    }
    std::ofstream(path) << "processors: []";
  }

 private:
  fs::path before_ = fs::current_path();
  base::TemporaryFolder folder_;
};

TEST_F(FindDefinitions, AFileIsItself) {
  make("a.txt");
  EXPECT_EQ(find_definition("a.txt").value(), "a.txt");
  EXPECT_EQ(find_definition("-").value(), "-");
  EXPECT_EQ(find_definition("").value(), "");
  EXPECT_EQ(find_definition("nothing").value(), "nothing");
}

TEST_F(FindDefinitions, ANameIsLookedUpInItsOrder) {
  make("tests/flow.yaml");
  EXPECT_EQ(find_definition("flow").value(), "tests/flow.yaml");
  make("examples/flow.lua");
  EXPECT_EQ(find_definition("flow").value(), "examples/flow.lua");
  make("examples/flow.yml");
  EXPECT_EQ(find_definition("flow").value(), "examples/flow.yml");
  EXPECT_EQ(find_definition("flow.lua").value(), "examples/flow.lua");
  make("workflows/deep/flow.json");
  EXPECT_EQ(find_definition("deep/flow").value(), "workflows/deep/flow.json");
  make("flow");
  EXPECT_EQ(find_definition("flow").value(), "flow");
  EXPECT_EQ(find_definition("../flow").value(), "../flow");
  EXPECT_EQ(find_definition("/flow").value(), "/flow");
}

TEST_F(FindDefinitions, AFolderIsItsWorkflowsSorted) {
  for (const char* name : {"d/b.yaml", "d/a.json", "d/c.lua", "d/B.yml", "d/notes.txt", "d/deeper/e.yaml"}) {
    make(name);
  }
  EXPECT_EQ(find_definitions(std::string("d")).value(),
            (std::vector<std::string>{"d/B.yml", "d/a.json", "d/b.yaml", "d/c.lua"}));
  EXPECT_EQ(find_definition("d").error().reason, "file.not_a_file");
  EXPECT_EQ(find_definition("d/deeper").value(), "d/deeper/e.yaml");
  fs::create_directory("empty");
  EXPECT_EQ(find_definition("empty").error().reason, "file.missing");
  EXPECT_EQ(find_definitions(std::vector<std::string>{"empty", "d/deeper", "none"}),
            (std::vector<std::string>{"empty", "d/deeper/e.yaml", "none"}));
}

}  // namespace
}  // namespace caisson::cli
