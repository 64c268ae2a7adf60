#include "workflow/internal/gates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace caisson::workflow {
namespace {

/// Runs that wait at gates; says who was called.
class Visitors {
 public:
  explicit Visitors(const std::vector<std::size_t>& limits) : gates(groups_of(limits)) {}

  bool enter(const char& run, NodeIndex node, const Gates::Groups& groups) {
    return gates.enter(
        groups, {&run, node, [](std::uint32_t) {}, [this, &run, node] { called += run + std::to_string(node) + ' '; }});
  }

  Gates gates;
  std::string called;

 private:
  static std::vector<NodeGroup> groups_of(const std::vector<std::size_t>& limits) {
    std::vector<NodeGroup> out;
    std::ranges::transform(limits, std::back_inserter(out), [](std::size_t limit) { return NodeGroup{limit}; });
    return out;
  }
};

constexpr char kA = 'a';
constexpr char kB = 'b';

TEST(Gates, LetInAsManyAsTheLimitAndCallTheFirstInLine) {
  Visitors visitors({2});
  EXPECT_TRUE(visitors.enter(kA, 1, {0}));
  EXPECT_TRUE(visitors.enter(kA, 2, {0}));
  EXPECT_FALSE(visitors.enter(kA, 3, {0}));
  EXPECT_FALSE(visitors.enter(kA, 4, {0}));
  EXPECT_EQ(visitors.called, "");
  visitors.gates.leave({0});
  EXPECT_EQ(visitors.called, "a3 ");
  EXPECT_FALSE(visitors.enter(kA, 5, {0}));  // behind those who wait
  EXPECT_TRUE(visitors.enter(kA, 3, {0}));
  EXPECT_EQ(visitors.called, "a3 ");
}

TEST(Gates, TheNextIsCalledWhenSeveralPlacesBecameFreeBeforeTheFirstCame) {
  Visitors visitors({2});
  EXPECT_TRUE(visitors.enter(kA, 1, {0}));
  EXPECT_TRUE(visitors.enter(kA, 2, {0}));
  EXPECT_FALSE(visitors.enter(kA, 3, {0}));
  EXPECT_FALSE(visitors.enter(kA, 4, {0}));
  visitors.gates.leave({0});
  visitors.gates.leave({0});
  EXPECT_EQ(visitors.called, "a3 ");
  EXPECT_TRUE(visitors.enter(kA, 3, {0}));
  EXPECT_EQ(visitors.called, "a3 a4 ");
  EXPECT_TRUE(visitors.enter(kA, 4, {0}));
}

TEST(Gates, ARunThatDoesNotComeKeepsNoOtherFromComing) {
  Visitors visitors({1});
  EXPECT_TRUE(visitors.enter(kA, 1, {0}));
  EXPECT_FALSE(visitors.enter(kB, 7, {0}));
  EXPECT_FALSE(visitors.enter(kA, 2, {0}));
  visitors.gates.leave({0});
  EXPECT_EQ(visitors.called, "b7 a2 ");  // who has waited longest first
  EXPECT_TRUE(visitors.enter(kA, 2, {0}));
  EXPECT_FALSE(visitors.enter(kB, 7, {0}));  // too late; it is called again
  visitors.gates.leave({0});
  EXPECT_EQ(visitors.called, "b7 a2 b7 ");
  EXPECT_TRUE(visitors.enter(kB, 7, {0}));
}

TEST(Gates, AllGroupsOrNone) {
  Visitors visitors({1, 1});
  EXPECT_TRUE(visitors.enter(kA, 1, {0}));
  EXPECT_FALSE(visitors.enter(kA, 2, {0, 1}));
  EXPECT_TRUE(visitors.enter(kA, 3, {1}));  // 2 holds nothing while it waits
  visitors.gates.leave({0});
  EXPECT_EQ(visitors.called, "");
  visitors.gates.leave({1});
  EXPECT_EQ(visitors.called, "a2 ");
  EXPECT_TRUE(visitors.enter(kA, 2, {0, 1}));
}

TEST(Gates, WhoIsForgottenIsNotCalled) {
  Visitors visitors({1});
  EXPECT_TRUE(visitors.enter(kA, 1, {0}));
  EXPECT_FALSE(visitors.enter(kB, 7, {0}));
  EXPECT_FALSE(visitors.enter(kA, 2, {0}));
  visitors.gates.forget(&kB);
  visitors.gates.leave({0});
  EXPECT_EQ(visitors.called, "a2 ");
}

}  // namespace
}  // namespace caisson::workflow
