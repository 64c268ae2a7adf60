#include "sandbox/run_storage.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace caisson::sandbox {
namespace {

constexpr std::uint64_t kEntry = 64;  // that an entry counts besides its texts

TEST(RunStorage, KeepsWhatWasSet) {
  RunStorage storage;
  EXPECT_EQ(storage.get("city"), std::nullopt);
  EXPECT_TRUE(storage.set("city", "Paris", 1000));
  EXPECT_EQ(storage.get("city"), "Paris");
  EXPECT_TRUE(storage.set("city", "", 1000));
  EXPECT_EQ(storage.get("city"), "");
  EXPECT_TRUE(storage.remove("city"));
  EXPECT_FALSE(storage.remove("city"));
  EXPECT_EQ(storage.get("city"), std::nullopt);
  EXPECT_EQ(storage.bytes(), 0U);
}

TEST(RunStorage, CountsKeysValuesAndEntries) {
  RunStorage storage;
  EXPECT_TRUE(storage.set("a", "12345", 1000));
  EXPECT_EQ(storage.bytes(), 6 + kEntry);
  EXPECT_TRUE(storage.set("a", "1", 1000));  // in place of the other
  EXPECT_EQ(storage.bytes(), 2 + kEntry);
  EXPECT_TRUE(storage.set("b", "", 1000));
  EXPECT_EQ(storage.bytes(), 3 + 2 * kEntry);
}

TEST(RunStorage, WhatDoesNotFitChangesNothing) {
  RunStorage storage;
  const std::uint64_t most = 10 + kEntry;
  EXPECT_TRUE(storage.set("a", "123456789", most));  // to the byte
  EXPECT_FALSE(storage.set("a", "1234567890", most));
  EXPECT_EQ(storage.get("a"), "123456789");
  EXPECT_FALSE(storage.set("b", "", most));
  EXPECT_EQ(storage.get("b"), std::nullopt);
  EXPECT_EQ(storage.bytes(), most);
  EXPECT_FALSE(storage.set("a", "1", 0));
}

TEST(RunStorage, ManyShortKeysDoNotCostMoreThanTheLimit) {
  RunStorage storage;
  int kept = 0;
  while (kept < 100'000 && storage.set(std::to_string(kept), "", 64'000)) {
    ++kept;
  }
  EXPECT_LT(kept, 1'000);
}

TEST(RunStorage, CallsOfOneRunMayUseItAtOnce) {
  RunStorage storage;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&storage, thread] {
        const std::string own = std::to_string(thread);
        for (int i = 0; i < 1'000; ++i) {
          EXPECT_TRUE(storage.set(own, std::to_string(i), 10'000));
          EXPECT_EQ(storage.get(own), std::to_string(i));
          EXPECT_TRUE(storage.set("shared", own, 10'000));
          EXPECT_TRUE(storage.get("shared"));
        }
        EXPECT_TRUE(storage.remove(own));
      });
    }
  }
  EXPECT_EQ(storage.bytes(), 7 + kEntry);
}

}  // namespace
}  // namespace caisson::sandbox
