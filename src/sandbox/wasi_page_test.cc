// docs/reference/wasi.md names every function of WASI preview 1, and only tests that there are.

#include "sandbox/internal/host_adapter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace caisson::sandbox {
namespace {

std::string page() {
  std::ostringstream text;
  text << std::ifstream(CAISSON_SOURCE_DIR "/docs/reference/wasi.md").rdbuf();
  return text.str();
}

TEST(WasiPage, NamesEveryFunction) {
  const std::string text = page();
  for (const HostRow& row : host_rows()) {
    if (row.function.module == kWasiModule) {
      EXPECT_NE(text.find(fmt::format("`{}`", row.function.name)), std::string::npos) << row.function.name;
    }
  }
}

TEST(WasiPage, NamesTestsThatThereAre) {
  std::set<std::string> tests;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      tests.insert(fmt::format("{}.{}", suite.name(), suite.GetTestInfo(j)->name()));
    }
  }
  const std::string text = page();
  const std::regex name("`([A-Z]\\w+\\.[A-Z]\\w+)`");
  std::size_t count = 0;
  for (std::sregex_iterator found(text.begin(), text.end(), name); found != std::sregex_iterator(); ++found, ++count) {
    EXPECT_TRUE(tests.contains((*found)[1])) << (*found)[1];
  }
  EXPECT_GT(count, 50U);
}

}  // namespace
}  // namespace caisson::sandbox
