#include "sandbox/usage.h"

#include <gtest/gtest.h>

namespace caisson::sandbox {
namespace {

TEST(Usage, OfSeveralCallsIsTheirSumAndTheHighestMemory) {
  Usage total{.wall = std::chrono::nanoseconds(1),
              .fuel = 2,
              .memory_bytes = 30,
              .memory_over_baseline_bytes = 4,
              .log_bytes = 5,
              .host_calls = 1,
              .host_calls_by_name = {{"log", 1}},
              .http_requests_by_origin = {{"GET https://a", 1}}};
  add_usage(total, {.wall = std::chrono::nanoseconds(10),
                    .fuel = 20,
                    .memory_bytes = 3,
                    .memory_over_baseline_bytes = 40,
                    .log_bytes = 50,
                    .host_calls = 5,
                    .host_calls_by_name = {{"take", 3}, {"log", 2}},
                    .http_requests_by_origin = {{"GET https://b", 1}, {"GET https://a", 1}}});
  EXPECT_EQ(total, (Usage{.wall = std::chrono::nanoseconds(11),
                          .fuel = 22,
                          .memory_bytes = 30,
                          .memory_over_baseline_bytes = 40,
                          .log_bytes = 55,
                          .host_calls = 6,
                          .host_calls_by_name = {{"log", 3}, {"take", 3}},
                          .http_requests_by_origin = {{"GET https://a", 2}, {"GET https://b", 1}}}));
}

}  // namespace
}  // namespace caisson::sandbox
