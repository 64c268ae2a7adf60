#include "workflow/plan.h"

#include "workflow/testing/fake_runners.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace caisson::workflow {
namespace {

std::vector<NodeIndex> list(std::span<const NodeIndex> nodes) { return {nodes.begin(), nodes.end()}; }

/// `line:column reason message`, one line each.
std::string shown(const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics) {
    out += fmt::format("{}:{} {} {}\n", d.where.line, d.where.column, d.reason, d.message);
  }
  return out;
}

TEST(Plan, HasRanksOrderAndDependents) {
  // d waits for b and c, c for b; the definition's order is not the plan's.
  const Plan plan = plan_of({{"d", {"b", "c"}}, {"a"}, {"b", {"a"}}, {"c", {"b"}}, {"e"}});
  ASSERT_EQ(plan.size(), 5U);
  EXPECT_EQ(plan.edge_count(), 4U);
  EXPECT_EQ(plan.rank_count(), 4U);
  EXPECT_EQ(plan.id(0), "d");
  EXPECT_EQ(plan.id(4), "e");
  EXPECT_EQ(plan.rank(0), 3U);
  EXPECT_EQ(plan.rank(1), 0U);
  EXPECT_EQ(plan.rank(2), 1U);
  EXPECT_EQ(plan.rank(3), 2U);
  EXPECT_EQ(plan.rank(4), 0U);
  EXPECT_EQ(list(plan.order()), (std::vector<NodeIndex>{1, 4, 2, 3, 0}));
  EXPECT_EQ(list(plan.nodes_of_rank(0)), (std::vector<NodeIndex>{1, 4}));
  EXPECT_EQ(list(plan.nodes_of_rank(3)), (std::vector<NodeIndex>{0}));
  EXPECT_EQ(list(plan.dependencies(0)), (std::vector<NodeIndex>{2, 3}));
  EXPECT_EQ(list(plan.dependents(2)), (std::vector<NodeIndex>{0, 3}));
  EXPECT_TRUE(plan.dependents(0).empty());
}

TEST(Plan, OfNothingIsEmpty) {
  const Plan plan = plan_of({});
  EXPECT_EQ(plan.size(), 0U);
  EXPECT_EQ(plan.rank_count(), 0U);
  EXPECT_TRUE(plan.order().empty());
}

TEST(Plan, ReportsAllReferenceProblemsTogether) {
  const auto plan = try_plan({{"input", {"inptu"}},
                              {"input"},
                              {"self", {"self"}},
                              {"request"},
                              {""},
                              {std::string(257, 'x')},
                              {"bell\a"},
                              {"c1\xC2\x85"},
                              {"bad\xFF"},
                              {"last", {"nothing_like_it", "input"}}});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().category, Category::kInvalidArgument);
  EXPECT_EQ(plan.error().reason, "workflow.invalid_definition");
  EXPECT_EQ(plan.error().message.substr(0, 30), "'test.yaml' has 10 problems; t");
  EXPECT_EQ(shown(plan.error().diagnostics),
            "1:2 workflow.unknown_dependency node 'input' depends on 'inptu', which does not exist (did you mean "
            "'input'?)\n"
            "2:1 workflow.duplicate_id duplicate id 'input': line 1 has it already; ids must be unique\n"
            "3:2 workflow.self_dependency node 'self' depends on itself\n"
            "4:1 workflow.bad_id the id 'request' is taken: the metadata of the run has that name; choose another\n"
            "5:1 workflow.bad_id a node's id must not be empty\n"
            "6:1 workflow.bad_id the id '" +
                std::string(64, 'x') +
                "…' has 257 bytes; at most 256 are allowed\n"
                "7:1 workflow.bad_id the id 'bell\\u{7}' has control characters; leave them out\n"
                "8:1 workflow.bad_id the id 'c1\\u{85}' has control characters; leave them out\n"
                "9:1 workflow.bad_id the id 'bad\\xff' is not UTF-8\n"
                "10:2 workflow.unknown_dependency node 'last' depends on 'nothing_like_it', which does not exist\n");
}

