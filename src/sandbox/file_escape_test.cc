// Guests that try to reach what no grant names: the attack cases on files of the audit suite (SA-066 to SA-078,
// SA-082).
//
// Each control is shown to be one: the same path given to a plain system call, without it, reads the secret.

#include "base/testing/campaign.h"
#include "base/unicode.h"
#include "sandbox/testing/file_table_fixture.h"

#include <atomic>
#include <cerrno>
#include <thread>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

namespace caisson::sandbox {
namespace {

constexpr wasi::Rights kReadWrite = wasi::kFdRead | wasi::kFdWrite | wasi::kFdSeek;

class FileEscapeTest : public FileTableTest {
 protected:
  /// What openat without any control reads from a path in `data`; empty when it cannot.
  std::string plain_read(const std::string& path) const { return plain_read_in("data", path); }
  std::string plain_read_in(std::string_view folder, const std::string& path) const {
    const base::Descriptor directory(::open(host(folder).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const base::Descriptor file(::openat(directory.get(), path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    std::string bytes(4096, '\0');
    const ssize_t got = file ? ::read(file.get(), bytes.data(), bytes.size()) : 0;
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  /// Every way of touching `path` fails, and nothing outside has changed.
  void expect_untouchable(Fd fd, const std::string& path) {
    EXPECT_NE(try_open(fd, path), Errno::kSuccess) << path;
    EXPECT_NE(try_open(fd, path, wasi::kFdRead, 0, 0), Errno::kSuccess) << path;
    EXPECT_NE(try_open(fd, path, kReadWrite), Errno::kSuccess) << path;
    EXPECT_NE(try_open(fd, path, 0, wasi::kOFlagTrunc), Errno::kSuccess) << path;
    EXPECT_NE(try_open(fd, path, 0, wasi::kOFlagCreat), Errno::kSuccess) << path;
    EXPECT_NE(try_open(fd, path, 0, wasi::kOFlagDirectory), Errno::kSuccess) << path;
    EXPECT_FALSE(table().path_filestat_get(fd, wasi::kLookupSymlinkFollow, path)) << path;
    EXPECT_NE(table().path_filestat_set_times(fd, 1, path, 5, 5, wasi::kFstAtim | wasi::kFstMtim), Errno::kSuccess);
    EXPECT_NE(table().path_create_directory(fd, path), Errno::kSuccess) << path;
    EXPECT_NE(table().path_remove_directory(fd, path), Errno::kSuccess) << path;
    // Where links are granted, one that leads nowhere may have two names, and still leads nowhere.
    if (table().path_link(fd, 0, path, fd, "stolen") == Errno::kSuccess) {
      EXPECT_TRUE(std::filesystem::is_symlink(host("data/stolen"))) << path;
      EXPECT_EQ(try_open(fd, "stolen"), Errno::kPerm) << path;
      EXPECT_EQ(table().path_unlink_file(fd, "stolen"), Errno::kSuccess);
    }
    EXPECT_NE(table().path_link(fd, 0, "file", fd, path), Errno::kSuccess) << path;
    EXPECT_NE(table().path_symlink("file", fd, path), Errno::kSuccess) << path;
    expect_unharmed();
  }
  void expect_unharmed() const {
    EXPECT_EQ(get("outside/secret"), kSecret);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(host("outside")), {}), 1);
    EXPECT_FALSE(exists("data/stolen"));
    struct stat status{};
    EXPECT_EQ(::stat(host("outside/secret").c_str(), &status), 0);
    EXPECT_EQ(status.st_nlink, 1U);
    EXPECT_GT(status.st_mtime, 1'000'000);
  }
};

TEST_F(FileEscapeTest, WithoutAGrantThereIsNothing) {  // SA-066
  grants_.clear();
  for (Fd fd = 0; fd < 10; ++fd) {
    EXPECT_EQ(try_open(fd, "file"), Errno::kBadf);
    EXPECT_EQ(table().fd_prestat_get(fd).error(), Errno::kBadf);
  }
}

TEST_F(FileEscapeTest, DotDotDoesNotLeave) {  // SA-067
  std::filesystem::create_directory(host("data/a"));
  ASSERT_EQ(plain_read("../outside/secret"), kSecret);
  ASSERT_EQ(plain_read("a/../../outside/secret"), kSecret);
  for (const char* path : {"../outside/secret", "a/../../outside/secret", "./../outside/secret", "a/../../data/file",
                           "../", "..", "a/../.."}) {
    reasons_.clear();
    expect_untouchable(kData, path);
    EXPECT_EQ(try_open(kData, path), Errno::kPerm) << path;
    EXPECT_TRUE(refused(FileRefusalReason::kEscape)) << path;
  }
  EXPECT_EQ(try_open(kData, "..\\outside\\secret"), Errno::kNoent) << "a name, with odd letters in it";
  // A directory that was opened is an edge as well.
  const Fd a = *open(kData, "a", kAll & ~wasi::kFdWrite);
  EXPECT_EQ(try_open(a, "../file"), Errno::kPerm);
  EXPECT_EQ(last_refusal_,
            "path_open \"../file\" in \"/data\": it leads out of \"/data\"; grant the directory that it means");
}

TEST_F(FileEscapeTest, AbsolutePathsAreNobodys) {  // SA-068
  const std::string secret = host("outside/secret");
  ASSERT_EQ(plain_read(secret), kSecret);
  ASSERT_EQ(plain_read("/proc/self/root" + secret), kSecret);
  for (const std::string& path :
       {secret, "/" + secret, "/proc/self/root" + secret, host("data/file"), std::string("/"), std::string("//")}) {
    reasons_.clear();
    expect_untouchable(kData, path);
    EXPECT_TRUE(refused(FileRefusalReason::kEscape)) << path;
  }
}

TEST_F(FileEscapeTest, ALinkThatAGuestMakesLeadsNowhere) {  // SA-069
  EXPECT_EQ(table().path_symlink("file", kData, "x"), Errno::kPerm) << "no links are granted";
  EXPECT_TRUE(refused(FileRefusalReason::kLink));
  EXPECT_EQ(try_open(kData, "x"), Errno::kNoent);
}

TEST_F(FileEscapeTest, WhereLinksAreGrantedTheyOnlyGoDown) {  // SA-069
  allow_links();
  for (const std::string& target :
       {host("outside/secret"), std::string("../outside/secret"), std::string("/"), std::string(".."),
        std::string("a/../../outside"), std::string("a/.."), std::string("./..//outside/secret")}) {
    EXPECT_EQ(table().path_symlink(target, kData, "x"), Errno::kPerm) << target;
    EXPECT_FALSE(exists("data/x")) << target;
  }
  EXPECT_EQ(table().path_symlink("..a/...", kData, "x"), Errno::kSuccess) << "these are names";
}

TEST_F(FileEscapeTest, PlantedLinksAreNotFollowed) {  // SA-070
  link(host("outside/secret"), "data/absolute");
  link("../outside/secret", "data/relative");
  link("../outside", "data/folder");
  link("file", "data/inside");
  ASSERT_EQ(plain_read("absolute"), kSecret);
  ASSERT_EQ(plain_read("folder/secret"), kSecret);
  for (const char* path : {"absolute", "relative", "folder", "folder/secret", "inside", "inside/"}) {
    reasons_.clear();
    expect_untouchable(kData, path);
    EXPECT_TRUE(refused(FileRefusalReason::kLink)) << path;
  }
  std::array<std::byte, 256> target{};
  EXPECT_EQ(table().path_readlink(kData, "absolute", target).error(), Errno::kPerm);
  EXPECT_EQ(table().path_readlink(kData, "inside", target).error(), Errno::kPerm);
  EXPECT_EQ(table().path_unlink_file(kData, "folder/secret"), Errno::kLoop);
  EXPECT_EQ(table().path_rename(kData, "folder/secret", kData, "stolen"), Errno::kLoop);
  EXPECT_EQ(table().path_rename(kData, "file", kData, "folder/secret"), Errno::kLoop);
  EXPECT_EQ(table().path_filestat_set_times(kData, 0, "absolute", 5, 5, wasi::kFstMtim), Errno::kSuccess)
      << "of the link itself";
  expect_unharmed();
}

TEST_F(FileEscapeTest, PlantedLinksAreFollowedInsideOnly) {  // SA-070
  allow_links();
  std::filesystem::create_directory(host("data/a"));
  link(host("outside/secret"), "data/absolute");
  link("../outside/secret", "data/relative");
  link("../outside", "data/folder");
  link("../../outside/secret", "data/a/deep");
  link("a/deep", "data/chain");
  link("../file", "data/a/up");
  for (const char* path : {"absolute", "relative", "folder", "folder/secret", "a/deep", "chain"}) {
    reasons_.clear();
    expect_untouchable(kData, path);
    EXPECT_TRUE(refused(FileRefusalReason::kEscape)) << path;
    std::array<std::byte, 256> target{};
    const auto shown = table().path_readlink(kData, path, target);
    EXPECT_TRUE(!shown || std::string_view(path) == "chain") << path << ": where things are on the host";
  }
  EXPECT_EQ(*read(*open(kData, "a/up")), "write me") << "up, and still inside";
  std::array<std::byte, 256> target{};
  EXPECT_EQ(*table().path_readlink(kData, "a/up", target), 7U);
}

TEST_F(FileEscapeTest, ATrailingSlashFollowsNoLinkOut) {  // SA-071
  link("../outside", "data/x");
  std::filesystem::create_directory(host("data/dir"));
  link("dir", "data/y");
  struct stat status{};
  ASSERT_EQ(::fstatat(AT_FDCWD, (host("data/x") + "/").c_str(), &status, AT_SYMLINK_NOFOLLOW), 0);
  ASSERT_TRUE(S_ISDIR(status.st_mode)) << "a plain lstat follows a link before a slash";
  for (const bool links : {false, true}) {
    for (const char* path : {"x/", "x/.", "x//", "x//.", "x/secret", "x/./secret"}) {
      if (links) {
        allow_links();
      }
      const auto other = make().value();
      EXPECT_FALSE(other->path_open(kData, 0, path, 0, wasi::kFdRead, 0, 0)) << path;
      EXPECT_FALSE(other->path_open(kData, 1, path, 0, wasi::kFdRead, 0, 0)) << path;
      EXPECT_FALSE(other->path_filestat_get(kData, 0, path)) << path;
      EXPECT_NE(other->path_filestat_set_times(kData, 0, path, 5, 5, wasi::kFstMtim), Errno::kSuccess) << path;
      EXPECT_NE(other->path_unlink_file(kData, path), Errno::kSuccess) << path;
      EXPECT_NE(other->path_remove_directory(kData, path), Errno::kSuccess) << path;
      EXPECT_NE(other->path_create_directory(kData, path), Errno::kSuccess) << path;
      EXPECT_NE(other->path_link(kData, 0, path, kData, "stolen"), Errno::kSuccess) << path;
      EXPECT_FALSE(other->path_readlink(kData, path, {})) << path;
      expect_unharmed();
    }
  }
  const auto with_links = make().value();
  EXPECT_EQ(with_links->path_filestat_get(kData, 0, "y/")->filetype, wasi::Filetype::kDirectory);
}

TEST_F(FileEscapeTest, ALinkWithASlashIsNotRenamed) {  // SA-072
  allow_links();
  link("../outside", "data/out");
  std::filesystem::create_directory(host("data/dir"));
  EXPECT_EQ(table().path_rename(kData, "out/", kData, "stolen"), Errno::kNotdir);
  EXPECT_EQ(table().path_rename(kData, "dir", kData, "out/"), Errno::kNotdir);
  EXPECT_EQ(table().path_rename(kData, "file", kData, "out/"), Errno::kNotdir);
  EXPECT_EQ(table().path_rename(kData, "out/secret", kData, "stolen"), Errno::kPerm);
  EXPECT_EQ(table().path_rename(kData, "file", kData, "out/file"), Errno::kPerm);
  expect_unharmed();
  EXPECT_TRUE(std::filesystem::is_symlink(host("data/out")));
}

TEST_F(FileEscapeTest, ALinkIsNotMovedToWhereADirectoryIsLookedFor) {
  link("../outside", "data/out");
  std::filesystem::create_directory(host("data/sub"));
  EXPECT_EQ(table().path_rename(kData, "sub", kData, "old"), Errno::kSuccess);
  EXPECT_EQ(table().path_rename(kData, "out", kData, "sub"), Errno::kPerm);
  EXPECT_TRUE(refused(FileRefusalReason::kLink));
  // Where links are granted it may be moved; a grant that is reached through it is not had.
  allow_links();
  EXPECT_EQ(make().value()->path_rename(kData, "out", kData, "sub"), Errno::kSuccess);
  grants_ = {{.host = host("data/sub"), .guest = "/sub"}};
  EXPECT_FALSE(make());
  expect_unharmed();
}

TEST_F(FileEscapeTest, WhatIsReadOnlyIsNotLinkedWhereItCanBeWritten) {  // SA-073
  EXPECT_EQ(table().path_link(kInput, 0, "file", kData, "x"), Errno::kNotcapable);
  EXPECT_TRUE(refused(FileRefusalReason::kReadOnly));
  EXPECT_EQ(table().path_link(kData, 0, "file", kInput, "x"), Errno::kNotcapable);
  EXPECT_FALSE(exists("data/x"));
  EXPECT_FALSE(exists("input/x"));
  // Rights aside, two grants are two worlds, for writing too.
  grants_[1].access = Access::kWrite;
  const auto other = make().value();
  EXPECT_EQ(other->path_link(kInput, 0, "file", kData, "x"), Errno::kXdev);
  EXPECT_TRUE(refused(FileRefusalReason::kAcrossGrants));
  EXPECT_FALSE(exists("data/x"));
}

TEST_F(FileEscapeTest, NothingMovesBetweenGrants) {  // SA-074
  EXPECT_EQ(table().path_rename(kInput, "file", kData, "x"), Errno::kNotcapable);
  EXPECT_EQ(table().path_rename(kData, "file", kInput, "x"), Errno::kNotcapable);
  // Even when they are the same directory.
  grants_ = {{.host = host("data"), .guest = "/a", .access = Access::kWrite},
             {.host = host("data"), .guest = "/b", .access = Access::kWrite}};
  const auto other = make().value();
  EXPECT_EQ(other->path_rename(3, "file", 4, "x"), Errno::kXdev);
  const Fd inner = *other->path_open(3, 0, ".", 0, kAll & ~wasi::kFdWrite, kAll, 0);
  EXPECT_EQ(other->path_rename(inner, "file", 4, "x"), Errno::kXdev) << "nor through what was opened";
  EXPECT_EQ(other->path_rename(inner, "file", 3, "x"), Errno::kSuccess);
  EXPECT_EQ(get("input/file"), "read me");
}

TEST_F(FileEscapeTest, WhatIsReadOnlyIsNotChanged) {  // SA-075
  struct stat before{};
  ASSERT_EQ(::stat(host("input/file").c_str(), &before), 0);
  EXPECT_EQ(try_open(kInput, "file", wasi::kFdRead, wasi::kOFlagTrunc), Errno::kNotcapable);
  EXPECT_EQ(try_open(kInput, "new", wasi::kFdRead, wasi::kOFlagCreat), Errno::kNotcapable);
  EXPECT_EQ(try_open(kInput, "file", wasi::kFdWrite), Errno::kNotcapable);
  EXPECT_EQ(try_open(kInput, "file", wasi::kFdAllocate), Errno::kNotcapable);
  EXPECT_EQ(try_open(kInput, "file", wasi::kFdFilestatSetSize), Errno::kNotcapable);
  EXPECT_EQ(table().path_filestat_set_times(kInput, 0, "file", 5, 5, wasi::kFstMtim), Errno::kNotcapable);
  EXPECT_EQ(table().path_create_directory(kInput, "x"), Errno::kNotcapable);
  EXPECT_EQ(table().path_remove_directory(kInput, "x"), Errno::kNotcapable);
  EXPECT_EQ(table().path_unlink_file(kInput, "file"), Errno::kNotcapable);
  EXPECT_EQ(table().path_rename(kInput, "file", kInput, "x"), Errno::kNotcapable);
  EXPECT_EQ(table().path_link(kInput, 0, "file", kInput, "x"), Errno::kNotcapable);
  EXPECT_EQ(table().path_symlink("file", kInput, "x"), Errno::kNotcapable);
  EXPECT_EQ(table().fd_filestat_set_times(kInput, 5, 5, wasi::kFstMtim), Errno::kNotcapable);
  EXPECT_EQ(table().fd_sync(kInput), Errno::kNotcapable);
  EXPECT_EQ(reasons_, std::vector(14, FileRefusalReason::kReadOnly));
  EXPECT_EQ(
      last_refusal_,
      "fd_sync in \"/input\": \"/input\" is granted for reading; `write: [\"/input\"]` in its grants would allow it");

  const Fd fd = *open(kInput, "file", kAll & ~wasi::kFdWrite & ~wasi::kFdAllocate & ~wasi::kFdFilestatSetSize);
  EXPECT_EQ(write(fd, "x").error(), Errno::kNotcapable);
  EXPECT_EQ(write_at(fd, "x", 0).error(), Errno::kNotcapable);
  EXPECT_EQ(table().fd_allocate(fd, 0, 100), Errno::kNotcapable);
  EXPECT_EQ(table().fd_filestat_set_size(fd, 0), Errno::kNotcapable);
  EXPECT_EQ(table().fd_filestat_set_times(fd, 5, 5, wasi::kFstMtim), Errno::kNotcapable);
  EXPECT_EQ(table().fd_fdstat_set_rights(fd, kAll, kAll), Errno::kNotcapable);
  struct stat after{};
  ASSERT_EQ(::stat(host("input/file").c_str(), &after), 0);
  EXPECT_EQ(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
  EXPECT_EQ(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
  EXPECT_EQ(get("input/file"), "read me");
  EXPECT_EQ(names(kInput), (std::vector<std::string>{".", "..", "file"}));
}

TEST_F(FileEscapeTest, TheKernelsFilesAreNotFiles) {  // SA-076
  for (const char* path : {"/proc", "/proc/self", "/proc/self/fd", "/dev/fd", "/sys"}) {
    grants_ = {{.host = path, .guest = "/data"}};
    const auto made = make();
    ASSERT_FALSE(made) << path;
    EXPECT_EQ(made.error().reason, "sandbox.bad_directory") << path;
  }
  // Beneath a grant of everything, too: through /proc a guest would read this process.
  ASSERT_FALSE(plain_read("/proc/self/environ").empty());
  ASSERT_EQ(plain_read("/proc/self/root" + host("outside/secret")), kSecret);
  for (const bool links : {false, true}) {
    grants_ = {{.host = "/", .guest = "/", .access = Access::kRead, .links = links}};
    const auto table = make().value();
    const std::string process = std::to_string(::getpid());
    for (const std::string& path :
         {std::string("proc/self/environ"), std::string("proc/self/mem"), std::string("proc/self/fd/0"),
          std::string("dev/fd/0"), "proc/self/root" + host("outside/secret"), "proc/" + process + "/environ",
          "proc/" + process + "/cwd", "proc/" + process + "/root", std::string("proc"), std::string("sys/kernel")}) {
      EXPECT_FALSE(table->path_open(kData, 1, path, 0, wasi::kFdRead, 0, 0)) << path;
      EXPECT_FALSE(table->path_filestat_get(kData, 1, path)) << path;
    }
    EXPECT_TRUE(refused(FileRefusalReason::kKernelFiles));
    EXPECT_TRUE(table->path_open(kData, 1, host("outside/secret").substr(1), 0, wasi::kFdRead, 0, 0))
        << "what is stored is granted";
  }
}

TEST_F(FileEscapeTest, DevicesPipesAndSocketsAreNotOpened) {
  ASSERT_EQ(::mkfifo(host("data/pipe").c_str(), 0600), 0);
  const base::Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  host("data/socket").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  std::vector<std::string> special = {"pipe", "socket"};
  if (::mknod(host("data/null").c_str(), S_IFCHR | 0600, ::makedev(1, 3)) == 0) {
    special.emplace_back("null");
  }
  for (const std::string& name : special) {
    // A pipe would make a plain open wait for ever.
    for (const wasi::Rights rights : {wasi::kFdRead, wasi::kFdWrite, kReadWrite}) {
      EXPECT_EQ(try_open(kData, name, rights), Errno::kPerm) << name;
    }
    EXPECT_EQ(try_open(kData, name, 0, wasi::kOFlagTrunc), Errno::kPerm) << name;
    EXPECT_EQ(try_open(kData, name, 0, wasi::kOFlagCreat), Errno::kPerm) << name;
    EXPECT_EQ(table().path_link(kData, 0, name, kData, "x"), Errno::kPerm) << name;
    EXPECT_EQ(table().path_filestat_set_times(kData, 0, name, 5, 5, wasi::kFstMtim), Errno::kPerm) << name;
  }
  EXPECT_TRUE(std::ranges::all_of(reasons_, [](auto why) { return why == FileRefusalReason::kSpecialFile; }));
}

TEST_F(FileEscapeTest, APipeIsNotEvenTouched) {
  ASSERT_EQ(::mkfifo(host("data/pipe").c_str(), 0600), 0);
  // Who waits for a reader sees none: O_PATH is not one. Every openat2 the table makes is looked at.
  static bool opened_for_good = false;
  opened_for_good = false;
  openat2_ = [](int directory, const char* path, const open_how* how, std::size_t size) -> long {
    opened_for_good = opened_for_good || (std::string_view(path) == "pipe" && (how->flags & O_PATH) == 0);
    return ::syscall(SYS_openat2, directory, path, how, size);
  };
  EXPECT_EQ(try_open(kData, "pipe"), Errno::kPerm);
  EXPECT_FALSE(opened_for_good);
}

TEST_F(FileEscapeTest, ProgramsThatRunAsSomebodyElseAreNotWritten) {
  ASSERT_EQ(::chmod(host("data/file").c_str(), S_ISUID | 0755), 0);
  EXPECT_EQ(try_open(kData, "file", kReadWrite), Errno::kPerm);
  EXPECT_EQ(try_open(kData, "file", 0, wasi::kOFlagTrunc), Errno::kPerm);
  EXPECT_EQ(get("data/file"), "write me");
  EXPECT_EQ(try_open(kData, "file", wasi::kFdRead), Errno::kSuccess);
}

TEST_F(FileEscapeTest, RenumberingGainsNothing) {  // SA-078
  for (const Fd low : {Fd{0}, Fd{1}, Fd{2}}) {
    EXPECT_EQ(table().fd_renumber(kData, low), Errno::kNotsup);
    EXPECT_EQ(table().fd_renumber(low, kData), Errno::kNotsup);
  }
  EXPECT_EQ(table().fd_renumber(kInput, 1000), Errno::kBadf);
  EXPECT_EQ(table().fd_renumber(kInput, ~Fd{0}), Errno::kBadf);
  const auto host_before = std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  EXPECT_EQ(table().fd_renumber(kInput, kData), Errno::kSuccess);
  const auto host_after = std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  EXPECT_EQ(host_after, host_before - 1) << "what was there is closed";
  EXPECT_EQ(try_open(kData, "file", wasi::kFdWrite), Errno::kNotcapable) << "the number brings no rights";
  EXPECT_EQ(table().fd_prestat_get(kData)->name_size, 6U);
}

TEST_F(FileEscapeTest, NamesAreBytesThatAreChecked) {  // SA-082
  using namespace std::string_view_literals;
  put("data/CON", "a name like any other");
  const std::string longest(4096, 'n');
  std::string deep;
  for (int i = 0; i < 2000; ++i) {
    deep += "./";
  }
  const std::vector<std::pair<std::string, Errno>> cases = {
      {std::string("file\0"sv), Errno::kInval},
      {std::string("file\0/../x"sv), Errno::kInval},
      {"\xff\xfe", Errno::kIlseq},
      {"\xc0\xae\xc0\xae/outside/secret", Errno::kIlseq},
      {"\xed\xa0\x80", Errno::kIlseq},
      {std::string(256, 'n'), Errno::kNametoolong},
      {longest, Errno::kNametoolong},
      {longest + "n", Errno::kNametoolong},
      {std::string(1 << 20, '/'), Errno::kNametoolong},
      {"\u2024\u2024/outside/secret", Errno::kNoent},
      {"\uff0e\uff0e/outside/secret", Errno::kNoent},
      {"... /secret", Errno::kNoent},
      {"~", Errno::kNoent},
      {"file\n", Errno::kNoent},
  };
  for (const auto& [name, expected] : cases) {
    EXPECT_EQ(try_open(kData, name), expected) << base::quote(name.substr(0, 40));
    EXPECT_EQ(table().path_filestat_get(kData, 0, name).error(), expected);
    EXPECT_EQ(table().path_unlink_file(kData, name), expected);
    EXPECT_EQ(table().path_remove_directory(kData, name), expected);
    EXPECT_EQ(table().path_rename(kData, name, kData, "x"), expected);
    EXPECT_EQ(table().path_link(kData, 0, name, kData, "x"), expected);
  }
  EXPECT_EQ(try_open(kData, deep + "CON"), Errno::kSuccess);
  EXPECT_EQ(table().path_create_directory(kData, "\u00fc\U0001f600 \u202e"), Errno::kSuccess);
  expect_unharmed();
}

TEST_F(FileEscapeTest, WhatIsReportedCanBeShown) {
  EXPECT_EQ(try_open(kData, "../\x1b[31m" + std::string(1000, 'x')), Errno::kPerm);
  EXPECT_EQ(last_refusal_.find('\x1b'), std::string::npos);
  EXPECT_NE(last_refusal_.find("\\u{1b}[31mxxx"), std::string::npos) << last_refusal_;
  EXPECT_LT(last_refusal_.size(), 400U);
  EXPECT_EQ(last_refusal_.find(host("data")), std::string::npos);
  // What is no path at all, as large as a guest likes, in a place where the answer does not depend on it.
  EXPECT_EQ(table().path_unlink_file(kInput, std::string(1 << 24, '\xc3')), Errno::kNotcapable);
  EXPECT_LT(last_refusal_.size(), 1000U);
}

TEST_F(FileEscapeTest, WithoutOpenat2NothingIsGranted) {
  for (const int code : {ENOSYS, EPERM, EINVAL}) {
    static int told = 0;
    told = code;
    openat2_ = [](int, const char*, const open_how*, std::size_t) -> long {
      errno = told;
      return -1;
    };
    const auto made = make();
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().category, Category::kUnavailable);
    EXPECT_EQ(made.error().reason, "sandbox.no_openat2");
  }
}

TEST_F(FileEscapeTest, EveryPathIsWalkedByTheKernelUnderItsRules) {
  static std::uint64_t weakest = ~std::uint64_t{0};
  static int calls = 0;
  weakest = ~std::uint64_t{0};
  calls = 0;
  openat2_ = [](int directory, const char* path, const open_how* how, std::size_t size) -> long {
    ++calls;
    // The granted directory itself begins at the root.
    weakest &= directory == AT_FDCWD ? how->resolve | RESOLVE_BENEATH : how->resolve;
    EXPECT_NE(how->flags & O_CLOEXEC, 0U);
    EXPECT_NE(how->flags & (O_PATH | O_NONBLOCK), 0U);
    return ::syscall(SYS_openat2, directory, path, how, size);
  };
  std::filesystem::create_directory(host("data/a"));
  EXPECT_EQ(try_open(kData, "file"), Errno::kSuccess);
  EXPECT_EQ(try_open(kData, "a/new", 0, wasi::kOFlagCreat), Errno::kSuccess);
  EXPECT_TRUE(table().path_filestat_get(kData, 1, "file"));
  EXPECT_EQ(table().path_rename(kData, "a/new", kData, "a/x"), Errno::kSuccess);
  EXPECT_EQ(table().path_unlink_file(kData, "a/x"), Errno::kSuccess);
  EXPECT_EQ(names(kData).size(), 4U);
  EXPECT_GE(calls, 10);
  EXPECT_EQ(weakest, std::uint64_t{RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS});
}

TEST_F(FileEscapeTest, AWalkThatTheKernelGivesUpIsTriedAgainAndEnds) {
  static int failures = 0;
  failures = 0;
  openat2_ = [](int directory, const char* path, const open_how* how, std::size_t size) -> long {
    if (std::string_view(path) == "file" && failures-- > 0) {
      errno = EAGAIN;
      return -1;
    }
    return ::syscall(SYS_openat2, directory, path, how, size);
  };
  ASSERT_NE(&table(), nullptr);
  failures = 5;
  EXPECT_EQ(try_open(kData, "file"), Errno::kSuccess);
  failures = 1'000'000;
  EXPECT_EQ(try_open(kData, "file"), Errno::kAgain);
  EXPECT_GT(failures, 999'000);
}

TEST_F(FileEscapeTest, ADirectoryThatIsNotThereIsSaid) {
  for (const std::string& path : {host("none"), host("data/file"), std::string("relative"), std::string()}) {
    grants_ = {{.host = path, .guest = "/data"}};
    const auto made = make();
    ASSERT_FALSE(made) << path;
    EXPECT_EQ(made.error().category, Category::kFailedPrecondition);
    EXPECT_EQ(made.error().reason, "sandbox.bad_directory");
    EXPECT_NE(made.error().message.find("/data"), std::string::npos);
  }
  // What was allowed had no links: one that is there now was put there since.
  link("data", "alias");
  grants_ = {{.host = host("alias"), .guest = "/data"}};
  const auto made = make();
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("symbolic link"), std::string::npos) << made.error().message;
}

/// Swaps `data/x`, a directory, with a link to `outside`, as fast as it can.
class Swapper {
 public:
  Swapper(std::string a, std::string b)
      : thread_([this, a = std::move(a), b = std::move(b)] {
          while (!stop_.load(std::memory_order_relaxed)) {
            swaps_ += ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0 ? 1U : 0U;
          }
        }) {}
  ~Swapper() {
    stop_ = true;
    thread_.join();
  }
  std::uint64_t swaps() const { return swaps_; }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> swaps_{0};
  std::thread thread_;
};

TEST_F(FileEscapeTest, ARaceIsNotWon) {  // SA-077
  std::filesystem::create_directory(host("data/x"));
  put("data/x/secret", "mine");
  link("../outside", "data/y");
  const auto without = make().value();
  allow_links();
  const auto with = make().value();
  const std::int64_t rounds = base::testing::campaign("file_race_rounds");
  std::int64_t inside = 0;
  std::int64_t stopped = 0;
  std::int64_t plain = 0;
  {
    const Swapper swapper(host("data/x"), host("data/y"));
    // The race is one: a plain open falls for it soon.
    for (int tries = 0; plain == 0 && tries < 10'000'000; ++tries) {
      plain += plain_read("x/secret") == kSecret ? 1 : 0;
    }
    ASSERT_GT(plain, 0);
    for (std::int64_t i = 0; i < rounds; ++i) {
      FileTable& table = i % 2 == 0 ? *without : *with;
      const auto fd = table.path_open(kData, 1, "x/secret", 0, wasi::kFdRead | wasi::kFdSeek, 0, 0);
      if (fd) {
        std::array<char, 64> bytes{};
        const std::array<std::span<std::byte>, 1> into = {std::as_writable_bytes(std::span(bytes))};
        const auto got = table.fd_pread(*fd, into, 0);
        ASSERT_EQ(std::string_view(bytes.data(), got ? *got : 0), "mine") << "round " << i;
        ASSERT_EQ(table.fd_close(*fd), Errno::kSuccess);
        ++inside;
      } else {
        ++stopped;
      }
      if (const auto made = table.path_open(kData, 0, "x/new", wasi::kOFlagCreat, wasi::kFdWrite, 0, 0); made) {
        ASSERT_EQ(table.fd_close(*made), Errno::kSuccess);
      }
      (void)table.path_unlink_file(kData, "x/new");
      (void)table.path_filestat_set_times(kData, 1, "x/secret", 5, 5, wasi::kFstMtim);
      (void)table.path_rename(kData, "x/secret", kData, "x/secret2");
      (void)table.path_rename(kData, "x/secret2", kData, "x/secret");
    }
    EXPECT_GT(swapper.swaps(), 100U);
  }
  EXPECT_GT(inside, 0);
  EXPECT_GT(stopped, 0) << "the other thread was in the way";
  expect_unharmed();
}

}  // namespace
}  // namespace caisson::sandbox
