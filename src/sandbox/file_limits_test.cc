// What a call may use of its files: each limit at the edge, and that what it did use is counted (SA-079 to SA-081).

#include "sandbox/testing/file_table_fixture.h"

#include <chrono>

namespace caisson::sandbox {
namespace {

using namespace std::chrono_literals;

constexpr wasi::Rights kReadWrite = wasi::kFdRead | wasi::kFdWrite | wasi::kFdSeek;
constexpr wasi::Rights kSized = kReadWrite | wasi::kFdAllocate | wasi::kFdFilestatSetSize;

using FileLimitsTest = FileTableTest;

std::ptrdiff_t host_descriptors() { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); }

TEST_F(FileLimitsTest, DescriptorsRunOut) {  // SA-079
  limits_.open_files = 10;
  const auto before = host_descriptors();
  {
    const auto table = make().value();
    std::vector<Fd> opened;
    wasi::OrErrno<Fd> last = Errno::kSuccess;
    for (int i = 0; i < 100; ++i) {
      last = table->path_open(kData, 0, i % 2 == 0 ? "file" : ".", 0, wasi::kFdRead | wasi::kFdReaddir, 0, 0);
      if (last) {
        opened.push_back(*last);
      }
    }
    EXPECT_EQ(last.error(), Errno::kMfile);
    EXPECT_EQ(opened.size(), 8U) << "the two grants count";
    EXPECT_EQ(table->budget().open, 10U);
    EXPECT_TRUE(refused(FileRefusalReason::kOpenFiles));
    EXPECT_EQ(last_refusal_, "path_open \".\" in \"/data\": 10 descriptors are open; limit `files`");
    // Listings are the only other thing that stays open: one for each directory.
    std::array<std::byte, 512> out{};
    for (const Fd fd : opened) {
      (void)table->fd_readdir(fd, out, 0);
      (void)table->fd_readdir(fd, out, 0);
    }
    EXPECT_LE(host_descriptors() - before, 2 * 10);
    EXPECT_EQ(table->fd_close(opened.front()), Errno::kSuccess);
    EXPECT_TRUE(table->path_open(kData, 0, "file", 0, wasi::kFdRead, 0, 0)) << "one is free again";
  }
  EXPECT_EQ(host_descriptors(), before) << "the end of the call closes all";
}

TEST_F(FileLimitsTest, GrantsAloneMayBeTooMany) {
  limits_.open_files = 1;
  const auto made = make();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, "sandbox.file_limit");
}

TEST_F(FileLimitsTest, CreatedNamesRunOut) {  // SA-080
  allow_links();
  limits_.created_files = 5;
  EXPECT_EQ(try_open(kData, "1", 0, wasi::kOFlagCreat), Errno::kSuccess);
  EXPECT_EQ(table().path_create_directory(kData, "2"), Errno::kSuccess);
  EXPECT_EQ(table().path_symlink("1", kData, "3"), Errno::kSuccess);
  EXPECT_EQ(table().path_link(kData, 0, "1", kData, "4"), Errno::kSuccess);
  EXPECT_EQ(table().path_create_directory(kData, "2"), Errno::kExist) << "a failure costs nothing";
  EXPECT_EQ(try_open(kData, "5", 0, wasi::kOFlagCreat), Errno::kSuccess);

  EXPECT_EQ(try_open(kData, "6", 0, wasi::kOFlagCreat), Errno::kDquot);
  EXPECT_EQ(table().path_create_directory(kData, "6"), Errno::kDquot);
  EXPECT_EQ(table().path_symlink("1", kData, "6"), Errno::kDquot);
  EXPECT_EQ(table().path_link(kData, 0, "1", kData, "6"), Errno::kDquot);
  EXPECT_EQ(reasons_, std::vector(4, FileRefusalReason::kCreatedFiles));
  EXPECT_FALSE(exists("data/6"));
  EXPECT_EQ(try_open(kData, "5", 0, wasi::kOFlagCreat), Errno::kSuccess) << "it exists";
  EXPECT_EQ(table().path_unlink_file(kData, "5"), Errno::kSuccess);
  EXPECT_EQ(try_open(kData, "5", 0, wasi::kOFlagCreat), Errno::kDquot) << "removing gives nothing back";
  EXPECT_EQ(table().budget().created, 5U);
}