TEST(Plan, AcceptsIdsOfAnyLanguage) {
  const Plan plan = plan_of({{"größe 🦀"}, {"\"quoted\\\" -> x", {"größe 🦀"}}, {std::string(256, 'x')}});
  EXPECT_EQ(plan.id(0), "größe 🦀");
}

TEST(Plan, NamesACycle) {
  const auto plan = try_plan({{"x"}, {"c", {"x", "a"}}, {"a", {"b"}}, {"b", {"c"}}, {"after", {"a"}}});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().reason, "workflow.cycle");
  EXPECT_EQ(plan.error().message, "Cyclic dependency detected: c -> a -> b -> c");
  EXPECT_EQ(shown(plan.error().diagnostics), "2:1 workflow.cycle Cyclic dependency detected: c -> a -> b -> c\n");
}

TEST(Plan, ACycleBeginsWithItsFirstNodeWhereverTheSearchCameFrom) {
  const auto plan = try_plan({{"outside", {"b"}}, {"a", {"b"}}, {"b", {"a"}}});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().message, "Cyclic dependency detected: a -> b -> a");
}

TEST(Plan, NamesEveryCycleOnce) {
  const auto plan = try_plan({{"a", {"b"}}, {"b", {"a"}}, {"c", {"d", "a"}}, {"d", {"c"}}});
  ASSERT_FALSE(plan);
  EXPECT_EQ(shown(plan.error().diagnostics),
            "1:1 workflow.cycle Cyclic dependency detected: a -> b -> a\n"
            "3:1 workflow.cycle Cyclic dependency detected: c -> d -> c\n");
}

TEST(Plan, LooksForNoCycleWhileAReferenceIsWrong) {
  const auto plan = try_plan({{"a", {"b"}}, {"b", {"a"}}, {"c", {"nobody"}}});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().reason, "workflow.unknown_dependency");
  EXPECT_EQ(plan.error().diagnostics.size(), 1U);
}

TEST(Plan, AHugeCycleHasAShortMessage) {
  std::vector<TestNode> nodes;
  for (int i = 0; i < 100'000; ++i) {
    nodes.push_back({fmt::format("n{}", i), {fmt::format("n{}", (i + 1) % 100'000)}});
  }
  const auto plan = try_plan(nodes);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().message.substr(0, 42), "Cyclic dependency detected: n0 -> n1 -> n2");
  EXPECT_TRUE(plan.error().message.ends_with("n18 -> n19 -> ... (99980 more) -> n0")) << plan.error().message;
  EXPECT_LT(plan.error().message.size(), 300U);
}

TEST(Plan, WarnsOfADiamondAndOfARepetition) {
  const Plan plan = plan_of({{"top"}, {"left", {"top"}}, {"right", {"top"}}, {"join", {"left", "right", "left"}}});
  EXPECT_EQ(shown(plan.warnings()),
            "4:4 workflow.duplicate_dependency node 'join' lists 'left' more than once; once is enough\n"
            "4:1 workflow.diamond node 'join' joins 'left' and 'right', which both depend on 'top'\n");
  EXPECT_EQ(list(plan.dependencies(3)), (std::vector<NodeIndex>{1, 2}));
}

TEST(Plan, WarnsOfADiamondWithLongArms) {
  const Plan plan = plan_of({{"top"}, {"l1", {"top"}}, {"l2", {"l1"}}, {"r", {"top"}}, {"join", {"l2", "r"}}});
  EXPECT_EQ(shown(plan.warnings()),
            "5:1 workflow.diamond node 'join' joins 'l2' and 'r', which both come from 'top'\n");
}

TEST(Plan, DoesNotWarnOfPathsThatDoNotFork) {
  EXPECT_TRUE(plan_of({{"a"}, {"b"}, {"join", {"a", "b"}}}).warnings().empty());
  EXPECT_TRUE(plan_of({{"a"}, {"b", {"a"}}, {"short_cut", {"a", "b"}}}).warnings().empty());
  EXPECT_TRUE(plan_of({{"a"}, {"b", {"a"}}, {"c", {"b"}}, {"short_cut", {"b", "c"}}}).warnings().empty());
}

TEST(Plan, KeepsAtMostAHundredProblemsAndCountsTheRest) {
  std::vector<TestNode> nodes(150, {"same"});
  const auto plan = try_plan(nodes);
  ASSERT_FALSE(plan);
  ASSERT_EQ(plan.error().diagnostics.size(), 101U);
  EXPECT_EQ(plan.error().diagnostics.back().message, "and 49 more problems");
  EXPECT_EQ(plan.error().message.substr(0, 29), "'test.yaml' has 149 problems;");
}

TEST(Plan, RefusesTooManyNodes) {
  const std::vector<PlanNode> nodes(kMaxPlanNodes + 1);
  const auto plan = make_plan(nodes);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().category, Category::kResourceExhausted);
  EXPECT_EQ(plan.error().reason, "workflow.too_many_nodes");
}

TEST(Plan, HoldsALongChain) {
  constexpr std::size_t kCount = 300'000;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < kCount; ++i) {
    ids.push_back(fmt::format("n{}", i));
  }
  std::vector<Dependency> dependencies;
  for (const std::string& id : ids) {
    dependencies.push_back({id});
  }
  std::vector<PlanNode> nodes;
  for (std::size_t i = 0; i < kCount; ++i) {
    nodes.push_back({ids[i], std::span(dependencies).subspan(i == 0 ? 0 : i - 1, i == 0 ? 0 : 1)});
  }
  const auto plan = make_plan(nodes);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->rank_count(), kCount);
  EXPECT_EQ(plan->source(kCount - 1), kCount - 2);
}

