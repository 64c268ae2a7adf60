// Bytes that say that they are a session, and are not.

#include "sandbox/internal/snapshot.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace caisson::sandbox {
namespace {

constexpr std::size_t kVersionAt = 16;
constexpr std::size_t kCountAt = 20;
constexpr std::size_t kValuesAt = 24;
constexpr std::size_t kImageAt = 28;
constexpr std::size_t kMemoryAt = 92;
constexpr std::size_t kTimesAt = 108;
constexpr std::size_t kSealBytes = 32;
constexpr std::size_t kPageRecord = 4 + kPageBytes;

class SnapshotTest : public ::testing::Test {
 protected:
  SnapshotTest() : memory_(64U << 10), image_(64U << 10) {
    memory_[3 * kPageBytes] = std::byte{7};
    memory_[15 * kPageBytes + 1] = std::byte{8};
    snapshot_.image.bytes[0] = 9;
    snapshot_.rights.bytes[31] = 10;
    snapshot_.values = {{"", "empty"}, {"key", std::string_view("a\0b", 3)}};
    snapshot_.memory_bytes = memory_.size();
    snapshot_.totals.calls = 3;
    snapshot_.totals.usage.fuel = 11;
    snapshot_.totals.usage.cpu = std::chrono::nanoseconds(12);
    bytes_ = write_snapshot(snapshot_, memory_, image_, "key");
  }

  /// What somebody with the key would write: the bytes with a good seal.
  [[nodiscard]] static std::string sealed(std::string bytes) {
    bytes.resize(bytes.size() - kSealBytes);
    const base::Digest seal = base::hmac_sha256("key", {bytes});
    bytes.append(reinterpret_cast<const char*>(seal.bytes.data()), seal.bytes.size());
    return bytes;
  }
  template <typename T>
  [[nodiscard]] std::string with(std::size_t at, T number) const {
    std::string out = bytes_;
    std::memcpy(out.data() + at, &number, sizeof number);
    return sealed(out);
  }
  [[nodiscard]] std::size_t first_value() const { return first_page() - 2 * 8 - 5 - 6; }
  [[nodiscard]] std::size_t first_page() const { return bytes_.size() - kSealBytes - 2 * kPageRecord; }
  static void expect_refused(const std::string& bytes) {
    const auto read = read_snapshot(bytes, "key");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().reason, "sandbox.bad_snapshot");
  }

  std::vector<std::byte> memory_;
  std::vector<std::byte> image_;
  Snapshot snapshot_;
  std::string bytes_;
};

TEST_F(SnapshotTest, HasThePagesThatDiffer) {
  const auto read = read_snapshot(bytes_, "key");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->image, snapshot_.image);
  EXPECT_EQ(read->rights, snapshot_.rights);
  EXPECT_EQ(read->values, snapshot_.values);
  EXPECT_EQ(read->memory_bytes, memory_.size());
  EXPECT_EQ(read->totals.calls, 3U);
  EXPECT_EQ(read->totals.usage, snapshot_.totals.usage);
  ASSERT_EQ(read->pages.size(), 2U);
  EXPECT_EQ(read->pages[0].number, 3U);
  EXPECT_EQ(read->pages[1].number, 15U);
  EXPECT_EQ(read->pages[1].bytes.substr(0, 3), std::string_view("\0\x08\0", 3));
}

TEST_F(SnapshotTest, BeyondTheImageOnlyWhatIsNotZero) {
  const auto read = read_snapshot(write_snapshot(snapshot_, memory_, std::span(image_).first(kPageBytes), ""), "");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->pages.size(), 2U);
}

TEST_F(SnapshotTest, EveryChangedByteIsSeen) {
  for (std::size_t at = 0; at < bytes_.size(); at += at < first_page() + 8 ? 1U : 97U) {
    std::string changed = bytes_;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    expect_refused(changed);
  }
  expect_refused(bytes_ + '\0');
  std::string more = bytes_;
  more.back() = static_cast<char>(more.back() ^ 0x80);
  expect_refused(more);
}

TEST_F(SnapshotTest, EveryLengthIsSeen) {
  for (std::size_t size = 0; size < bytes_.size(); size += size < 400 ? 1 : 61) {
    expect_refused(bytes_.substr(0, size));
    if (size > kSealBytes) {
      expect_refused(sealed(bytes_.substr(0, size)));
    }
  }
}

TEST_F(SnapshotTest, ForgedNumbersAreRefusedEvenWithTheKey) {
  EXPECT_TRUE(read_snapshot(sealed(bytes_), "key"));
  EXPECT_TRUE(read_snapshot(with(kImageAt, 1U), "key"));  // whose image it is, the caller compares
  expect_refused(with(kVersionAt, 1U));
  for (const std::uint32_t count : {0U, 1U, 3U, 0xFFFFFFFFU}) {
    expect_refused(with(kValuesAt, count));
  }
  for (const std::uint32_t size : {1U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
    expect_refused(with(first_value(), size));
    expect_refused(with(first_value() + 4, size));
  }
  for (const std::uint32_t count : {0U, 1U, 3U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
    expect_refused(with(kCountAt, count));
  }
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{65535}, std::uint64_t{1} << 33,
                                   UINT64_MAX, UINT64_MAX - 65535}) {
    expect_refused(with(kMemoryAt, size));
  }
  expect_refused(with(kTimesAt, UINT64_MAX));
  expect_refused(with(first_page(), 16U));          // outside the memory
  expect_refused(with(first_page(), 0xFFFFFFFFU));  // likewise
  expect_refused(with(first_page(), 15U));          // twice
  expect_refused(with(first_page() + kPageRecord, 2U));
}

TEST_F(SnapshotTest, AKeyIsNeeded) {
  EXPECT_FALSE(read_snapshot(bytes_, ""));
  EXPECT_FALSE(read_snapshot(bytes_, "other"));
}

TEST_F(SnapshotTest, CopiesWhatDiffers) {
  copy_changed(memory_, image_);
  EXPECT_EQ(memory_, image_);
}

}  // namespace
}  // namespace caisson::sandbox
