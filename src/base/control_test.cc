#include "base/control.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace caisson::base {
namespace {

TEST(Control, NamesAreReadBack) {
  for (const Control control : all_controls()) {
    EXPECT_EQ(parse_control(to_string(control)), control);
    EXPECT_FALSE(promise(control).empty());
  }
  EXPECT_FALSE(parse_control("path_above"));
  EXPECT_FALSE(parse_control(""));
}

TEST(Control, ThePageListsThemAll) {
  std::ifstream file(std::string(CAISSON_SOURCE_DIR) + "/docs/security.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  std::string rows;
  for (const Control control : all_controls()) {
    rows += "| `" + std::string(to_string(control)) + "` | " + std::string(promise(control)) + " |\n";
  }
  EXPECT_NE(page.find("| --- | --- |\n" + rows + "\n"), std::string::npos) << "the table should be:\n" << rows;
}

TEST(Control, HoldsUntilATestSwitchesItOff) {
  EXPECT_TRUE(holds(Control::kPathBeneath));
#if CAISSON_SWITCHABLE_CONTROLS
  switch_control(Control::kPathBeneath, false);
  EXPECT_FALSE(holds(Control::kPathBeneath));
  EXPECT_TRUE(holds(Control::kMemory));
  switch_control(Control::kPathBeneath, true);
  EXPECT_TRUE(holds(Control::kPathBeneath));
#endif
}

}  // namespace
}  // namespace caisson::base