TEST(PlanSource, IsTheInputUntilSomethingTransforms) {
  const Plan plan = plan_of({{"count", {}, Intent::kAnalyze},
                             {"more", {"count"}, Intent::kAnalyze},
                             {"upper", {"more"}},
                             {"last", {"upper"}, Intent::kAnalyze},
                             {"end", {"last"}}});
  EXPECT_EQ(plan.source(0), std::nullopt);
  EXPECT_EQ(plan.source(1), std::nullopt);
  EXPECT_EQ(plan.source(2), std::nullopt);
  EXPECT_EQ(plan.source(3), 2U);
  EXPECT_EQ(plan.source(4), 2U);
}

TEST(PlanSource, PrefersTheHigherRankAndThenTheSmallerId) {
  const Plan plan = plan_of({{"b"}, {"a"}, {"tie", {"b", "a"}}, {"c", {"b"}}, {"higher", {"a", "c"}}});
  EXPECT_EQ(plan.source(2), 1U);  // a before b, although b is written first
  EXPECT_EQ(plan.source(4), 3U);  // rank 1 before rank 0
}

TEST(PlanSource, IsTheBestOfAllAncestorsInAnyGraph) {
  std::mt19937 random(20250101);
  for (int round = 0; round < 200; ++round) {
    const std::size_t count = 1 + random() % 40;
    std::vector<TestNode> nodes;
    for (std::size_t i = 0; i < count; ++i) {
      TestNode node{fmt::format("n{}", random() % 1'000'000 * 100 + i),
                    {},
                    random() % 3 == 0 ? Intent::kAnalyze : Intent::kTransform};
      for (std::size_t d = 0; d < i; ++d) {
        if (random() % 6 == 0) {
          node.depends_on.push_back(nodes[d].id);
        }
      }
      nodes.push_back(std::move(node));
    }
    const Plan plan = plan_of(nodes);
    std::vector<std::vector<bool>> before(count, std::vector<bool>(count));  // ancestors; nodes come after theirs
    for (NodeIndex i = 0; i < count; ++i) {
      std::optional<NodeIndex> best;
      for (const NodeIndex d : plan.dependencies(i)) {
        before[i][d] = true;
        for (NodeIndex a = 0; a < d; ++a) {
          before[i][a] = before[i][a] || before[d][a];
        }
      }
      for (NodeIndex a = 0; a < i; ++a) {
        if (before[i][a] && plan.intent(a) == Intent::kTransform && (!best || plan.outranks(a, *best))) {
          best = a;
        }
      }
      ASSERT_EQ(plan.source(i), best) << "round " << round << ", node " << i;
    }
  }
}

}  // namespace
}  // namespace caisson::workflow
