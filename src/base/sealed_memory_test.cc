#include "base/sealed_memory.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace caisson::base {
namespace {

TEST(SealedMemory, HasTheBytes) {
  const std::string bytes = std::string("a\0b", 3) + std::string(100'000, 'x');
  const auto memory = SealedMemory::copy_of(bytes);
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->view(), bytes);
  const auto none = SealedMemory::copy_of(std::string_view());
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->view().empty());
}

TEST(SealedMemory, NobodyCanChangeThem) {
  const auto memory = SealedMemory::copy_of("verified");
  ASSERT_TRUE(memory);
  const Descriptor again(::open(memory->path().c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(again);
  EXPECT_LT(::pwrite(again.get(), "X", 1, 0), 0);
  EXPECT_NE(::ftruncate(again.get(), 0), 0);
  EXPECT_EQ(::mmap(nullptr, 8, PROT_READ | PROT_WRITE, MAP_SHARED, again.get(), 0), MAP_FAILED);
  EXPECT_NE(::fcntl(again.get(), F_ADD_SEALS, F_SEAL_GROW), 0);
  EXPECT_EQ(memory->view(), "verified");
}

TEST(SealedMemory, CopiesAFileAsItIsNow) {
  const Descriptor file(::memfd_create("source", MFD_CLOEXEC));
  ASSERT_EQ(::write(file.get(), "0123456789", 10), 10);
  const auto whole = SealedMemory::copy_of(file.get(), 100);
  const auto part = SealedMemory::copy_of(file.get(), 4);
  ASSERT_TRUE(whole);
  ASSERT_TRUE(part);
  ASSERT_EQ(::pwrite(file.get(), "XXXX", 4, 0), 4);
  EXPECT_EQ(whole->view(), "0123456789");
  EXPECT_EQ(part->view(), "0123");
}

TEST(SealedMemory, MovesWithoutMovingTheBytes) {
  auto first = SealedMemory::copy_of("some bytes");
  ASSERT_TRUE(first);
  const char* at = first->view().data();
  const SealedMemory second = std::move(*first);
  EXPECT_EQ(second.view().data(), at);
  EXPECT_EQ(second.view(), "some bytes");
}

TEST(SealedMemory, SaysWhatWentWrong) {
  const auto memory = SealedMemory::copy_of(-1, 10);
  ASSERT_FALSE(memory);
  EXPECT_EQ(memory.error().reason, "file.io");
}

}  // namespace
}  // namespace caisson::base
