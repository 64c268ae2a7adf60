// The functions of WASI preview 1 that make, move, remove and list names: what they do, and what they say when it
// cannot be done.

#include "sandbox/testing/file_table_fixture.h"

#include <set>

namespace caisson::sandbox {
namespace {

using wasi::Filetype;

using FileNamesTest = FileTableTest;

TEST_F(FileNamesTest, MakesAndRemovesDirectories) {
  EXPECT_EQ(table().path_create_directory(kData, "a"), Errno::kSuccess);
  EXPECT_EQ(table().path_create_directory(kData, "a"), Errno::kExist);
  EXPECT_EQ(table().path_create_directory(kData, "a/b/"), Errno::kSuccess) << "a trailing slash is fine";
  EXPECT_EQ(table().path_create_directory(kData, "."), Errno::kExist);
  EXPECT_EQ(table().path_create_directory(kData, "a/.."), Errno::kExist);
  EXPECT_EQ(table().path_create_directory(kData, "none/b"), Errno::kNoent);
  EXPECT_EQ(table().path_create_directory(kData, "file/b"), Errno::kNotdir);
  EXPECT_EQ(table().path_remove_directory(kData, "a"), Errno::kNotempty);
  EXPECT_EQ(table().path_remove_directory(kData, "a/."), Errno::kInval);
  EXPECT_EQ(table().path_remove_directory(kData, "a/b/"), Errno::kSuccess);
  EXPECT_EQ(table().path_remove_directory(kData, "a"), Errno::kSuccess);
  EXPECT_EQ(table().path_remove_directory(kData, "a"), Errno::kNoent);
  EXPECT_EQ(table().path_remove_directory(kData, "file"), Errno::kNotdir);
  EXPECT_EQ(table().path_remove_directory(kData, "file/"), Errno::kNotdir);
  EXPECT_EQ(table().path_remove_directory(kData, "."), Errno::kInval);
  EXPECT_EQ(table().path_remove_directory(kData, ""), Errno::kNoent);
}

TEST_F(FileNamesTest, Unlinks) {
  std::filesystem::create_directory(host("data/dir"));
  EXPECT_EQ(table().path_unlink_file(kData, "dir"), Errno::kIsdir);
  EXPECT_EQ(table().path_unlink_file(kData, "dir/"), Errno::kIsdir);
  EXPECT_EQ(table().path_unlink_file(kData, "file/"), Errno::kNotdir);
  EXPECT_EQ(table().path_unlink_file(kData, "."), Errno::kInval);
  const Fd fd = *open(kData, "file");
  EXPECT_EQ(table().path_unlink_file(kData, "file"), Errno::kSuccess);
  EXPECT_EQ(table().path_unlink_file(kData, "file"), Errno::kNoent);
  EXPECT_EQ(*read(fd), "write me") << "what is open stays readable";
}

TEST_F(FileNamesTest, Renames) {
  std::filesystem::create_directories(host("data/dir/full"));
  std::filesystem::create_directory(host("data/empty"));
  EXPECT_EQ(table().path_rename(kData, "file", kData, "moved"), Errno::kSuccess);
  EXPECT_EQ(get("data/moved"), "write me");
  const Fd dir = *open(kData, "dir", kAll & ~wasi::kFdWrite);
  EXPECT_EQ(table().path_rename(kData, "moved", dir, "inner"), Errno::kSuccess);
  EXPECT_EQ(get("data/dir/inner"), "write me");
  EXPECT_EQ(table().path_rename(kData, "empty", kData, "dir"), Errno::kNotempty);
  EXPECT_EQ(table().path_rename(kData, "dir", kData, "empty"), Errno::kSuccess);
  EXPECT_EQ(table().path_rename(kData, "empty/", kData, "dir/"), Errno::kSuccess) << "directories take slashes";
  EXPECT_EQ(table().path_rename(kData, "dir/inner/", kData, "x"), Errno::kNotdir);
  EXPECT_EQ(table().path_rename(kData, "dir/inner", kData, "x/"), Errno::kNotdir);
  EXPECT_EQ(table().path_rename(kData, "dir/inner", kData, "dir/full"), Errno::kIsdir);
  EXPECT_EQ(table().path_rename(kData, "dir", kData, "dir/full/x"), Errno::kInval) << "into itself";
  EXPECT_EQ(table().path_rename(kData, ".", kData, "x"), Errno::kInval);
  EXPECT_EQ(table().path_rename(kData, "dir", kData, "."), Errno::kInval);
  EXPECT_EQ(table().path_rename(kData, "none", kData, "x"), Errno::kNoent);
}

TEST_F(FileNamesTest, LinksHard) {
  std::filesystem::create_directory(host("data/dir"));
  EXPECT_EQ(table().path_link(kData, 0, "file", kData, "dir/same"), Errno::kSuccess);
  EXPECT_EQ(table().path_filestat_get(kData, 0, "file")->nlink, 2U);
  EXPECT_EQ(table().path_link(kData, 0, "file", kData, "file"), Errno::kExist);
  EXPECT_EQ(table().path_link(kData, 0, "file", kData, "dir"), Errno::kExist);
  EXPECT_EQ(table().path_link(kData, 0, "file", kData, "."), Errno::kExist);
  EXPECT_EQ(table().path_link(kData, 0, "dir", kData, "x"), Errno::kPerm);
  EXPECT_EQ(table().path_link(kData, 0, ".", kData, "x"), Errno::kPerm);
  EXPECT_EQ(table().path_link(kData, 0, "file/", kData, "x"), Errno::kNotdir);
  EXPECT_EQ(table().path_link(kData, 0, "file", kData, "x/"), Errno::kNoent);
  EXPECT_EQ(table().path_link(kData, 0, "none", kData, "x"), Errno::kNoent);
  EXPECT_EQ(table().path_link(kData, wasi::kLookupSymlinkFollow, "file", kData, "x"), Errno::kInval);
  EXPECT_EQ(table().budget().created, 1U);
}

TEST_F(FileNamesTest, LinksSymbolically) {
  allow_links();
  std::filesystem::create_directory(host("data/dir"));
  put("data/dir/file", "deep");
  EXPECT_EQ(table().path_symlink("dir/file", kData, "link"), Errno::kSuccess);
  EXPECT_EQ(table().path_symlink("dir", kData, "down"), Errno::kSuccess);
  EXPECT_EQ(table().path_symlink("x", kData, "link"), Errno::kExist);
  EXPECT_EQ(table().path_symlink("x", kData, "new/"), Errno::kNoent);
  EXPECT_EQ(table().path_symlink("x", kData, "dir/"), Errno::kExist);
  EXPECT_EQ(table().path_symlink("x", kData, "."), Errno::kExist);
  EXPECT_EQ(table().path_symlink("", kData, "x"), Errno::kNoent);
  EXPECT_EQ(*read(*open(kData, "link")), "deep");
  EXPECT_EQ(*read(*open(kData, "down/file")), "deep");
  EXPECT_EQ(try_open(kData, "link", wasi::kFdRead, 0, 0), Errno::kLoop) << "told not to follow";
  EXPECT_EQ(try_open(kData, "down", 0, wasi::kOFlagDirectory, 0), Errno::kNotdir);
  EXPECT_EQ(try_open(kData, "down/", 0, 0, 0), Errno::kSuccess) << "a trailing slash follows, as POSIX says";
  EXPECT_EQ(table().path_filestat_get(kData, 1, "link")->filetype, Filetype::kRegularFile);

  std::array<std::byte, 8> target{};
  EXPECT_EQ(*table().path_readlink(kData, "link", target), 8U);
  EXPECT_EQ(std::memcmp(target.data(), "dir/file", 8), 0);
  EXPECT_EQ(*table().path_readlink(kData, "link", std::span(target).first(3)), 3U) << "cut";
  EXPECT_EQ(table().path_readlink(kData, "dir", target).error(), Errno::kInval);
  EXPECT_EQ(table().path_readlink(kData, "none", target).error(), Errno::kNoent);

  EXPECT_EQ(table().path_link(kData, 0, "link", kData, "twin"), Errno::kSuccess);
  EXPECT_EQ(table().path_unlink_file(kData, "link"), Errno::kSuccess);
  EXPECT_EQ(get("data/dir/file"), "deep") << "the link goes, not what it points at";
  EXPECT_EQ(table().path_symlink("loop", kData, "loop"), Errno::kSuccess);
  EXPECT_EQ(try_open(kData, "loop"), Errno::kLoop);
  EXPECT_EQ(try_open(kData, "loop", 0, wasi::kOFlagCreat), Errno::kLoop);
  EXPECT_EQ(table().path_symlink("nothing", kData, "dangling"), Errno::kSuccess);
  EXPECT_EQ(try_open(kData, "dangling", 0, wasi::kOFlagCreat), Errno::kNoent);
  EXPECT_FALSE(exists("data/nothing"));
  EXPECT_TRUE(reasons_.empty());
}

TEST_F(FileNamesTest, ListsADirectoryThroughBuffersOfAnySize) {
  std::set<std::string> expected = {".", "..", "file"};
  for (int i = 0; i < 500; ++i) {
    const std::string name = "entry-" + std::string(static_cast<std::size_t>(i % 40), 'n') + std::to_string(i);
    put("data/" + name, "");
    expected.insert(name);
  }
  const std::vector<std::string> sorted(expected.begin(), expected.end());
  for (const std::size_t room : {std::size_t{100}, std::size_t{256}, std::size_t{4096}, std::size_t{1} << 20}) {
    EXPECT_EQ(names(kData, room), sorted) << room;
  }
  EXPECT_EQ(list_part(kData, 0, 0).second, 0U);
  EXPECT_EQ(list_part(kData, 0, 23).second, 23U) << "as much of an entry as fits";
}

TEST_F(FileNamesTest, ACookieNamesAPlace) {
  for (const char* name : {"data/a", "data/b", "data/c"}) {
    put(name, "");
  }
  const std::vector<Entry> all = list(kData);
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    EXPECT_EQ(list_part(kData, all[i].next, 4096).first.front().name, all[i + 1].name);
  }
  EXPECT_EQ(list_part(kData, all.back().next, 4096).second, 0U);
  EXPECT_EQ(list(kData).size(), all.size()) << "from the beginning again";
  // Any number is a cookie to ask with; the answer is entries or an errno.
  std::array<std::byte, 256> out{};
  for (const std::uint64_t cookie : {std::uint64_t{1}, std::uint64_t{12345678901234}, UINT64_MAX}) {
    const auto got = table().fd_readdir(kData, out, cookie);
    EXPECT_TRUE(!got || *got <= out.size());
  }
}

TEST_F(FileNamesTest, AListingSeesWhatStaysExactlyOnce) {
  for (int i = 0; i < 300; ++i) {
    put("data/stays" + std::to_string(i), "");
    put("data/goes" + std::to_string(i), "");
  }
  std::multiset<std::string> seen;
  std::uint64_t cookie = 0;
  for (int i = 0;; ++i) {
    const auto [part, used] = list_part(kData, cookie, 200);
    if (part.empty()) {
      break;
    }
    for (const Entry& entry : part) {
      seen.insert(entry.name);
    }
    cookie = part.back().next;
    EXPECT_NE(table().path_unlink_file(kData, "goes" + std::to_string(i)), Errno::kIo);
    put("data/comes" + std::to_string(i), "");
  }
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(seen.count("stays" + std::to_string(i)), 1U) << i;
  }
}

TEST_F(FileNamesTest, ListsTypesAndLeavesOutNamesNoPathCouldName) {
  std::filesystem::create_directory(host("data/dir"));
  link("file", "data/link");
  put("data/not-\xff-utf8", "");
  for (const Entry& entry : list(kData)) {
    const auto expected = entry.name == "file"   ? Filetype::kRegularFile
                          : entry.name == "link" ? Filetype::kSymbolicLink
                                                 : Filetype::kDirectory;
    EXPECT_EQ(entry.type, expected) << entry.name;
  }
  EXPECT_EQ(names(kData), (std::vector<std::string>{".", "..", "dir", "file", "link"}));
}

}  // namespace
}  // namespace caisson::sandbox
