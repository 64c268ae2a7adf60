#include "sandbox/units.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace caisson::sandbox {
namespace {

std::uint64_t read(std::string_view text, Unit unit) {
  const auto amount = parse_amount(text, unit);
  EXPECT_TRUE(amount) << text << ": " << (amount ? "" : amount.error().message);
  return amount ? *amount : 4711;
}

void expect_refused(std::string_view text, Unit unit) {
  const auto amount = parse_amount(text, unit);
  ASSERT_FALSE(amount) << text << " is " << *amount;
  EXPECT_EQ(amount.error().category, Category::kInvalidArgument);
  EXPECT_EQ(amount.error().reason, "policy.bad_value");
  EXPECT_NE(amount.error().message.find("such as"), std::string::npos) << amount.error().message;
}

TEST(Units, SizesArePowersOf1024HoweverTheyAreWritten) {
  for (const std::string_view text : {"64MB", "64MiB", "64 MB", "64mb", "64M", "64m", "65536KB", "65_536 KiB",
                                      "67108864", "67108864B", "0.0625GB", "64.0MB"}) {
    EXPECT_EQ(read(text, Unit::kBytes), 64U << 20) << text;
  }
  EXPECT_EQ(read("2GiB", Unit::kBytes), 2ULL << 30);
  EXPECT_EQ(read("1.5GB", Unit::kBytes), 1536ULL << 20);
  EXPECT_EQ(read("1TB", Unit::kBytes), 1ULL << 40);
  EXPECT_EQ(read("0", Unit::kBytes), 0U);
  EXPECT_EQ(read("0.3KB", Unit::kBytes), 307U);  // what is smaller than a byte is cut off
}

TEST(Units, Durations) {
  EXPECT_EQ(read("500ms", Unit::kDuration), 500'000'000U);
  EXPECT_EQ(read("2s", Unit::kDuration), 2'000'000'000U);
  EXPECT_EQ(read("2", Unit::kDuration), 2'000'000'000U);
  EXPECT_EQ(read("0.25", Unit::kDuration), 250'000'000U);
  EXPECT_EQ(read("1.5m", Unit::kDuration), 90'000'000'000U);
  EXPECT_EQ(read("1 min", Unit::kDuration), 60'000'000'000U);
  EXPECT_EQ(read("1h", Unit::kDuration), 3'600'000'000'000U);
  EXPECT_EQ(read("7us", Unit::kDuration), 7'000U);
  EXPECT_EQ(read("1.9ns", Unit::kDuration), 1U);
  EXPECT_EQ(parse_amount("1500", Unit::kDuration, std::chrono::milliseconds(1)).value(), 1'500'000'000U);
}

TEST(Units, CountsArePowersOf1000) {
  EXPECT_EQ(read("100_000_000", Unit::kCount), 100'000'000U);
  EXPECT_EQ(read("100M", Unit::kCount), 100'000'000U);
  EXPECT_EQ(read("10k", Unit::kCount), 10'000U);
  EXPECT_EQ(read("1.5G", Unit::kCount), 1'500'000'000U);
  EXPECT_EQ(read("7", Unit::kCount), 7U);
}

TEST(Units, PercentagesAreThousandths) {
  EXPECT_EQ(read("50%", Unit::kPercent), 50'000U);
  EXPECT_EQ(read("12.5", Unit::kPercent), 12'500U);
  EXPECT_EQ(read("0.125 %", Unit::kPercent), 125U);
}

TEST(Units, NonsenseIsRefused) {
  for (const Unit unit : {Unit::kBytes, Unit::kCount, Unit::kDuration, Unit::kPercent}) {
    for (const std::string_view text :
         {"",     " ",  "-1", "+1",   "1e3", "MB",  ".5",  "1.",   "1..5", "1.5.5", "_1",   "1_",         "1__0",
          "0x10", "1 ", " 1", "1  s", "1 x", "nan", "inf", "1MBs", "ten",  "1,5",   "\xff", "1\xc2\xa0s", "1_.5"}) {
      expect_refused(text, unit);
    }
  }
  expect_refused("5s", Unit::kBytes);
  expect_refused("5MB", Unit::kDuration);
  expect_refused("5MB", Unit::kCount);
  expect_refused("5k", Unit::kPercent);
}

TEST(Units, OverflowIsRefusedAtTheEdge) {
  EXPECT_EQ(read("9223372036854775807", Unit::kBytes), 9223372036854775807U);
  expect_refused("9223372036854775808", Unit::kBytes);
  EXPECT_EQ(read("8388607TB", Unit::kBytes), 8388607ULL << 40);
  expect_refused("8388608TB", Unit::kBytes);
  expect_refused("99999999999999999999999h", Unit::kDuration);
  expect_refused("999999999999999999999999h", Unit::kDuration);
  expect_refused(std::string(10'000, '9'), Unit::kCount);
  expect_refused("0." + std::string(10'000, '0') + "1", Unit::kCount);
}

TEST(Units, WhatIsPrintedReadsBackTheSame) {
  EXPECT_EQ(print_amount(64 << 20, Unit::kBytes), "64MiB");
  EXPECT_EQ(print_amount(1536ULL << 20, Unit::kBytes), "1536MiB");
  EXPECT_EQ(print_amount(1000, Unit::kBytes), "1000B");
  EXPECT_EQ(print_amount(0, Unit::kBytes), "0B");
  EXPECT_EQ(print_amount(1'500'000'000, Unit::kDuration), "1500ms");
  EXPECT_EQ(print_amount(300'000'000'000, Unit::kDuration), "5m");
  EXPECT_EQ(print_amount(0, Unit::kDuration), "0s");
  EXPECT_EQ(print_amount(7, Unit::kDuration), "7ns");
  EXPECT_EQ(print_amount(100'000'000, Unit::kCount), "100_000_000");
  EXPECT_EQ(print_amount(999, Unit::kCount), "999");
  EXPECT_EQ(print_amount(50'000, Unit::kPercent), "50%");
  EXPECT_EQ(print_amount(12'500, Unit::kPercent), "12.5%");
  EXPECT_EQ(print_amount(0, Unit::kPercent), "0%");
  for (const Unit unit : {Unit::kBytes, Unit::kCount, Unit::kDuration, Unit::kPercent}) {
    std::uint64_t amount = 1;
    for (int i = 0; i < 63; ++i) {
      for (const std::uint64_t near : {amount - 1, amount, amount + 1}) {
        EXPECT_EQ(read(print_amount(near, unit), unit), near) << print_amount(near, unit);
      }
      amount = i % 2 == 0 ? amount * 10 / 4 : amount * 2;
      if (amount > (1ULL << 61)) {
        break;
      }
    }
  }
}

}  // namespace
}  // namespace caisson::sandbox
