#include "base/suggest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace caisson::base {
namespace {

constexpr std::array<std::string_view, 4> kStrategies = {"work_queue", "level", "reactive", "hybrid"};

TEST(Closest, FindsWhatIsAFewEditsAway) {
  EXPECT_EQ(closest("work_queu", kStrategies), "work_queue");    // one left out
  EXPECT_EQ(closest("workk_queue", kStrategies), "work_queue");  // one too many
  EXPECT_EQ(closest("work-queue", kStrategies), "work_queue");   // one wrong
  EXPECT_EQ(closest("wrok_queue", kStrategies), "work_queue");   // two swapped
  EXPECT_EQ(closest("wrok_queeu", kStrategies), "work_queue");   // both, twice
  EXPECT_EQ(closest("level", kStrategies), "level");
}

TEST(Closest, FindsNothingFartherAway) {
  EXPECT_EQ(closest("orkqueu", kStrategies), std::nullopt);  // three left out
  EXPECT_EQ(closest("parallel", kStrategies), std::nullopt);
  EXPECT_EQ(closest("", kStrategies), std::nullopt);
  EXPECT_EQ(closest("level", {}), std::nullopt);
}

TEST(Closest, FindsTheOnlyOneThatTheWordIsTheFirstOf) {
  constexpr std::array<std::string_view, 4> kWords = {"timeout_seconds", "retry_attempts", "retry_delay", "batches"};
  EXPECT_EQ(closest("timeout", kWords), "timeout_seconds");
  EXPECT_EQ(closest("timeo", kWords), std::nullopt);
  EXPECT_EQ(closest("retry", kWords), std::nullopt);  // two
  EXPECT_EQ(closest("batch", kWords), "batches");     // near enough
}

TEST(Closest, AllowsOneEditInAShortWord) {
  constexpr std::array<std::string_view, 2> kWords = {"name", "type"};
  EXPECT_EQ(closest("nane", kWords), "name");
  EXPECT_EQ(closest("nome", kWords), "name");
  EXPECT_EQ(closest("tyep", kWords), "type");
  EXPECT_EQ(closest("tipo", kWords), std::nullopt);
}

TEST(Closest, NeverReplacesAWholeWord) {
  constexpr std::array<std::string_view, 2> kWords = {"a", "id"};
  EXPECT_EQ(closest("b", kWords), std::nullopt);
  EXPECT_EQ(closest("is", kWords), "id");
}

TEST(Closest, PrefersTheNearestAndThenTheFirst) {
  constexpr std::array<std::string_view, 3> kWords = {"prefixes", "prefix_a", "prefix"};
  EXPECT_EQ(closest("prefix_", kWords), "prefix_a");  // as near as "prefix", and before it
  EXPECT_EQ(closest("prefi", kWords), "prefix");
}

TEST(Closest, PassesOverWordsNobodyMistypes) {
  const std::string long_word(65, 'a');
  const std::string almost = long_word.substr(1);
  const std::array<std::string_view, 1> words = {long_word};
  EXPECT_EQ(closest(long_word, words), std::nullopt);
  EXPECT_EQ(closest(almost, words), std::nullopt);
  const std::array<std::string_view, 1> longest = {almost};
  EXPECT_EQ(closest(almost.substr(1), longest), almost);
}

TEST(DidYouMean, IsTheEndOfAMessage) {
  EXPECT_EQ(did_you_mean("work-queue", kStrategies), " (did you mean 'work_queue'?)");
  EXPECT_EQ(did_you_mean("else", kStrategies), "");
  EXPECT_EQ(did_you_mean("sufix", {"prefix", "suffix"}), " (did you mean 'suffix'?)");
}

}  // namespace
}  // namespace caisson::base
