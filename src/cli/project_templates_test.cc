#include "cli/project_templates.h"

#include "cli/files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace caisson::cli {
namespace {

TEST(ProjectTemplates, AreWhole) {
  for (const ProjectTemplate& project : project_templates()) {
    std::set<std::string_view> targets;
    for (const ProjectFile& file : project.files) {
      EXPECT_NE(find_file(file.from), nullptr) << file.from;
      EXPECT_TRUE(targets.insert(file.to).second) << file.to;
    }
    EXPECT_TRUE(targets.contains("workflow.yaml")) << project.language;
    EXPECT_TRUE(targets.contains("README.md")) << project.language;
  }
}

// A file that somebody adds to an SDK and forgets here would be missing in every new project.
TEST(ProjectTemplates, TakeEveryFileOfAnSdk) {
  std::set<std::string_view> taken;
  for (const ProjectTemplate& project : project_templates()) {
    for (const ProjectFile& file : project.files) {
      taken.insert(file.from);
    }
  }
  for (const File& file : files()) {
    if (file.path.starts_with("guests/sdk/")) {
      EXPECT_TRUE(taken.contains(file.path)) << file.path;
    }
  }
}

TEST(ProjectTemplates, AreFoundByTheirNames) {
  EXPECT_EQ(find_project_template("rust")->title, "Rust");
  EXPECT_EQ(find_project_template("javascript"), find_project_template("js"));
  EXPECT_EQ(find_project_template("cobol"), nullptr);
  EXPECT_EQ(find_project_template(""), nullptr);
  EXPECT_TRUE(std::ranges::is_sorted(project_templates(), {}, &ProjectTemplate::language));
}

}  // namespace
}  // namespace caisson::cli
