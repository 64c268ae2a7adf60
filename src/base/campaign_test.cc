#include "base/testing/campaign.h"

#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>

namespace caisson::base::testing {
namespace {

constexpr const char* kTable =
    "# sizes\n"
    "first:\n"
    "  what: it repeats\n"
    "  ci: 10\n"
    "  night: 200\n"
    "\n"
    "second:\n"
    "  ci: 0\n"
    "  night: 7 runs\n"
    "  release: 9\n";

std::int64_t size_of(const char* row, const char* column) {
  std::istringstream table(kTable);
  return campaign_size(table, row, column);
}

TEST(Campaign, ReadsTheColumnOfItsRow) {
  EXPECT_EQ(size_of("first", "ci"), 10);
  EXPECT_EQ(size_of("first", "night"), 200);
  EXPECT_EQ(size_of("second", "release"), 9);
}

TEST(Campaign, RefusesWhatIsNotThere) {
  EXPECT_THROW((void)size_of("third", "ci"), std::invalid_argument);
  EXPECT_THROW((void)size_of("first", "release"), std::invalid_argument) << "the next row has one";
  EXPECT_THROW((void)size_of("second", "ci"), std::invalid_argument) << "0 would run nothing";
  EXPECT_THROW((void)size_of("second", "night"), std::invalid_argument);
  EXPECT_THROW((void)campaign("no_such_campaign"), std::invalid_argument);
}

TEST(Campaign, FindsTheTableOfTheProject) { EXPECT_GE(campaign("determinism_runs"), 1000); }

}  // namespace
}  // namespace caisson::base::testing
