#include "workflow/node_rules.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace caisson::workflow {
namespace {

using namespace std::chrono_literals;

std::vector<std::chrono::nanoseconds> waits(RetryRule rule, double chance = 0) {
  std::vector<std::chrono::nanoseconds> out;
  for (std::uint32_t attempt = 2; attempt <= 5; ++attempt) {
    out.push_back(rule.wait_before(attempt, chance));
  }
  return out;
}

bool covered(const RetryRule& rule, Category category, std::string reason) {
  return rule.covers({.error = Error{category, std::move(reason), ""}});
}

TEST(RetryRule, WaitsGrowAsTheBackoffSaysAndNoneIsLongerThanTheLongest) {
  const std::vector<std::chrono::nanoseconds> fixed{2s, 2s, 2s, 2s};
  const std::vector<std::chrono::nanoseconds> linear{2s, 4s, 6s, 7s};
  const std::vector<std::chrono::nanoseconds> exponential{2s, 4s, 7s, 7s};
  EXPECT_EQ(waits({.backoff = Backoff::kFixed, .delay = 2s, .longest = 7s}), fixed);
  EXPECT_EQ(waits({.backoff = Backoff::kLinear, .delay = 2s, .longest = 7s}), linear);
  EXPECT_EQ(waits({.backoff = Backoff::kExponential, .delay = 2s, .longest = 7s}), exponential);
}

TEST(RetryRule, TheLastAttemptsDoNotOverflow) {
  const RetryRule rule{.attempts = RetryRule::kMostAttempts, .delay = 1h, .longest = 24h};
  EXPECT_EQ(rule.wait_before(RetryRule::kMostAttempts, 1), 24h);
}

TEST(RetryRule, JitterLeavesAPartToChance) {
  const RetryRule rule{.backoff = Backoff::kFixed, .delay = 10s, .jitter = 0.4};
  EXPECT_EQ(rule.wait_before(2, 0), 6s);
  EXPECT_EQ(rule.wait_before(2, 0.5), 8s);
  EXPECT_EQ(rule.wait_before(2, 1), 10s);
}

TEST(RetryRule, CoversWhatIsNamedByReasonBeginningOrCategory) {
  EXPECT_TRUE(covered({}, Category::kInternal, "anything.at_all"));
  const RetryRule some{.on = {"sandbox.deadline", "net.*", "unavailable"}};
  EXPECT_TRUE(covered(some, Category::kDeadlineExceeded, "sandbox.deadline"));
  EXPECT_FALSE(covered(some, Category::kDeadlineExceeded, "sandbox.deadlines"));
  EXPECT_TRUE(covered(some, Category::kInternal, "net.refused"));
  EXPECT_FALSE(covered(some, Category::kInternal, "network.refused"));
  EXPECT_TRUE(covered(some, Category::kUnavailable, "test.x"));
  EXPECT_FALSE(covered(some, Category::kInternal, "test.x"));
}

TEST(RetryRule, NeverCoversWhatIsDeniedCancelledOrAViolation) {
  const RetryRule all{.on = {"test.*"}};
  for (const RetryRule& rule : {RetryRule{}, all}) {
    EXPECT_FALSE(covered(rule, Category::kPermissionDenied, "test.x"));
    EXPECT_FALSE(covered(rule, Category::kCancelled, "test.x"));
    NodeOutcome violation{.error = Error{Category::kGuestFault, "test.x", ""}, .details = SandboxDetails{}};
    EXPECT_TRUE(rule.covers(violation));
    violation.details->violations.emplace_back();
    EXPECT_FALSE(rule.covers(violation));
  }
}

TEST(Backoff, NamesAreThoseOfDefinitions) {
  for (const Backoff backoff : {Backoff::kFixed, Backoff::kLinear, Backoff::kExponential}) {
    EXPECT_EQ(backoff_from(to_string(backoff)), backoff);
  }
  EXPECT_EQ(backoff_from("random"), std::nullopt);
}

}  // namespace
}  // namespace caisson::workflow
