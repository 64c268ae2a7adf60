#include "workflow/metadata.h"

#include "base/testing/fake_environment.h"
#include "workflow/testing/fake_runners.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

namespace caisson::workflow {
namespace {

using document::Value;

/// A record in which the named nodes have metadata `{"by": id}`.
RunRecord record_of(const Plan& plan, const std::vector<std::string_view>& with_metadata, Value context) {
  RunRecord record = empty_record(plan);
  record.run.context = std::move(context);
  for (NodeIndex i = 0; i < plan.size(); ++i) {
    record.nodes[i].state = NodeState::kSucceeded;
    if (std::ranges::find(with_metadata, plan.id(i)) != with_metadata.end()) {
      record.nodes[i].metadata = Value::map({{"by", plan.id(i)}});
    }
  }
  return record;
}

std::vector<std::string> names_of(const Value& merged) {
  std::vector<std::string> out;
  for (const document::Entry& entry : *merged.as_map()) {
    out.push_back(entry.name);
  }
  return out;
}

TEST(Metadata, OfTheRequest) {
  base::FakeEnvironment environment;
  EXPECT_EQ(request_metadata("a.yaml", "hello", environment),
            Value::map({{"config_file", "a.yaml"}, {"hostname", "unknown"}, {"input_text", "hello"}}));
  environment.set_variable("HOSTNAME", "box");
  EXPECT_EQ(*request_metadata("a.yaml", "hello", environment).find("hostname")->as_string(), "box");
}

TEST(Metadata, IsMergedFromAncestorsByRankAndId) {
  const Plan plan = plan_of(
      {{"z", {}}, {"a", {}}, {"other", {}}, {"m", {"z"}}, {"k", {"a", "m"}}, {"silent", {"k"}}, {"end", {"silent"}}});
  const RunRecord record = record_of(plan, {"z", "a", "other", "m", "k", "end"}, Value::map({{"config_file", "f"}}));
  EXPECT_EQ(names_of(merged_metadata(plan, record, 6)),
            (std::vector<std::string>{"request", "a", "z", "m", "k", "end"}));
  EXPECT_EQ(names_of(merged_metadata(plan, record, 0)), (std::vector<std::string>{"request", "z"}));
  EXPECT_EQ(*merged_metadata(plan, record, 4).find("m"), Value::map({{"by", "m"}}));
  EXPECT_EQ(merged_metadata(plan, record, 3).find("other"), nullptr);
}

TEST(Metadata, NodesThatFoundNothingHaveNoEntry) {
  const Plan plan = plan_of({{"a"}, {"b", {"a"}}});
  RunRecord record = record_of(plan, {}, Value());
  record.nodes[0].metadata = Value::map();
  EXPECT_EQ(merged_metadata(plan, record, 1), Value::map());
  EXPECT_EQ(summarize_metadata(plan, record)[1].entries, 0U);
}

TEST(MetadataSummary, CountsSharedAncestorsOnce) {
  const Plan plan = plan_of({{"top"}, {"l", {"top"}}, {"r", {"top"}}, {"join", {"l", "r"}}});
  const RunRecord record = record_of(plan, {"top", "l", "r", "join"}, Value::map({{"k", 1}}));
  const auto summaries = summarize_metadata(plan, record);
  EXPECT_EQ(summaries[0].entries, 2U);
  EXPECT_EQ(summaries[3].entries, 5U);
  EXPECT_EQ(summaries[3].sample_count, 3U);
  EXPECT_EQ(summaries[3].samples, (std::array<MetadataSummary::Sample, 3>{{{true, 0}, {false, 0}, {false, 1}}}));
  EXPECT_FALSE(summaries[3].more);
}

TEST(MetadataSummary, StopsCountingAtTheCap) {
  std::vector<TestNode> nodes;
  std::vector<std::string> ids;
  for (int i = 0; i < 1'500; ++i) {
    nodes.push_back({fmt::format("n{:05}", i), i == 0 ? std::vector<std::string>{} : std::vector{nodes.back().id}});
  }
  for (const TestNode& node : nodes) {
    ids.push_back(node.id);
  }
  const Plan plan = plan_of(nodes);
  const RunRecord record = record_of(plan, {ids.begin(), ids.end()}, Value());
  const auto summaries = summarize_metadata(plan, record);
  EXPECT_EQ(summaries[998].entries, 999U);
  EXPECT_EQ(summaries[999].entries, 1'000U);
  EXPECT_FALSE(summaries[999].more);
  EXPECT_EQ(summaries[1'000].entries, 1'000U);
  EXPECT_TRUE(summaries[1'000].more);
  EXPECT_TRUE(summaries[1'499].more);
  EXPECT_EQ(summaries[1'499].samples[2], (MetadataSummary::Sample{false, 2}));
}

TEST(MetadataSummary, TheRunsOwnEntryCountsTowardsTheCap) {
  std::vector<TestNode> nodes;
  for (int i = 0; i < 1'000; ++i) {
    nodes.push_back({fmt::format("n{:05}", i), i == 0 ? std::vector<std::string>{} : std::vector{nodes.back().id}});
  }
  const Plan plan = plan_of(nodes);
  std::vector<std::string_view> ids;
  for (const TestNode& node : nodes) {
    ids.push_back(node.id);
  }
  const auto summaries = summarize_metadata(plan, record_of(plan, ids, Value::map({{"k", 1}})));
  EXPECT_EQ(summaries[998].entries, 1'000U);
  EXPECT_FALSE(summaries[998].more);
  EXPECT_EQ(summaries[999].entries, 1'000U);
  EXPECT_TRUE(summaries[999].more);
}

TEST(MetadataSummary, AgreesWithTheMergedViewInAnyGraph) {
  std::mt19937 random(3);
  for (int round = 0; round < 100; ++round) {
    std::vector<TestNode> nodes;
    std::vector<std::string_view> bearing;
    const std::size_t count = 1 + random() % 50;
    for (std::size_t i = 0; i < count; ++i) {
      nodes.push_back({fmt::format("n{}", random() % 1000 * 100 + i)});
      for (std::size_t d = 0; d < i; ++d) {
        if (random() % 5 == 0) {
          nodes.back().depends_on.push_back(nodes[d].id);
        }
      }
    }
    for (const TestNode& node : nodes) {
      if (random() % 2 == 0) {
        bearing.push_back(node.id);
      }
    }
    const Plan plan = plan_of(nodes);
    const RunRecord record = record_of(plan, bearing, random() % 2 == 0 ? Value() : Value::map({{"k", 1}}));
    const auto summaries = summarize_metadata(plan, record);
    for (NodeIndex node = 0; node < plan.size(); ++node) {
      const std::vector<std::string> names = names_of(merged_metadata(plan, record, node));
      const MetadataSummary& summary = summaries[node];
      ASSERT_EQ(summary.entries, names.size());
      ASSERT_EQ(summary.sample_count, std::min<std::size_t>(3, names.size()));
      for (std::size_t i = 0; i < summary.sample_count; ++i) {
        const auto& sample = summary.samples.at(i);
        ASSERT_EQ(sample.is_request ? kRequestId : plan.id(sample.node), names[i]);
      }
    }
  }
}

}  // namespace
}  // namespace caisson::workflow