TEST_F(FileLimitsTest, ADeepTreeEndsAtTheLimitAsWell) {  // SA-080
  limits_.created_files = 300;
  Fd at = kData;
  int depth = 0;
  Errno said = Errno::kSuccess;
  while ((said = table().path_create_directory(at, "d")) == Errno::kSuccess) {
    const auto next = open(at, "d", kAll & ~wasi::kFdWrite);
    ASSERT_TRUE(next);
    if (at != kData) {
      EXPECT_EQ(table().fd_close(at), Errno::kSuccess);
    }
    at = *next;
    ++depth;
  }
  EXPECT_EQ(said, Errno::kDquot);
  EXPECT_EQ(depth, 300);
}

TEST_F(FileLimitsTest, WrittenBytesRunOut) {  // SA-081
  limits_.file_write_bytes = 1000;
  const Fd fd = *open(kData, "new", kReadWrite, wasi::kOFlagCreat);
  EXPECT_EQ(*write(fd, std::string(600, 'a')), 600U);
  EXPECT_EQ(*write(fd, std::string(600, 'b')), 400U) << "what is left";
  EXPECT_EQ(write(fd, "c").error(), Errno::kDquot);
  EXPECT_EQ(write_at(fd, "c", 0).error(), Errno::kDquot) << "in place, too";
  EXPECT_EQ(*write(fd, ""), 0U);
  EXPECT_EQ(get("data/new"), std::string(600, 'a') + std::string(400, 'b'));
  EXPECT_EQ(table().budget().write.used(), 1000U);
  EXPECT_EQ(last_refusal_, "fd_pwrite in \"/data\": 1000 bytes were written; limit `file_write`");
}

TEST_F(FileLimitsTest, AFileHasASize) {  // SA-081
  limits_.file_size_bytes = 1000;
  const Fd fd = *open(kData, "new", kSized, wasi::kOFlagCreat);
  constexpr std::uint64_t kFar = 10ULL << 30;
  EXPECT_EQ(write_at(fd, "x", kFar).error(), Errno::kFbig) << "holes count";
  EXPECT_EQ(write_at(fd, "x", 1000).error(), Errno::kFbig);
  EXPECT_EQ(*write_at(fd, "xyz", 998), 2U) << "up to the edge";
  EXPECT_EQ(table().fd_filestat_set_size(fd, 1001), Errno::kFbig);
  EXPECT_EQ(table().fd_filestat_set_size(fd, UINT64_MAX), Errno::kFbig);
  EXPECT_EQ(table().fd_filestat_set_size(fd, 1000), Errno::kSuccess);
  EXPECT_EQ(table().fd_allocate(fd, 0, 1001), Errno::kFbig);
  EXPECT_EQ(table().fd_allocate(fd, 1000, 1), Errno::kFbig);
  EXPECT_EQ(table().fd_allocate(fd, kFar, 1), Errno::kFbig);
  EXPECT_EQ(table().fd_allocate(fd, UINT64_MAX, UINT64_MAX), Errno::kFbig);
  const Fd end = *open(kData, "new", kReadWrite, 0, wasi::kFdFlagAppend);
  EXPECT_EQ(write(end, "x").error(), Errno::kFbig) << "appending looks at the end";
  EXPECT_TRUE(table().fd_seek(fd, static_cast<std::int64_t>(kFar), wasi::Whence::kSet));
  EXPECT_EQ(write(fd, "x").error(), Errno::kFbig);
  EXPECT_EQ(get("data/new").size(), 1000U);
  EXPECT_TRUE(refused(FileRefusalReason::kFileSize));
}

