// The functions of WASI preview 1 that take a descriptor or a path, one by one: what they do, and what they say when it
// cannot be done. Names are in file_names_test.cc, attacks in file_escape_test.cc, limits in file_limits_test.cc.

#include "sandbox/testing/file_table_fixture.h"

#include <sys/stat.h>

namespace caisson::sandbox {
namespace {

using wasi::Filetype;

constexpr wasi::Rights kReadWrite = wasi::kFdRead | wasi::kFdWrite | wasi::kFdSeek;

TEST_F(FileTableTest, GrantsAreFoundAtTheFirstDescriptors) {
  EXPECT_EQ(table().fd_prestat_get(kData)->name_size, 5U);
  EXPECT_EQ(table().fd_prestat_get(kInput)->name_size, 6U);
  EXPECT_EQ(table().fd_prestat_get(5).error(), Errno::kBadf);
  EXPECT_EQ(table().fd_prestat_get(0).error(), Errno::kBadf);

  std::array<std::byte, 6> name{};
  EXPECT_EQ(table().fd_prestat_dir_name(kInput, name), Errno::kSuccess);
  EXPECT_EQ(std::memcmp(name.data(), "/input", 6), 0);
  EXPECT_EQ(table().fd_prestat_dir_name(kData, name), Errno::kSuccess) << "room to spare";
  EXPECT_EQ(table().fd_prestat_dir_name(kInput, std::span(name).first(5)), Errno::kNametoolong);
  const Fd inner = *open(kData, ".");
  EXPECT_EQ(table().fd_prestat_get(inner).error(), Errno::kBadf) << "opened, not granted";
  EXPECT_EQ(table().fd_prestat_dir_name(inner, name), Errno::kBadf);
}

TEST_F(FileTableTest, ADescriptorThatIsNotOpenIsBadf) {
  for (const Fd fd : {Fd{0}, Fd{2}, Fd{5}, Fd{1'000'000}, ~Fd{0}}) {
    EXPECT_EQ(table().fd_advise(fd, 0, 0, wasi::Advice::kNormal), Errno::kBadf);
    EXPECT_EQ(table().fd_allocate(fd, 0, 1), Errno::kBadf);
    EXPECT_EQ(table().fd_close(fd), Errno::kBadf);
    EXPECT_EQ(table().fd_datasync(fd), Errno::kBadf);
    EXPECT_EQ(table().fd_fdstat_get(fd).error(), Errno::kBadf);
    EXPECT_EQ(table().fd_fdstat_set_flags(fd, 0), Errno::kBadf);
    EXPECT_EQ(table().fd_fdstat_set_rights(fd, 0, 0), Errno::kBadf);
    EXPECT_EQ(table().fd_filestat_get(fd).error(), Errno::kBadf);
    EXPECT_EQ(table().fd_filestat_set_size(fd, 0), Errno::kBadf);
    EXPECT_EQ(table().fd_filestat_set_times(fd, 0, 0, 0), Errno::kBadf);
    EXPECT_EQ(read_at(fd, 0).error(), Errno::kBadf);
    EXPECT_EQ(write_at(fd, "x", 0).error(), Errno::kBadf);
    EXPECT_EQ(read(fd).error(), Errno::kBadf);
    EXPECT_EQ(write(fd, "x").error(), Errno::kBadf);
    EXPECT_EQ(table().fd_readdir(fd, {}, 0).error(), Errno::kBadf);
    EXPECT_EQ(table().fd_seek(fd, 1, wasi::Whence::kSet).error(), Errno::kBadf);
    EXPECT_EQ(table().fd_sync(fd), Errno::kBadf);
    EXPECT_EQ(table().fd_tell(fd).error(), Errno::kBadf);
    EXPECT_EQ(table().path_create_directory(fd, "x"), Errno::kBadf);
    EXPECT_EQ(table().path_filestat_get(fd, 0, "x").error(), Errno::kBadf);
    EXPECT_EQ(table().path_filestat_set_times(fd, 0, "x", 0, 0, 0), Errno::kBadf);
    EXPECT_EQ(table().path_link(fd, 0, "file", kData, "x"), Errno::kBadf);
    EXPECT_EQ(table().path_link(kData, 0, "file", fd, "x"), Errno::kBadf);
    EXPECT_EQ(open(fd, "x").error(), Errno::kBadf);
    EXPECT_EQ(table().path_readlink(fd, "x", {}).error(), Errno::kBadf);
    EXPECT_EQ(table().path_remove_directory(fd, "x"), Errno::kBadf);
    EXPECT_EQ(table().path_rename(fd, "file", kData, "x"), Errno::kBadf);
    EXPECT_EQ(table().path_rename(kData, "file", fd, "x"), Errno::kBadf);
    EXPECT_EQ(table().path_symlink("x", fd, "x"), Errno::kBadf);
    EXPECT_EQ(table().path_unlink_file(fd, "x"), Errno::kBadf);
  }
  EXPECT_TRUE(reasons_.empty());
}

TEST_F(FileTableTest, AFunctionOfFilesWantsAFileAndOneOfDirectoriesADirectory) {
  EXPECT_EQ(read(kData).error(), Errno::kIsdir);
  EXPECT_EQ(read_at(kData, 0).error(), Errno::kIsdir);
  EXPECT_EQ(write(kData, "x").error(), Errno::kIsdir);
  EXPECT_EQ(write_at(kData, "x", 0).error(), Errno::kIsdir);
  EXPECT_EQ(table().fd_seek(kData, 0, wasi::Whence::kCur).error(), Errno::kIsdir);
  EXPECT_EQ(table().fd_seek(kData, 0, wasi::Whence::kSet).error(), Errno::kIsdir);
  EXPECT_EQ(table().fd_tell(kData).error(), Errno::kIsdir);
  EXPECT_EQ(table().fd_allocate(kData, 0, 1), Errno::kIsdir);
  EXPECT_EQ(table().fd_filestat_set_size(kData, 0), Errno::kIsdir);
  EXPECT_EQ(table().fd_advise(kData, 0, 0, wasi::Advice::kNormal), Errno::kIsdir);

  const Fd file = *open(kData, "file", kAll & ~wasi::kFdWrite);
  EXPECT_EQ(open(file, "x").error(), Errno::kNotdir);
  EXPECT_EQ(table().fd_readdir(file, {}, 0).error(), Errno::kNotdir);
  EXPECT_EQ(table().path_unlink_file(file, "x"), Errno::kNotdir);
}

TEST_F(FileTableTest, ReadsWhatIsThere) {
  const Fd fd = *open(kInput, "file");
  EXPECT_EQ(fd, 5U);
  EXPECT_EQ(*read(fd, 4), "read");
  EXPECT_EQ(*table().fd_tell(fd), 4U);
  EXPECT_EQ(*read(fd), " me");
  EXPECT_EQ(*read(fd), "") << "the end";
  EXPECT_EQ(*read_at(fd, 5), "me");
  EXPECT_EQ(*read_at(fd, 100), "");
  EXPECT_EQ(read_at(fd, ~std::uint64_t{0}).error(), Errno::kInval);
  EXPECT_EQ(*table().fd_tell(fd), 7U) << "where it was";
  EXPECT_EQ(table().budget().read.used(), 9U);
}

TEST_F(FileTableTest, ScattersAndGathers) {
  const Fd fd = *open(kData, "new", kReadWrite, wasi::kOFlagCreat);
  const std::string_view a = "abc";
  const std::string_view b = "de";
  const std::array<std::span<const std::byte>, 3> from = {std::as_bytes(std::span(a)), {}, std::as_bytes(std::span(b))};
  EXPECT_EQ(*table().fd_write(fd, from), 5U);
  std::array<char, 2> first{};
  std::array<char, 9> second{};
  const std::array<std::span<std::byte>, 2> into = {std::as_writable_bytes(std::span(first)),
                                                    std::as_writable_bytes(std::span(second))};
  EXPECT_EQ(*table().fd_pread(fd, into, 0), 5U);
  EXPECT_EQ(std::string_view(first.data(), 2), "ab");
  EXPECT_EQ(std::string_view(second.data(), 3), "cde");
  EXPECT_EQ(*table().fd_write(fd, {}), 0U);
  EXPECT_EQ(*table().fd_read(fd, {}), 0U);
  // More buffers than go at once: a short read, and no harm.
  std::vector<char> bytes(5000);
  std::vector<std::span<std::byte>> many;
  many.reserve(bytes.size());
  for (char& byte : bytes) {
    many.push_back(std::as_writable_bytes(std::span(&byte, 1)));
  }
  EXPECT_EQ(*table().fd_pread(fd, many, 0), 5U);
  std::vector<std::span<const std::byte>> sources(many.begin(), many.end());
  const std::size_t written = *table().fd_pwrite(fd, sources, 0);
  EXPECT_GT(written, 0U);
  EXPECT_LT(written, 5000U);
}

TEST_F(FileTableTest, WritesWhereItIsTold) {
  const Fd fd = *open(kData, "file", kReadWrite);
  EXPECT_EQ(*write(fd, "WRITE"), 5U);
  EXPECT_EQ(*write_at(fd, "ME", 6), 2U);
  EXPECT_EQ(*write(fd, "-"), 1U);
  EXPECT_EQ(get("data/file"), "WRITE-ME");
  EXPECT_EQ(*write_at(fd, "far", 20), 3U);
  EXPECT_EQ(get("data/file").size(), 23U);
  EXPECT_EQ(write_at(fd, "x", ~std::uint64_t{0}).error(), Errno::kInval);
  EXPECT_EQ(table().budget().write.used(), 11U);
}

TEST_F(FileTableTest, AppendsUntilToldNotTo) {
  const Fd fd = *open(kData, "file", kReadWrite | wasi::kFdFdstatSetFlags, 0, wasi::kFdFlagAppend);
  EXPECT_EQ(table().fd_fdstat_get(fd)->flags, wasi::kFdFlagAppend);
  EXPECT_EQ(*write(fd, "+1"), 2U);
  EXPECT_EQ(*table().fd_tell(fd), 10U);
  ASSERT_TRUE(table().fd_seek(fd, 0, wasi::Whence::kSet));
  EXPECT_EQ(*write(fd, "+2"), 2U);
  EXPECT_EQ(get("data/file"), "write me+1+2");
  EXPECT_EQ(*write_at(fd, "W", 0), 1U) << "an offset is an offset";
  EXPECT_EQ(get("data/file"), "Write me+1+2");
  ASSERT_EQ(table().fd_fdstat_set_flags(fd, 0), Errno::kSuccess);
  ASSERT_TRUE(table().fd_seek(fd, 1, wasi::Whence::kSet));
  EXPECT_EQ(*write(fd, "R"), 1U);
  EXPECT_EQ(get("data/file"), "WRite me+1+2");
}

TEST_F(FileTableTest, FlagsOfSynchronizationAreForLife) {
  const Fd fd = *open(kData, "file", kReadWrite | wasi::kFdFdstatSetFlags, 0, wasi::kFdFlagSync);
  EXPECT_EQ(table().fd_fdstat_get(fd)->flags, wasi::kFdFlagSync);
  EXPECT_EQ(table().fd_fdstat_set_flags(fd, wasi::kFdFlagAppend), Errno::kNotsup);
  EXPECT_EQ(table().fd_fdstat_set_flags(fd, wasi::kFdFlagSync | wasi::kFdFlagNonblock), Errno::kSuccess);
  EXPECT_EQ(table().fd_fdstat_get(fd)->flags, wasi::kFdFlagSync | wasi::kFdFlagNonblock);
  EXPECT_EQ(table().fd_fdstat_set_flags(fd, 1U << 5), Errno::kInval);
}

TEST_F(FileTableTest, Seeks) {
  const Fd fd = *open(kInput, "file");
  EXPECT_EQ(*table().fd_seek(fd, 2, wasi::Whence::kSet), 2U);
  EXPECT_EQ(*table().fd_seek(fd, 3, wasi::Whence::kCur), 5U);
  EXPECT_EQ(*table().fd_seek(fd, 0, wasi::Whence::kCur), 5U);
  EXPECT_EQ(*table().fd_seek(fd, -1, wasi::Whence::kEnd), 6U);
  EXPECT_EQ(*table().fd_seek(fd, 100, wasi::Whence::kEnd), 107U) << "beyond the end is allowed";
  EXPECT_EQ(table().fd_seek(fd, -1, wasi::Whence::kSet).error(), Errno::kInval);
  EXPECT_EQ(table().fd_seek(fd, INT64_MAX, wasi::Whence::kCur).error(), Errno::kInval);
  EXPECT_EQ(table().fd_seek(fd, INT64_MIN, wasi::Whence::kEnd).error(), Errno::kInval);
  EXPECT_EQ(table().fd_seek(fd, 1, static_cast<wasi::Whence>(3)).error(), Errno::kInval);
  EXPECT_EQ(*table().fd_tell(fd), 107U) << "a failure moves nothing";
}

TEST_F(FileTableTest, SetsTheSize) {
  const Fd fd = *open(kData, "file", kReadWrite | wasi::kFdFilestatSetSize | wasi::kFdFilestatGet);
  EXPECT_EQ(table().fd_filestat_set_size(fd, 5), Errno::kSuccess);
  EXPECT_EQ(get("data/file"), "write");
  EXPECT_EQ(table().fd_filestat_set_size(fd, 100), Errno::kSuccess);
  EXPECT_EQ(table().fd_filestat_get(fd)->size, 100U);
  EXPECT_EQ(get("data/file"), std::string("write") + std::string(95, '\0'));
}

TEST_F(FileTableTest, AllocatesAndNeverShrinks) {
  const Fd fd = *open(kData, "new", wasi::kFdAllocate | wasi::kFdFilestatGet, wasi::kOFlagCreat);
  const Errno made = table().fd_allocate(fd, 0, 100);
  if (made == Errno::kNotsup) {
    GTEST_SKIP() << "this file system cannot allocate";
  }
  ASSERT_EQ(made, Errno::kSuccess);
  EXPECT_EQ(table().fd_filestat_get(fd)->size, 100U);
  EXPECT_EQ(table().fd_allocate(fd, 10, 10), Errno::kSuccess);
  EXPECT_EQ(table().fd_filestat_get(fd)->size, 100U);
  EXPECT_EQ(table().fd_allocate(fd, 90, 20), Errno::kSuccess);
  EXPECT_EQ(table().fd_filestat_get(fd)->size, 110U);
  EXPECT_EQ(table().fd_allocate(fd, 0, 0), Errno::kInval);
}

TEST_F(FileTableTest, TakesAdvice) {
  const Fd fd = *open(kInput, "file", wasi::kFdAdvise);
  for (int advice = 0; advice < 6; ++advice) {
    EXPECT_EQ(table().fd_advise(fd, 0, 100, static_cast<wasi::Advice>(advice)), Errno::kSuccess);
  }
  EXPECT_EQ(table().fd_advise(fd, 0, 100, static_cast<wasi::Advice>(6)), Errno::kInval);
  EXPECT_EQ(table().fd_advise(fd, 1, INT64_MAX, wasi::Advice::kNormal), Errno::kInval);
}

TEST_F(FileTableTest, Syncs) {
  const Fd fd = *open(kData, "file", wasi::kFdSync | wasi::kFdDatasync);
  EXPECT_EQ(table().fd_sync(fd), Errno::kSuccess);
  EXPECT_EQ(table().fd_datasync(fd), Errno::kSuccess);
  EXPECT_EQ(table().fd_sync(kData), Errno::kSuccess) << "a directory";
  EXPECT_EQ(table().fd_datasync(kData), Errno::kSuccess);
}

TEST_F(FileTableTest, TellsWhatAFileIs) {
  ASSERT_EQ(::mkfifo(host("data/pipe").c_str(), 0600), 0);
  link("file", "data/link");
  const auto file = table().path_filestat_get(kData, 0, "file");
  EXPECT_EQ(file->filetype, Filetype::kRegularFile);
  EXPECT_EQ(file->size, 8U);
  EXPECT_EQ(file->nlink, 1U);
  EXPECT_GT(file->mtim, 1'600'000'000'000'000'000U);
  const Fd fd = *open(kData, "file", wasi::kFdFilestatGet);
  EXPECT_EQ(*table().fd_filestat_get(fd), *file);
  EXPECT_EQ(table().fd_filestat_get(kData)->filetype, Filetype::kDirectory);
  EXPECT_EQ(*table().path_filestat_get(kData, 0, "."), *table().fd_filestat_get(kData));
  EXPECT_EQ(table().path_filestat_get(kData, 0, "pipe")->filetype, Filetype::kUnknown);
  const auto linked = table().path_filestat_get(kData, 0, "link");
  EXPECT_EQ(linked->filetype, Filetype::kSymbolicLink) << "a link may be seen, not followed";
  EXPECT_EQ(linked->size, 4U);
  EXPECT_EQ(table().path_filestat_get(kData, 0, "none").error(), Errno::kNoent);
  EXPECT_EQ(table().path_filestat_get(kData, 2, "file").error(), Errno::kInval);
  EXPECT_EQ(table().path_filestat_get(kData, 0, "file/").error(), Errno::kNotdir);
  EXPECT_TRUE(reasons_.empty());
}

TEST_F(FileTableTest, NumbersOfFilesAreOneToOneAndNotTheHosts) {
  put("data/other", "");
  std::filesystem::create_hard_link(host("data/file"), host("data/same"));
  struct stat status{};
  ASSERT_EQ(::stat(host("data/file").c_str(), &status), 0);
  const auto file = table().path_filestat_get(kData, 0, "file");
  EXPECT_EQ(table().path_filestat_get(kData, 0, "same")->ino, file->ino);
  EXPECT_NE(table().path_filestat_get(kData, 0, "other")->ino, file->ino);
  EXPECT_EQ(table().path_filestat_get(kData, 0, "other")->dev, file->dev);
  EXPECT_NE(file->ino, status.st_ino);
  EXPECT_NE(file->dev, status.st_dev);
  EXPECT_NE(FileIdentity({1}).inode(7), FileIdentity({2}).inode(7));
  EXPECT_NE(FileIdentity({1}).inode(7), FileIdentity({1}).device(7));
  for (const Entry& entry : list(kData)) {
    if (entry.name != "..") {
      EXPECT_EQ(entry.ino, table().path_filestat_get(kData, 0, entry.name)->ino) << entry.name;
    } else {
      EXPECT_EQ(entry.ino, table().fd_filestat_get(kData)->ino) << "what is above is not shown";
    }
  }
}

TEST_F(FileTableTest, TimesAreNoFinerAndNoLaterThanTheGuestsClock) {
  const auto set = [](FileTable& files, std::uint64_t time, unsigned flags) {
    EXPECT_EQ(files.path_filestat_set_times(kData, 0, "file", time, time, static_cast<wasi::FstFlags>(flags)),
              Errno::kSuccess);
    return *files.path_filestat_get(kData, 0, "file");
  };
  constexpr unsigned kNow = wasi::kFstAtimNow | wasi::kFstMtimNow;
  const std::uint64_t real = set(table(), 0, kNow).mtim;
  EXPECT_GT(real, 1'600'000'000'000'000'000U);

  times_ = {.unit = 1'000'000};
  const auto coarse = set(*make().value(), 0, kNow);
  for (const std::uint64_t time : {coarse.atim, coarse.mtim, coarse.ctim}) {
    EXPECT_EQ(time % 1'000'000, 0U);
    EXPECT_GE(time + 1'000'000, real);
  }

  times_ = {.latest = 77};
  const auto files = make().value();
  const auto latest = set(*files, 0, kNow);
  EXPECT_EQ(std::tuple(latest.atim, latest.mtim, latest.ctim), std::tuple(77U, 77U, 77U));
  EXPECT_EQ(set(*files, 76, wasi::kFstAtim | wasi::kFstMtim).mtim, 76U) << "what is earlier is as it was set";
}

TEST_F(FileTableTest, SetsTimes) {
  const auto before = *table().path_filestat_get(kData, 0, "file");
  EXPECT_EQ(table().path_filestat_set_times(kData, 0, "file", 1, 1'500'000'000'000'000'007, wasi::kFstMtim),
            Errno::kSuccess);
  auto after = *table().path_filestat_get(kData, 0, "file");
  EXPECT_EQ(after.mtim, 1'500'000'000'000'000'007U);
  EXPECT_EQ(after.atim, before.atim);
  const Fd fd = *open(kData, "file", wasi::kFdFilestatSetTimes | wasi::kFdFilestatGet);
  EXPECT_EQ(table().fd_filestat_set_times(fd, 5, 0, wasi::kFstAtim | wasi::kFstMtimNow), Errno::kSuccess);
  after = *table().fd_filestat_get(fd);
  EXPECT_EQ(after.atim, 5U);
  EXPECT_GE(after.mtim, before.mtim);
  EXPECT_EQ(table().fd_filestat_set_times(kData, 7, 7, wasi::kFstAtim | wasi::kFstMtim), Errno::kSuccess);
  EXPECT_EQ(table().fd_filestat_get(kData)->mtim, 7U);

  for (const wasi::FstFlags flags : {wasi::FstFlags{3}, wasi::FstFlags{12}, wasi::FstFlags{16}}) {
    EXPECT_EQ(table().fd_filestat_set_times(fd, 1, 1, flags), Errno::kInval);
    EXPECT_EQ(table().path_filestat_set_times(kData, 0, "file", 1, 1, flags), Errno::kInval);
  }
  EXPECT_EQ(table().path_filestat_set_times(kData, 0, "none", 1, 1, wasi::kFstAtim), Errno::kNoent);
  EXPECT_EQ(table().path_filestat_set_times(kData, 8, "file", 1, 1, wasi::kFstAtim), Errno::kInval);
}

TEST_F(FileTableTest, SetsTheTimesOfALinkOrOfWhatItPointsAt) {
  allow_links();
  link("file", "data/link");
  const auto file = *table().path_filestat_get(kData, 0, "file");
  EXPECT_EQ(table().path_filestat_set_times(kData, 0, "link", 0, 5, wasi::kFstMtim), Errno::kSuccess);
  EXPECT_EQ(table().path_filestat_get(kData, 0, "link")->mtim, 5U);
  EXPECT_EQ(table().path_filestat_get(kData, 0, "file")->mtim, file.mtim);
  EXPECT_EQ(table().path_filestat_set_times(kData, 1, "link", 0, 6, wasi::kFstMtim), Errno::kSuccess);
  EXPECT_EQ(table().path_filestat_get(kData, 0, "link")->mtim, 5U);
  EXPECT_EQ(table().path_filestat_get(kData, 1, "link")->mtim, 6U);
}

TEST_F(FileTableTest, CreatesFiles) {
  EXPECT_EQ(try_open(kData, "new", kReadWrite), Errno::kNoent);
  EXPECT_EQ(try_open(kData, "new", kReadWrite, wasi::kOFlagCreat), Errno::kSuccess);
  EXPECT_TRUE(exists("data/new"));
  EXPECT_EQ(try_open(kData, "new", kReadWrite, wasi::kOFlagCreat), Errno::kSuccess) << "exists by now";
  EXPECT_EQ(table().budget().created, 1U);
  EXPECT_EQ(try_open(kData, "new", kReadWrite, wasi::kOFlagCreat | wasi::kOFlagExcl), Errno::kExist);
  EXPECT_EQ(try_open(kData, "new2", 0, wasi::kOFlagCreat | wasi::kOFlagExcl), Errno::kSuccess);
  EXPECT_EQ(try_open(kData, ".", 0, wasi::kOFlagCreat), Errno::kIsdir);
  EXPECT_EQ(try_open(kData, "new3/", 0, wasi::kOFlagCreat), Errno::kIsdir);
  EXPECT_EQ(try_open(kData, "no/new", 0, wasi::kOFlagCreat), Errno::kNoent);
  EXPECT_EQ(try_open(kData, "file/new", 0, wasi::kOFlagCreat), Errno::kNotdir);
  EXPECT_EQ(try_open(kData, "new4", 0, wasi::kOFlagCreat | wasi::kOFlagDirectory), Errno::kInval);
  EXPECT_EQ(try_open(kData, "file", 0, 1U << 4), Errno::kInval);
  EXPECT_EQ(table().budget().created, 2U);
}

TEST_F(FileTableTest, NewFilesHaveOrdinaryModes) {
  const mode_t umask = ::umask(022);
  EXPECT_EQ(try_open(kData, "new", 0, wasi::kOFlagCreat), Errno::kSuccess);
  EXPECT_EQ(table().path_create_directory(kData, "folder"), Errno::kSuccess);
  ::umask(umask);
  struct stat status{};
  ASSERT_EQ(::stat(host("data/new").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0644U);
  ASSERT_EQ(::stat(host("data/folder").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 01777, 0755U);
}

TEST_F(FileTableTest, Truncates) {
  EXPECT_EQ(try_open(kData, "file", 0, wasi::kOFlagTrunc), Errno::kSuccess);
  EXPECT_EQ(get("data/file"), "");
  EXPECT_EQ(try_open(kData, ".", 0, wasi::kOFlagTrunc), Errno::kIsdir);
  EXPECT_EQ(try_open(kData, "none", 0, wasi::kOFlagTrunc), Errno::kNoent);
}

TEST_F(FileTableTest, OpensDirectories) {
  std::filesystem::create_directories(host("data/a/b"));
  put("data/a/b/file", "deep");
  EXPECT_EQ(try_open(kData, "a", 0, wasi::kOFlagDirectory), Errno::kSuccess);
  EXPECT_EQ(try_open(kData, "a/", wasi::kFdRead), Errno::kSuccess);
  EXPECT_EQ(try_open(kData, "file", 0, wasi::kOFlagDirectory), Errno::kNotdir);
  EXPECT_EQ(try_open(kData, "a", wasi::kFdRead | wasi::kFdWrite, wasi::kOFlagDirectory), Errno::kIsdir);
  const Fd a = *open(kData, "a", kAll & ~wasi::kFdWrite);
  EXPECT_EQ(table().fd_fdstat_get(a)->filetype, Filetype::kDirectory);
  EXPECT_EQ(table().fd_fdstat_get(a)->rights_base & (wasi::kFdRead | wasi::kFdSeek | wasi::kFdFilestatSetSize), 0U);
  const Fd deep = *open(a, "b/../b/.//file");
  EXPECT_EQ(*read(deep), "deep");
}

TEST_F(FileTableTest, PathsAreUnderstoodAsPosixSays) {
  std::filesystem::create_directories(host("data/dir/nested"));
  put("data/dir/nested/file", "x");
  EXPECT_EQ(try_open(kData, "dir/.//nested/../../dir/nested/../nested///./file"), Errno::kSuccess);
  EXPECT_EQ(try_open(kData, "dir/nested/file/"), Errno::kNotdir);
  EXPECT_EQ(try_open(kData, "dir/nested/file///"), Errno::kNotdir);
  EXPECT_EQ(try_open(kData, "dir/nested///"), Errno::kSuccess);
  EXPECT_EQ(try_open(kData, ""), Errno::kNoent);
  EXPECT_EQ(try_open(kData, "none"), Errno::kNoent);
  EXPECT_EQ(table().path_open(kData, 2, "file", 0, 0, 0, 0).error(), Errno::kInval);
  EXPECT_EQ(table().path_open(kData, 0, "file", 0, 0, 0, 1U << 5).error(), Errno::kInval);
}

TEST_F(FileTableTest, NumbersAreTheLowestFree) {
  const Fd a = *open(kData, "file");
  const Fd b = *open(kData, "file");
  EXPECT_EQ(a, 5U);
  EXPECT_EQ(b, 6U);
  EXPECT_EQ(table().fd_close(a), Errno::kSuccess);
  EXPECT_EQ(table().fd_close(a), Errno::kBadf);
  EXPECT_EQ(*open(kData, "file"), 5U);
  EXPECT_EQ(table().fd_close(kData), Errno::kSuccess) << "a grant may be closed";
  EXPECT_EQ(table().fd_prestat_get(kData).error(), Errno::kBadf);
  EXPECT_EQ(*read(b), "write me") << "what was opened through it stays";
  EXPECT_EQ(*open(kInput, "file"), 3U);
  EXPECT_EQ(table().fd_prestat_get(kData).error(), Errno::kBadf) << "and is no grant";
}

TEST_F(FileTableTest, RightsOnlyBecomeFewer) {
  const Fd fd = *open(kData, "file", kReadWrite | wasi::kFdTell);
  EXPECT_EQ(table().fd_fdstat_get(fd)->rights_base, kReadWrite | wasi::kFdTell);
  EXPECT_EQ(table().fd_filestat_get(fd).error(), Errno::kNotcapable) << "not asked for";
  EXPECT_EQ(table().fd_fdstat_set_rights(fd, wasi::kFdSeek, 0), Errno::kSuccess);
  EXPECT_EQ(read(fd).error(), Errno::kNotcapable);
  EXPECT_EQ(read_at(fd, 0).error(), Errno::kNotcapable);
  EXPECT_EQ(write(fd, "x").error(), Errno::kNotcapable);
  EXPECT_EQ(*table().fd_tell(fd), 0U) << "seeking includes telling";
  EXPECT_EQ(table().fd_fdstat_set_rights(fd, wasi::kFdSeek | wasi::kFdRead, 0), Errno::kNotcapable);
  EXPECT_EQ(table().fd_fdstat_set_rights(fd, wasi::kFdSeek, wasi::kFdRead), Errno::kNotcapable);
  EXPECT_EQ(table().fd_fdstat_set_rights(fd, 0, 0), Errno::kSuccess);
  EXPECT_EQ(table().fd_tell(fd).error(), Errno::kNotcapable);
  EXPECT_TRUE(reasons_.empty()) << "what it gave up itself is no violation";
}

TEST_F(FileTableTest, EveryFunctionWantsItsRight) {
  const Fd file = *open(kData, "file", 0);
  const Fd dir = *open(kData, ".", 0);
  EXPECT_EQ(table().fd_advise(file, 0, 0, wasi::Advice::kNormal), Errno::kNotcapable);
  EXPECT_EQ(table().fd_allocate(file, 0, 1), Errno::kNotcapable);
  EXPECT_EQ(table().fd_datasync(file), Errno::kNotcapable);
  EXPECT_EQ(table().fd_sync(file), Errno::kNotcapable);
  EXPECT_EQ(table().fd_fdstat_set_flags(file, 0), Errno::kNotcapable);
  EXPECT_EQ(table().fd_filestat_get(file).error(), Errno::kNotcapable);
  EXPECT_EQ(table().fd_filestat_set_size(file, 0), Errno::kNotcapable);
  EXPECT_EQ(table().fd_filestat_set_times(file, 0, 0, 0), Errno::kNotcapable);
  EXPECT_EQ(read(file).error(), Errno::kNotcapable);
  EXPECT_EQ(write(file, "x").error(), Errno::kNotcapable);
  EXPECT_EQ(table().fd_seek(file, 1, wasi::Whence::kSet).error(), Errno::kNotcapable);
  EXPECT_EQ(table().fd_readdir(dir, {}, 0).error(), Errno::kNotcapable);
  EXPECT_EQ(table().path_create_directory(dir, "x"), Errno::kNotcapable);
  EXPECT_EQ(table().path_filestat_get(dir, 0, "file").error(), Errno::kNotcapable);
  EXPECT_EQ(table().path_filestat_set_times(dir, 0, "file", 0, 0, 0), Errno::kNotcapable);
  EXPECT_EQ(table().path_link(dir, 0, "file", kData, "x"), Errno::kNotcapable);
  EXPECT_EQ(table().path_link(kData, 0, "file", dir, "x"), Errno::kNotcapable);
  EXPECT_EQ(open(dir, "file").error(), Errno::kNotcapable);
  EXPECT_EQ(table().path_readlink(dir, "file", {}).error(), Errno::kNotcapable);
  EXPECT_EQ(table().path_remove_directory(dir, "x"), Errno::kNotcapable);
  EXPECT_EQ(table().path_rename(dir, "file", kData, "x"), Errno::kNotcapable);
  EXPECT_EQ(table().path_rename(kData, "file", dir, "x"), Errno::kNotcapable);
  EXPECT_EQ(table().path_symlink("x", dir, "x"), Errno::kNotcapable);
  EXPECT_EQ(table().path_unlink_file(dir, "file"), Errno::kNotcapable);
}

TEST_F(FileTableTest, ADirectoryPassesOnOnlyWhatItInherits) {
  const auto all = *table().fd_fdstat_get(kData);
  EXPECT_EQ(table().fd_fdstat_set_rights(kData, all.rights_base, all.rights_inheriting & ~wasi::kFdWrite),
            Errno::kSuccess);
  EXPECT_EQ(open(kData, "file", kReadWrite).error(), Errno::kNotcapable);
  EXPECT_EQ(try_open(kData, "file", kAll & ~kDecisiveRights), Errno::kSuccess) << "the rest only becomes less";
  EXPECT_EQ(table().fd_fdstat_set_rights(kData, all.rights_base & ~wasi::kPathCreateFile & ~wasi::kPathFilestatSetSize,
                                         all.rights_inheriting & ~wasi::kFdWrite & ~wasi::kFdSync & ~wasi::kFdDatasync),
            Errno::kSuccess);
  EXPECT_EQ(open(kData, "new", 0, wasi::kOFlagCreat).error(), Errno::kNotcapable);
  EXPECT_EQ(open(kData, "file", 0, wasi::kOFlagTrunc).error(), Errno::kNotcapable);
  EXPECT_EQ(open(kData, "file", 0, 0, wasi::kFdFlagSync).error(), Errno::kNotcapable);
  EXPECT_EQ(open(kData, "file", 0, 0, wasi::kFdFlagDsync).error(), Errno::kNotcapable);
  EXPECT_EQ(get("data/file"), "write me");
}

TEST_F(FileTableTest, GrantsCarryTheRightsThatToolchainsLookFor) {
  const auto writing = *table().fd_fdstat_get(kData);
  EXPECT_EQ(writing.rights_base, kDirectoryRights);
  EXPECT_EQ(writing.rights_inheriting, kDirectoryRights | kFileRights);
  const auto reading = *table().fd_fdstat_get(kInput);
  EXPECT_EQ(reading.rights_base & kWritingRights, 0U);
  EXPECT_EQ(reading.rights_base | (kDirectoryRights & kWritingRights), kDirectoryRights);
  EXPECT_EQ(try_open(kInput, "file", kAll & ~wasi::kFdWrite & ~wasi::kFdAllocate & ~wasi::kFdFilestatSetSize),
            Errno::kSuccess);
  // A grant opened again is as much as it was.
  const Fd again = *table().path_open(kData, 0, ".", 0, writing.rights_base, writing.rights_inheriting, 0);
  EXPECT_EQ(*table().fd_fdstat_get(again), writing);
}

TEST_F(FileTableTest, Renumbers) {
  put("data/other", "other");
  const Fd a = *open(kData, "file");
  const Fd b = *open(kData, "other");
  const std::uint32_t open_before = table().budget().open;
  EXPECT_EQ(table().fd_renumber(a, b), Errno::kSuccess);
  EXPECT_EQ(table().fd_close(a), Errno::kBadf);
  EXPECT_EQ(*read(b), "write me");
  EXPECT_EQ(table().budget().open, open_before - 1);
  EXPECT_EQ(table().fd_renumber(b, a), Errno::kBadf) << "only onto what is open";
  EXPECT_EQ(table().fd_renumber(a, b), Errno::kBadf);
  EXPECT_EQ(table().fd_renumber(b, b), Errno::kSuccess);
  EXPECT_EQ(*read_at(b, 0), "write me");
  EXPECT_EQ(table().fd_renumber(kInput, b), Errno::kSuccess) << "a grant moves with its name";
  EXPECT_EQ(table().fd_prestat_get(b)->name_size, 6U);
  EXPECT_EQ(table().fd_prestat_get(kInput).error(), Errno::kBadf);
}

TEST_F(FileTableTest, CallsShareNothing) {
  const auto other = make().value();
  const Fd mine = *open(kData, "file");
  EXPECT_EQ(*read(mine, 5), "write");
  const Fd theirs = *other->path_open(kData, 0, "file", 0, wasi::kFdRead | wasi::kFdSeek, 0, 0);
  EXPECT_EQ(theirs, mine);
  EXPECT_EQ(*other->fd_tell(theirs), 0U);
  EXPECT_EQ(other->fd_close(theirs), Errno::kSuccess);
  EXPECT_EQ(*read(mine), " me");
  EXPECT_EQ(other->budget().read.used(), 0U);
}

}  // namespace
}  // namespace caisson::sandbox
