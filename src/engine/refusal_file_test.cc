#include "engine/refusal_file.h"

#include <gtest/gtest.h>

namespace caisson::engine {
namespace {

using namespace std::chrono_literals;

constexpr CompileCaps kCaps{.cpu = 30s, .wall = 60s, .memory_bytes = 1000, .code_bytes = 2000, .optimised_bytes = 3000};

TEST(RefusalFile, IsReadUnderTheSameCapsAndTighterOnes) {
  const std::string file = write_refusal_file(kCaps, "took more\nthan 30 s");
  EXPECT_EQ(file, "refused under 30 60000 1000 2000 3000\ntook more\nthan 30 s");
  CompileCaps tighter = kCaps;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(read_refusal_file(tighter, file), "took more\nthan 30 s");
    tighter = {.cpu = 1s, .wall = 1ms, .memory_bytes = 0, .code_bytes = 1999, .optimised_bytes = 3000};
  }
}

TEST(RefusalFile, SaysNothingOnceACapIsLarger) {
  const std::string file = write_refusal_file(kCaps, "x");
  std::array<CompileCaps, 6> larger;
  larger.fill(kCaps);
  larger[0].cpu = 31s;
  larger[1].wall = 60'001ms;
  larger[2].memory_bytes = 1001;
  larger[3].code_bytes = 2001;
  larger[4].optimised_bytes = 3001;
  larger[5].optimised_bytes = 2999;
  for (const CompileCaps& caps : larger) {
    EXPECT_FALSE(read_refusal_file(caps, file));
  }
}

TEST(RefusalFile, OtherBytesAreNone) {
  for (const std::string_view bytes :
       {"", "\n", "took more than 30 s", "refused under \nx", "refused under 30 60000 1000 2000 3000",
        "refused under 30 60000 1000 2000\nx", "refused under 30 60000 1000 2000 3000 \nx",
        "refused under 30  60000 1000 2000 3000\nx", "refused under -30 60000 1000 2000 3000\nx",
        "refused under 30 60000 1000 2000 99999999999999999999\nx", "refused under 30 60000 1000 2000 3000 1\nx",
        "refused  under 30 60000 1000 2000 3000\nx"}) {
    EXPECT_FALSE(read_refusal_file(kCaps, bytes)) << bytes;
  }
}

}  // namespace
}  // namespace caisson::engine