TEST_F(FileLimitsTest, ALargerFileIsWrittenWhereItIs) {
  put("data/large", std::string(2000, 'l'));
  limits_.file_size_bytes = 1000;
  const Fd fd = *open(kData, "large", kSized);
  EXPECT_EQ(*write_at(fd, "xxx", 1500), 3U);
  EXPECT_EQ(*write_at(fd, "xxx", 1999), 1U);
  EXPECT_EQ(write_at(fd, "x", 2000).error(), Errno::kFbig);
  EXPECT_EQ(table().fd_filestat_set_size(fd, 1800), Errno::kSuccess) << "smaller is fine";
  EXPECT_EQ(table().fd_filestat_set_size(fd, 1900), Errno::kFbig);
}

TEST_F(FileLimitsTest, AllocatedSpaceIsWrittenBytes) {  // SA-081
  limits_.file_write_bytes = 1000;
  const Fd fd = *open(kData, "new", kSized, wasi::kOFlagCreat);
  if (table().fd_allocate(fd, 0, 800) == Errno::kNotsup) {
    GTEST_SKIP() << "this file system cannot allocate";
  }
  EXPECT_EQ(table().budget().write.used(), 800U);
  EXPECT_EQ(table().fd_allocate(fd, 0, 201), Errno::kDquot);
  EXPECT_EQ(table().fd_allocate(fd, 0, 200), Errno::kSuccess);
  EXPECT_EQ(write(fd, "x").error(), Errno::kDquot);
}

TEST_F(FileLimitsTest, ReadBytesRunOut) {
  limits_.file_read_bytes = 10;
  const Fd fd = *open(kInput, "file");
  EXPECT_EQ(*read(fd), "read me");
  EXPECT_EQ(*read(fd), "") << "the end costs nothing";
  EXPECT_EQ(*read_at(fd, 0), "rea");
  EXPECT_EQ(read_at(fd, 0).error(), Errno::kDquot);
  EXPECT_EQ(read(fd, 0).error(), Errno::kSuccess) << "nothing was asked for";
  EXPECT_EQ(table().budget().read.used(), 10U);
  EXPECT_EQ(last_refusal_, "fd_pread in \"/input\": 10 bytes were read; limit `file_read`");
}

TEST_F(FileLimitsTest, ARateMakesTheNextOperationWait) {
  limits_.file_read_bytes_per_second = 4;
  limits_.file_write_bytes_per_second = 1000;
  const Fd fd = *open(kInput, "file");
  EXPECT_EQ(table().wait_for_rate(), 0ns);
  EXPECT_EQ(*read(fd), "read") << "a second's worth at once";
  EXPECT_EQ(table().wait_for_rate(), 1s);
  environment_.advance(600ms);
  EXPECT_EQ(table().wait_for_rate(), 400ms);
  environment_.advance(400ms);
  EXPECT_EQ(table().wait_for_rate(), 0ns);
  EXPECT_EQ(*read(fd, 2), " m");
  EXPECT_EQ(table().wait_for_rate(), 500ms);
  EXPECT_EQ(*read(fd, 2), "e") << "who does not wait owes more";
  EXPECT_EQ(table().wait_for_rate(), 750ms);

  environment_.advance(10s);
  const Fd out = *open(kData, "new", kReadWrite, wasi::kOFlagCreat);
  EXPECT_EQ(*write(out, std::string(3000, 'w')), 1000U);
  EXPECT_EQ(table().wait_for_rate(), 1s) << "idle time is not saved up";
}

TEST_F(FileLimitsTest, ATinyRateIsALongWaitAndNoOverflow) {
  limits_.file_write_bytes_per_second = 1;
  limits_.file_write_bytes = UINT64_MAX;
  FileBudget budget(limits_);
  const FileBudget::Time now = environment_.now();
  for (int i = 0; i < 3; ++i) {
    budget.write.spend(UINT64_MAX / 4, now);
    EXPECT_EQ(budget.write.wait(now), std::chrono::hours(24 * 365));
  }
  EXPECT_EQ(budget.write.wait(now + std::chrono::hours(24 * 364)), std::chrono::hours(24));
}

TEST_F(FileLimitsTest, ARateOfNothingIsNothing) {
  limits_.file_read_bytes_per_second = 0;
  EXPECT_EQ(read(*open(kInput, "file")).error(), Errno::kDquot);
  EXPECT_EQ(table().wait_for_rate(), 0ns);
}

}  // namespace
}  // namespace caisson::sandbox
