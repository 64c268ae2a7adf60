#include "sandbox/audit_record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace caisson::sandbox {
namespace {

using namespace std::chrono_literals;

std::uint64_t number(const observe::AuditRecord& record, std::string_view name) {
  const auto found = std::ranges::find(record.usage, name, &observe::AuditNumber::first);
  return found == record.usage.end() ? ~std::uint64_t{0} : found->second;
}

TEST(CallAudit, HasTheCallItsVerdictAndAllOfItsUsage) {
  Outcome outcome;
  outcome.status = OutcomeStatus::kLimit;
  outcome.error = Error{Category::kResourceExhausted, "sandbox.memory_limit", "too much"};
  // Every number of Usage is another one, so that none is taken for its neighbour.
  outcome.usage = {.wall = 1ns,
                   .cpu = 2ns,
                   .fuel = 3,
                   .memory_bytes = 4,
                   .memory_over_baseline_bytes = 5,
                   .input_bytes = 6,
                   .output_bytes = 7,
                   .stdout_bytes = 8,
                   .stderr_bytes = 9,
                   .log_bytes = 10,
                   .emit_bytes = 11,
                   .random_bytes = 12,
                   .file_read_bytes = 13,
                   .file_write_bytes = 14,
                   .http_requests = 17,
                   .http_connections = 18,
                   .http_sent_bytes = 19,
                   .http_received_bytes = 20,
                   .host_calls = 15,
                   .throttled = 16ns,
                   .host_calls_by_name = {{"fd_write", 11}, {"fd_read", 4}},
                   .http_requests_by_origin = {{"GET https://api.example.com", 17}}};
  outcome.violations = {{ViolationKind::kMemoryLimit, ViolationSeverity::kHigh, "65 MiB of 64 MiB"}};
  const CallAudit audit({.id = 7, .run = "r", .node = "n", .module = base::sha256("m"), .policy = base::sha256("p")},
                        outcome);
  const observe::AuditRecord& record = audit.record();
  EXPECT_EQ(record.call, 7U);
  EXPECT_EQ(record.run, "r");
  EXPECT_EQ(record.node, "n");
  EXPECT_EQ(record.module, base::sha256("m"));
  EXPECT_EQ(record.policy, base::sha256("p"));
  EXPECT_EQ(record.status, "limit");
  EXPECT_EQ(record.reason, "sandbox.memory_limit");
  const std::vector<std::pair<std::string_view, std::uint64_t>> expected = {
      {"wall_ns", 1},          {"cpu_ns", 2},
      {"throttled_ns", 16},    {"fuel", 3},
      {"memory_bytes", 4},     {"memory_over_baseline_bytes", 5},
      {"input_bytes", 6},      {"output_bytes", 7},
      {"stdout_bytes", 8},     {"stderr_bytes", 9},
      {"log_bytes", 10},       {"emit_bytes", 11},
      {"random_bytes", 12},    {"file_read_bytes", 13},
      {"host_calls", 15},      {"file_write_bytes", 14},
      {"http_requests", 17},   {"http_connections", 18},
      {"http_sent_bytes", 19}, {"http_received_bytes", 20}};
  for (const auto& [name, value] : expected) {
    EXPECT_EQ(number(record, name), value) << name;
  }
  EXPECT_EQ(record.usage.size(), expected.size());
  ASSERT_EQ(record.host_calls.size(), 2U);
  EXPECT_EQ(record.host_calls[1], observe::AuditNumber("fd_read", 4));
  ASSERT_EQ(record.http.size(), 1U);
  EXPECT_EQ(record.http[0], observe::AuditNumber("GET https://api.example.com", 17));
  ASSERT_EQ(record.violations.size(), 1U);
  EXPECT_EQ(record.violations[0].kind, "memory_limit");
  EXPECT_EQ(record.violations[0].severity, "high");
  EXPECT_EQ(record.violations[0].description, "65 MiB of 64 MiB");
}

TEST(CallAudit, OfASuccessHasNoReason) {
  Outcome outcome;
  outcome.status = OutcomeStatus::kOk;
  const CallAudit audit({}, outcome);
  EXPECT_EQ(audit.record().status, "ok");
  EXPECT_EQ(audit.record().reason, "");
  EXPECT_FALSE(audit.record().policy);
  EXPECT_TRUE(audit.record().violations.empty());
}

}  // namespace
}  // namespace caisson::sandbox
