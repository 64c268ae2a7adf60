#include "base/control.h"

#include <gtest/gtest.h>

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
