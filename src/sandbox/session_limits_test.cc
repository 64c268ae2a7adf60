#include "sandbox/session_limits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace caisson::sandbox {
namespace {

TEST(SessionLimits, AreRowsOfTheTableOfLimits) {
  const auto table = limit_table();
  auto at = table.begin();
  for (const SessionLimit& limit : session_limits()) {
    at = std::find_if(at, table.end(), [&](const LimitRow& row) { return row.key == limit.key; });
    ASSERT_NE(at, table.end()) << limit.key << " is none, or is not in their order";
  }
}

TEST(SessionLimits, EachIsTakenFromWhatIsLeftButMemory) {
  Usage used;
  used.memory_over_baseline_bytes = used.fuel = used.log_bytes = used.emit_bytes = used.host_calls = used.random_bytes =
      used.http_requests = used.http_sent_bytes = used.http_received_bytes = 7;
  used.cpu = std::chrono::nanoseconds(7);
  Limits limits;
  limits.cpu = std::chrono::seconds(1);
  const Limits left = limits_left(limits, used);
  for (const SessionLimit& limit : session_limits()) {
    const LimitRow& row = *find_limit(limit.key);
    EXPECT_EQ(*row.get(limits) - *row.get(left), limit.key == "memory" ? 0 : limit.used(used)) << limit.key;
  }
}

TEST(SessionLimits, AMessageNamesTheLimitOfTheSession) {
  Limits limits;
  limits.cpu = std::chrono::milliseconds(100);
  EXPECT_EQ(session_limit_message("sandbox.cpu_limit", limits),
            "the calls of this session used up its limit: cpu 100ms");
  EXPECT_EQ(session_limit_message("sandbox.deadline", limits), "");
  EXPECT_EQ(session_limit_message("", limits), "");
}

TEST(SessionLimits, WhatIsLeftIsNeverBelowNothing) {
  Limits limits;
  limits.cpu = std::chrono::seconds(1);
  Usage used;
  used.cpu = std::chrono::seconds(2);
  used.fuel = 30'000'000;
  used.http_requests = UINT64_MAX;
  used.http_sent_bytes = UINT64_MAX;
  used.http_received_bytes = 5;
  used.log_bytes = 24;
  const Limits left = limits_left(limits, used);
  EXPECT_EQ(left.cpu, std::chrono::nanoseconds(0));
  EXPECT_EQ(left.fuel, 70'000'000U);
  EXPECT_EQ(left.http_requests, 0U);
  EXPECT_EQ(left.http_bytes, 0U);
  EXPECT_EQ(left.log_bytes, limits.log_bytes - 24);
  EXPECT_EQ(left.memory_bytes, limits.memory_bytes);
  EXPECT_EQ(left.timeout, limits.timeout);
  limits.fuel.reset();
  EXPECT_FALSE(limits_left(limits, used).fuel);
}

}  // namespace
}  // namespace caisson::sandbox
