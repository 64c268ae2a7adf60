#include "sandbox/policy_print.h"
#include "sandbox/limit_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace caisson::sandbox {
namespace {

TEST(PolicyPrint, EqualPoliciesPrintTheSame) {
  Policy a;
  a.grants.directories = {{"/b", "b"}, {"/a", "a", Access::kWrite}};
  a.grants.imports = {"kv", "emit"};
  a.grants.env = {{"B", "1"}, {"A", "2"}};
  a.grants.net = {{"https://b.com", {}}, {"https://a.com", {"POST"}}};
  Policy b = a;
  std::ranges::reverse(b.grants.directories);
  std::ranges::reverse(b.grants.imports);
  std::ranges::reverse(b.grants.env);
  std::ranges::reverse(b.grants.net);
  EXPECT_EQ(digest_of(a), digest_of(b));
  EXPECT_EQ(to_value(a), to_value(b));
  EXPECT_EQ(digest_of(a).hex().size(), 64U);
}

TEST(PolicyPrint, EveryPartCounts) {
  const base::Digest plain = digest_of(Policy{});
  for (const LimitRow& row : limit_table()) {
    Policy policy;
    row.set(policy.limits, row.lowest + 1);
    EXPECT_NE(digest_of(policy), plain) << row.key;
  }
  std::vector<Policy> changed(12);
  changed[0].grants.wasi = true;
  changed[1].grants.directories = {{"/a", "a"}};
  changed[2].grants.directories = {{"/a", "a", Access::kWrite}};
  changed[3].grants.directories = {{"/a", "a", Access::kRead, true}};
  changed[4].grants.env = {{"A", "x"}};
  changed[5].grants.args = {"x"};
  changed[6].grants.stdin_is_input = true;
  changed[7].grants.clock = ClockMode::kVirtual;
  changed[8].grants.random = RandomMode::kSeeded;
  changed[9].grants.random = RandomMode::kSeeded;
  changed[9].grants.random_seed = 1;
  changed[10].grants.net = {{"https://a.com", {}}};
  changed[11].grants.secrets = {"s"};
  std::vector<std::string> digests = {plain.hex()};
  for (const Policy& policy : changed) {
    digests.push_back(digest_of(policy).hex());
  }
  std::ranges::sort(digests);
  EXPECT_EQ(std::ranges::adjacent_find(digests), digests.end());
}

TEST(PolicyPrint, ValuesOfTheHostAreLeftOut) {
  Policy policy;
  policy.grants.env = {{"KEY", "hunter2", true}, {"PLAIN", "x"}};
  const document::Value env = *to_value(policy).find("grants")->find("env");
  EXPECT_EQ(env, document::Value::map({{"KEY", document::Value::map({{"from", "host"}})}, {"PLAIN", "x"}}));
}

}  // namespace
}  // namespace caisson::sandbox
