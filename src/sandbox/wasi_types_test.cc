// The numbers of WASI preview 1 as guests were compiled with them, and the places of a record's fields.

#include "sandbox/internal/wasi_types.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

namespace caisson::sandbox::wasi {
namespace {

template <std::size_t N>
std::vector<int> bytes_of(const std::array<std::byte, N>& encoded) {
  std::vector<int> result;
  result.reserve(N);
  for (const std::byte byte : encoded) {
    result.push_back(static_cast<int>(byte));
  }
  return result;
}

TEST(WasiTypes, ErrnosHaveTheNumbersOfTheSpecification) {
  EXPECT_EQ(static_cast<int>(Errno::kSuccess), 0);
  EXPECT_EQ(static_cast<int>(Errno::kAcces), 2);
  EXPECT_EQ(static_cast<int>(Errno::kBadf), 8);
  EXPECT_EQ(static_cast<int>(Errno::kExist), 20);
  EXPECT_EQ(static_cast<int>(Errno::kInval), 28);
  EXPECT_EQ(static_cast<int>(Errno::kNoent), 44);
  EXPECT_EQ(static_cast<int>(Errno::kNosys), 52);
  EXPECT_EQ(static_cast<int>(Errno::kNotdir), 54);
  EXPECT_EQ(static_cast<int>(Errno::kPerm), 63);
  EXPECT_EQ(static_cast<int>(Errno::kNotcapable), 76);
  EXPECT_EQ(to_string(Errno::kSuccess), "success");
  EXPECT_EQ(to_string(Errno::kNotrecoverable), "notrecoverable");
  EXPECT_EQ(to_string(Errno::kNotcapable), "notcapable");
  EXPECT_EQ(to_string(static_cast<Errno>(77)), "?");
}

TEST(WasiTypes, RightsHaveTheBitsOfTheSpecification) {
  EXPECT_EQ(kFdRead, 2U);
  EXPECT_EQ(kFdWrite, 64U);
  EXPECT_EQ(kPathOpen, 8192U);
  EXPECT_EQ(kPathUnlinkFile, 67108864U);
  EXPECT_EQ(kSockAccept, 1U << 29);
}

TEST(WasiTypes, AnErrnoOfTheHostHasItsName) {
  EXPECT_EQ(errno_from_host(0), Errno::kSuccess);
  EXPECT_EQ(errno_from_host(ENOENT), Errno::kNoent);
  EXPECT_EQ(errno_from_host(ENOTSUP), Errno::kNotsup);
  EXPECT_EQ(errno_from_host(EXDEV), Errno::kXdev);
  EXPECT_EQ(errno_from_host(EUCLEAN), Errno::kIo);
}

TEST(WasiTypes, FdstatIsLaidOut) {
  std::array<std::byte, kFdstatSize> out;
  out.fill(std::byte{0xff});
  encode(Fdstat{Filetype::kRegularFile, kFdFlagAppend, 0x0102, 0x03}, out);
  EXPECT_EQ(bytes_of(out), (std::vector<int>{4, 0, 1, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(WasiTypes, FilestatIsLaidOut) {
  std::array<std::byte, kFilestatSize> out;
  out.fill(std::byte{0xff});
  encode(Filestat{1, 2, Filetype::kDirectory, 4, 5, 6, 7, 0x0800}, out);
  std::vector<int> expected(kFilestatSize, 0);
  expected[0] = 1;
  expected[8] = 2;
  expected[16] = 3;
  expected[24] = 4;
  expected[32] = 5;
  expected[40] = 6;
  expected[48] = 7;
  expected[57] = 8;
  EXPECT_EQ(bytes_of(out), expected);
}

TEST(WasiTypes, PrestatAndDirentAndEventAreLaidOut) {
  std::array<std::byte, kPrestatSize> prestat;
  prestat.fill(std::byte{0xff});
  encode(Prestat{.name_size = 5}, prestat);
  EXPECT_EQ(bytes_of(prestat), (std::vector<int>{0, 0, 0, 0, 5, 0, 0, 0}));

  EncodedDirent dirent;
  dirent.fill(std::byte{0xff});
  encode(Dirent{.next = 1, .ino = 2, .name_size = 3, .type = Filetype::kSymbolicLink}, dirent);
  EXPECT_EQ(bytes_of(dirent),
            (std::vector<int>{1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 7, 0, 0, 0}));

  std::array<std::byte, kEventSize> event;
  event.fill(std::byte{0xff});
  encode(Event{1, Errno::kBadf, EventType::kWrite, 3, kEventHangup}, event);
  std::vector<int> expected(kEventSize, 0);
  expected[0] = 1;
  expected[8] = 8;
  expected[10] = 2;
  expected[16] = 3;
  expected[24] = 1;
  EXPECT_EQ(bytes_of(event), expected);
}

TEST(WasiTypes, ASubscriptionIsRead) {
  std::array<std::byte, kSubscriptionSize> in{};
  in[0] = std::byte{9};
  in[8] = std::byte{1};
  in[16] = std::byte{7};
  EXPECT_EQ(decode_subscription(in).userdata, 9U);
  EXPECT_EQ(decode_subscription(in).tag, 1);
  EXPECT_EQ(decode_subscription(in).fd, 7U);
  in[8] = std::byte{0};
  in[16] = std::byte{1};
  in[24] = std::byte{2};
  in[33] = std::byte{3};
  in[40] = std::byte{1};
  EXPECT_EQ(decode_subscription(in).clock, ClockId::kMonotonic);
  EXPECT_EQ(decode_subscription(in).timeout, 2U);
  EXPECT_EQ(decode_subscription(in).precision, 0x300U);
  EXPECT_EQ(decode_subscription(in).clock_flags, kSubclockAbstime);
}

}  // namespace
}  // namespace caisson::sandbox::wasi
