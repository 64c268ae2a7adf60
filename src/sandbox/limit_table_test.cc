#include "sandbox/limit_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace caisson::sandbox {
namespace {

TEST(LimitTable, EveryRowReadsAndWritesAMemberOfItsOwn) {
  std::set<std::string_view> keys;
  for (const LimitRow& row : limit_table()) {
    SCOPED_TRACE(row.key);
    EXPECT_TRUE(keys.insert(row.key).second);
    EXPECT_FALSE(row.text.empty());
    const Amount standard = row.get(Limits{});
    EXPECT_TRUE(standard || row.can_be_absent);
    Limits limits;
    const std::uint64_t other = standard == Amount(row.lowest) ? row.lowest + 1'000 : row.lowest;
    row.set(limits, other);
    EXPECT_EQ(row.get(limits), Amount(other));
    EXPECT_NE(limits, Limits{});
    for (const LimitRow& neighbour : limit_table()) {
      if (&neighbour != &row) {
        EXPECT_EQ(neighbour.get(limits), neighbour.get(Limits{})) << neighbour.key;
      }
    }
    row.set(limits, standard);
    EXPECT_EQ(limits, Limits{});
  }
}

TEST(LimitTable, EveryMemberOfLimitsHasARow) {
  // A new member that no row names is a limit that nobody can ask for: add it to the table, then raise this number.
  EXPECT_EQ(limit_table().size(), 29U);
  EXPECT_EQ(sizeof(Limits), 272U);
}

TEST(LimitTable, DefaultsAreWithinTheCeilingAndTheRange) {
  for (const LimitRow& row : limit_table()) {
    SCOPED_TRACE(row.key);
    const Amount standard = row.get(Limits{});
    EXPECT_FALSE(is_wider(standard, row.ceiling));
    EXPECT_LE(row.lowest, row.highest);
    EXPECT_LE(standard.value_or(row.lowest), row.highest);
    EXPECT_GE(standard.value_or(row.lowest), row.lowest);
    EXPECT_LE(row.ceiling.value_or(row.highest), row.highest);
  }
}

TEST(LimitTable, TheCeilingThatIsBuiltIn) {
  const auto ceiling = [](std::string_view key) {
    const LimitRow* row = find_limit(key);
    EXPECT_NE(row, nullptr) << key;
    return row == nullptr ? "" : print_limit(*row, row->ceiling);
  };
  EXPECT_EQ(ceiling("memory"), "2GiB");
  EXPECT_EQ(ceiling("timeout"), "5m");
  for (const std::string_view key : {"result", "stdout", "stderr", "log"}) {
    EXPECT_EQ(ceiling(key), "64MiB") << key;
  }
  EXPECT_EQ(ceiling("fuel"), "unlimited");
  EXPECT_EQ(ceiling("cpu"), "unlimited");
}

TEST(LimitTable, TextsAtBothEdgesOfEveryRange) {
  for (const LimitRow& row : limit_table()) {
    SCOPED_TRACE(row.key);
    EXPECT_EQ(parse_limit(row, print_limit(row, row.lowest)).value(), Amount(row.lowest));
    EXPECT_EQ(parse_limit(row, print_limit(row, row.highest)).value(), Amount(row.highest));
    if (row.lowest > 0) {
      const auto below = parse_limit(row, print_limit(row, row.lowest - 1));
      ASSERT_FALSE(below);
      EXPECT_NE(below.error().message.find(row.key), std::string::npos);
    }
    EXPECT_FALSE(parse_limit(row, print_limit(row, row.highest + 1)));
    EXPECT_FALSE(parse_limit(row, "-1"));
    EXPECT_FALSE(parse_limit(row, "lots"));
    EXPECT_EQ(parse_limit(row, "unlimited").has_value(), row.can_be_absent);
  }
  EXPECT_EQ(print_limit(*find_limit("fuel"), std::nullopt), "unlimited");
  EXPECT_EQ(find_limit("mem"), nullptr);
}

TEST(LimitTable, IsTheOneOfTheDocumentation) {
  std::ifstream file(CAISSON_SOURCE_DIR "/docs/reference/policy.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(page.find(limit_documentation()), std::string::npos) << limit_documentation();
}

TEST(LimitTable, LimitsOfARunAreNoneOfACall) {
  ASSERT_EQ(run_limit_table().size(), 2U);
  const LimitRow& row = run_limit_table().front();
  EXPECT_EQ(find_run_limit("max_concurrency"), &row);
  EXPECT_EQ(find_run_limit("memory"), nullptr);
  EXPECT_EQ(find_limit("max_concurrency"), nullptr);
  EXPECT_EQ(parse_limit(row, "1024").value(), Amount(1'024));
  EXPECT_FALSE(parse_limit(row, "1025"));
  EXPECT_FALSE(parse_limit(row, "0"));
  EXPECT_FALSE(parse_limit(row, "unlimited"));
  EXPECT_EQ(row.ceiling, Amount(64));
  const LimitRow& memory = *find_run_limit("run_memory");
  EXPECT_EQ(memory.ceiling, Amount(4ULL << 30));
  EXPECT_EQ(parse_limit(memory, "1MiB").value(), Amount(1 << 20));
  EXPECT_FALSE(parse_limit(memory, "1048575"));
  // What nobody asked for fits: as many nodes at one time as there may be, each with all that it may have.
  EXPECT_GE(*memory.ceiling, *row.ceiling * Limits{}.memory_bytes);
}

TEST(LimitTable, NothingIsWiderThanNoLimit) {
  EXPECT_TRUE(is_wider(std::nullopt, 5));
  EXPECT_TRUE(is_wider(6, 5));
  EXPECT_FALSE(is_wider(5, 5));
  EXPECT_FALSE(is_wider(5, std::nullopt));
  EXPECT_FALSE(is_wider(std::nullopt, std::nullopt));
  EXPECT_EQ(tighter(std::nullopt, 5), Amount(5));
  EXPECT_EQ(tighter(4, 5), Amount(4));
}

}  // namespace
}  // namespace caisson::sandbox
