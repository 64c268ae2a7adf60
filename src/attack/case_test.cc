#include "attack/case.h"

#include "attack/files.h"
#include "attack/internal/bombs.h"
#include "attack/judge.h"
#include "attack/suite.h"
#include "document/parse.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace caisson::attack {
namespace {

constexpr int kModelled = 210;  // attacks of the threat model

TEST(Case, IsReadFromItsFile) {
  const auto one = read_case(
      "attack: a guest does something\ncontrols: [memory, fuel]\nsteps:\n  - plant: {a: b}\n  - run: {module: x}\n  - "
      "run: "
      "{module: y}\nexpect: {verdict: OK}\nharm:\n  - output_has: a\n  - output_has: b\n",
      "SA-001_some_name");
  ASSERT_TRUE(one) << one.error().diagnostics.front().message;
  EXPECT_EQ(one->id, "SA-001");
  EXPECT_EQ(one->name, "some_name");
  EXPECT_EQ(one->controls, (std::vector{base::Control::kMemory, base::Control::kFuel}));
  ASSERT_EQ(one->steps.size(), 3U);
  EXPECT_EQ(one->steps[2].name, "run");
  EXPECT_EQ(one->harm.size(), 2U);
}

TEST(Case, SaysEverythingThatIsWrongWithIt) {
  const auto one =
      read_case("attack: [1]\ncontrols: [memory, nonsense]\ninstead: x\nsteps: 3\nexpectation: {}\n", "SA-1_x");
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().reason, "attack.invalid_case");
  EXPECT_EQ(one.error().diagnostics.size(), 6U);
}

TEST(Case, AllThatAreInTheProgramCanBeRead) {
  const auto all = all_cases();
  ASSERT_TRUE(all) << all.error().diagnostics.front().message;
  EXPECT_GE(all->size(), 100U);
  std::set<std::string> ids;
  for (const Case& one : *all) {
    EXPECT_TRUE(ids.insert(one.id).second) << one.id;
    for (const Condition& condition : one.expect) {
      EXPECT_TRUE(holds(condition, Facts())) << one.id << " expects " << to_string(condition);
    }
    for (const Condition& condition : one.harm) {
      EXPECT_TRUE(holds(condition, Facts())) << one.id << " has " << to_string(condition);
    }
    EXPECT_TRUE(one.controls.empty() || !one.harm.empty()) << one.id << " shows no harm";
  }
}

/// A control that no attack proves is a promise without a test.
TEST(Case, EveryControlHasOne) {
  const auto all = all_cases();
  ASSERT_TRUE(all);
  for (const base::Control control : base::all_controls()) {
    const bool proved = std::ranges::any_of(
        *all, [&](const Case& one) { return std::ranges::find(one.controls, control) != one.controls.end(); });
    EXPECT_TRUE(proved) << base::to_string(control);
  }
}

/// The numbers of the threat model are all there, either as data or in the list of those that are left out, which
/// counts.
TEST(Case, WhatIsLeftOutIsListed) {
  std::ifstream in(CAISSON_SOURCE_DIR "/docs/reference/attacks.md");
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  const auto all = all_cases();
  ASSERT_TRUE(all);
  int numbered = 0;
  for (int number = 1; number <= kModelled; ++number) {
    const std::string id = fmt::format("SA-{:03}", number);
    const bool is_data = std::ranges::find(*all, id, &Case::id) != all->end();
    EXPECT_NE(is_data, page.find("\n| " + id + " | ") != std::string::npos) << id;
    numbered += is_data ? 1 : 0;
  }
  EXPECT_NE(page.find(fmt::format("has {} numbered attacks. {} of them, and {} more", kModelled, numbered,
                                  static_cast<int>(all->size()) - numbered)),
            std::string::npos)
      << numbered << " of " << all->size();
}

TEST(Judge, AsksForFacts) {
  Facts facts;
  facts.verdict = "E_FUEL";
  facts.output = "hello";
  facts.usage["fuel"] = 100;
  facts.violations = {"fuel_limit"};
  const auto ask = [&](std::string_view fact, std::string_view wanted) {
    return holds({std::string(fact), document::parse_yaml(wanted, "wanted").value()}, facts);
  };
  EXPECT_EQ(ask("verdict", "E_FUEL"), true);
  EXPECT_EQ(ask("verdict", "[OK, E_FUEL]"), true);
  EXPECT_EQ(ask("verdict", "OK"), false);
  EXPECT_EQ(ask("output_has", "ell"), true);
  EXPECT_EQ(ask("output_lacks", "ell"), false);
  EXPECT_EQ(ask("output_over", "4"), true);
  EXPECT_EQ(ask("usage_over", "{fuel: 99}"), true);
  EXPECT_EQ(ask("usage_over", "{fuel: 100}"), false);
  EXPECT_EQ(ask("usage_over", "{unknown: 0}"), false);
  EXPECT_EQ(ask("violation", "fuel_limit"), true);
  EXPECT_EQ(ask("file_exists", "nothing"), false);
  EXPECT_EQ(ask("no_such_fact", "1"), std::nullopt);
  EXPECT_EQ(ask("output_over", "many"), std::nullopt);
}

TEST(Verdict, GoesThroughJson) {
  const Verdict verdict{
      .id = "SA-001", .verdict = "E_MEM", .wrong = {"a"}, .harm = {"b\x1b"}, .took = std::chrono::milliseconds(7)};
  const auto back = verdict_from_json(to_json(verdict));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->id, verdict.id);
  EXPECT_EQ(back->verdict, verdict.verdict);
  EXPECT_EQ(back->wrong, verdict.wrong);
  EXPECT_EQ(back->harm, verdict.harm);
  EXPECT_EQ(back->took, verdict.took);
  EXPECT_FALSE(verdict_from_json("{}"));
  EXPECT_FALSE(verdict_from_json("caisson: cannot go on"));
}

TEST(Bombs, AreMadeByNameAndNumber) {
  const auto make = [](std::string_view what) { return make_bomb(document::parse_yaml(what, "bomb").value()); };
  const auto small = make("{bomb: functions, count: 2}");
  ASSERT_TRUE(small);
  EXPECT_TRUE(small->starts_with(std::string_view("\0asm", 4)));
  EXPECT_GT(make("{bomb: functions, count: 900000}")->size(), 3'000'000U);
  EXPECT_FALSE(make("{bomb: no_such_bomb}"));
  EXPECT_FALSE(make("{bomb: functions, count: -1}"));
}

}  // namespace
}  // namespace caisson::attack
