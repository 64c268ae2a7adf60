// WASI preview 1: functions of paths, as a guest sees them. Attacks on the resolution of paths are in
// file_escape_test.cc.

#include "sandbox/testing/wasi_fixture.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include <sys/stat.h>

namespace caisson::sandbox {
namespace {

using Lines = std::vector<std::string>;

class WasiPaths : public WasiTest {
 protected:
  WasiPaths() {
    std::filesystem::create_directories(folder_ / "data/dir/nested");
    put("data/dir/nested/file", "deep");
  }
  void allow_links() {
    for (DirectoryGrant& grant : grants_.directories) {
      grant.links = true;
    }
  }
  void link(std::string_view target, std::string_view name) const {
    std::filesystem::create_symlink(target, host(name));
  }
};

/// Every function of a path, with `%` for it and `D` for the directory.
constexpr std::array kFunctions = {
    "path_create_directory D %", "path_filestat_get D 0 % @0", "path_filestat_set_times D 0 % 1 1 5",
    "path_link D 0 % 3 %",       "path_open D 0 % 0 2 0 0 @0", "path_readlink D % @0 100 @200",
    "path_remove_directory D %", "path_rename D % 3 %",        "path_unlink_file D %"};

std::string in_directory(std::string_view function, std::string_view directory) {
  std::string out(function);
  out.replace(out.find('D'), 1, directory);
  return out;
}

TEST_F(WasiPaths, EachWantsADirectory) {
  for (const char* function : kFunctions) {
    const auto of = [&](std::string_view directory, std::string_view before = {}) {
      const std::string call = in_directory(function, directory);
      const bool two = call.find('%') != call.rfind('%');
      return errno_of(std::string(before) + (two ? on_paths(call, "file", "new") : on_path(call, "file")));
    };
    EXPECT_EQ(of("5"), "badf") << function;
    EXPECT_EQ(of("-1"), "badf") << function;
    EXPECT_EQ(of("1"), "notdir") << function;
    EXPECT_EQ(of("1", "call fd_close 1\n"), "badf") << function;
    EXPECT_EQ(of("5", open("file", kRead)), "notdir") << function;
  }
  EXPECT_EQ(errno_of("call path_symlink @0 1 5 @1 1"), "badf");
  EXPECT_EQ(errno_of("call path_symlink @0 1 0 @1 1"), "notdir");
  EXPECT_EQ(get("data/file"), "abcdefghij");
}

TEST_F(WasiPaths, EachRefusesPathsThatAreNone) {
  const std::string long_path(4097, 'x');
  const std::string long_name(256, 'x');
  for (const char* function : kFunctions) {
    const auto of = [&](std::string_view path) {
      const std::string call = in_directory(function, "3");
      const bool two = call.find('%') != call.rfind('%');
      return errno_of(two ? on_paths(call, path, "new") : on_path(call, path));
    };
    EXPECT_EQ(of(""), "noent") << function;
    EXPECT_EQ(of(long_path), "nametoolong") << function;
    EXPECT_EQ(of(long_name), "nametoolong") << function;
    EXPECT_EQ(of("\xff"), "ilseq") << function;
    EXPECT_EQ(of("/etc/passwd"), "perm") << function;
    EXPECT_EQ(of("../outside/secret"), "perm") << function;
    EXPECT_EQ(of("no/such/file"), "noent") << function;
    EXPECT_EQ(of("file/under"), "notdir") << function;
  }
  EXPECT_EQ(errno_of("text @0 file\nhex @4 0061\ncall path_open 3 0 @0 6 0 2 0 0 @100"), "inval");
  EXPECT_EQ(get("outside/secret"), kSecret);
}

TEST_F(WasiPaths, EachIsDeniedAndRecordedWithoutAnyDirectory) {
  grants_.directories = {};
  for (const char* function : kFunctions) {
    const std::string call = in_directory(function, "3");
    const bool two = call.find('%') != call.rfind('%');
    const Outcome outcome = probe(two ? on_paths(call, "file", "new") : on_path(call, "file"));
    EXPECT_EQ(outcome.output.bytes(), "8\n") << function;
    ASSERT_EQ(outcome.violations.size(), 1U) << function;
    EXPECT_NE(outcome.violations[0].description.find("would allow it"), std::string::npos);
  }
}

TEST_F(WasiPaths, NothingIsChangedWhereTheGrantIsForReading) {
  const auto in = [](std::string_view function, int directory) {
    std::string out(function);
    for (std::size_t at = 0; (at = out.find('D', at)) != std::string::npos;) {
      out.replace(at, 1, std::to_string(directory));
    }
    return out;
  };
  const auto attempts = [&](int directory) {
    return std::array{on_path(in("path_create_directory D %", directory), "new"),
                      on_path(in("path_filestat_set_times D 0 % 1 1 5", directory), "file"),
                      on_paths(in("path_link D 0 % D %", directory), "file", "new"),
                      open("file", kWrite, 0, directory),
                      open("new", kRead, kCreate, directory),
                      open("file", kRead, kTruncate, directory),
                      on_paths(in("path_rename D % D %", directory), "file", "new"),
                      on_path(in("path_unlink_file D %", directory), "file"),
                      on_path(in("path_remove_directory D %", directory), "dir/empty")};
  };
  std::filesystem::create_directories(folder_ / "input/dir/empty");
  for (const std::string& attempt : attempts(4)) {
    const Outcome outcome = probe(attempt);
    EXPECT_EQ(outcome.output.bytes(), "76\n") << attempt;
    ASSERT_EQ(outcome.violations.size(), 1U) << attempt;
    EXPECT_EQ(outcome.violations[0].kind, ViolationKind::kCapability);
  }
  EXPECT_EQ(get("input/file"), "read me");
  EXPECT_FALSE(exists("input/new"));
  EXPECT_TRUE(exists("input/dir/empty"));

  // The same is done where it is for writing.
  std::filesystem::create_directories(folder_ / "data/dir/empty");
  for (const std::string& attempt : attempts(3)) {
    put("data/file", "abcdefghij");
    std::filesystem::remove_all(folder_ / "data/new");
    EXPECT_EQ(errno_of(attempt), "success") << attempt;
  }
  EXPECT_FALSE(exists("data/dir/empty"));
}

TEST_F(WasiPaths, PathsMayBeWrittenInManyWays) {
  const std::array<std::pair<const char*, const char*>, 13> expected = {
      {{"dir/nested/file", "success"},
       {"./dir/nested/file", "success"},
       {"dir//nested///file", "success"},
       {"dir/./nested/../nested/file", "success"},
       {"dir/nested/../../dir/nested/file", "success"},
       {"dir/nested/file/", "notdir"},
       {"dir/nested/file/.", "notdir"},
       {"dir/nested/file/..", "notdir"},
       {"/dir/nested/file", "perm"},
       {"..", "perm"},
       {"../data/dir/nested/file", "perm"},
       {"dir/nested/../../../data/file", "perm"},
       {"dir/none/../nested/file", "noent"}}};
  for (const auto& [path, code] : expected) {
    EXPECT_EQ(errno_of(open(path, kRead)), code) << path;
    EXPECT_EQ(errno_of(on_path("path_filestat_get 3 1 % @0", path)), code) << path;
  }
  // A directory that was opened is a root of its own for paths from it, and no way up.
  const std::string nested = open("dir/nested", "0", kDirectory);
  EXPECT_EQ(errno_of(nested + open("file", kRead, 0, 5)), "success");
  EXPECT_EQ(errno_of(nested + open("../../file", kRead, 0, 5)), "perm");
}

// ---------------------------------------------------------------- path_open

TEST_F(WasiPaths, OpensWhatIsThere) {
  EXPECT_EQ(lines(open("file", kRead) + "show32 @80000\n" + read(5, 3) + "string @90000 3"),
            (Lines{"0", "5", "0", "3", "abc"}));
  EXPECT_EQ(errno_of(open("none", kRead)), "noent");
  EXPECT_EQ(errno_of(open("dir", kRead)), "success");
  EXPECT_EQ(errno_of(open("dir", kRead, kDirectory)), "success");
  EXPECT_EQ(errno_of(open("dir/", kRead)), "success");
  EXPECT_EQ(errno_of(open("file", kRead, kDirectory)), "notdir");
  EXPECT_EQ(errno_of(open("dir", kReadWrite)), "isdir");
  EXPECT_EQ(errno_of(open("file", kRead, 0, 3, 4)), "success");  // nonblock
}

TEST_F(WasiPaths, Creates) {
  EXPECT_EQ(lines(open("new", kReadWrite, kCreate) + write(5, "hello")), (Lines{"0", "0", "5"}));
  EXPECT_EQ(get("data/new"), "hello");
  EXPECT_EQ(errno_of(open("new", kReadWrite, kCreate)), "success");
  EXPECT_EQ(get("data/new"), "hello");
  EXPECT_EQ(errno_of(open("new", kReadWrite, kCreate | kExclusive)), "exist");
  EXPECT_EQ(errno_of(open("dir", kRead, kCreate | kExclusive)), "exist");
  EXPECT_EQ(errno_of(open("none/new", kReadWrite, kCreate)), "noent");
  EXPECT_EQ(errno_of(open("new/", kReadWrite, kCreate)), "notdir");
  EXPECT_EQ(errno_of(open("new2", kRead, kCreate | kDirectory)), "inval");
  EXPECT_EQ(errno_of(open("new", kRead, kTruncate)), "success");
  EXPECT_EQ(get("data/new"), "");
}

TEST_F(WasiPaths, FlagsThatAreNoneAreInval) {
  EXPECT_EQ(errno_of(open("file", kRead, 16)), "inval");
  EXPECT_EQ(errno_of(open("file", kRead, 0x10000)), "inval");
  EXPECT_EQ(errno_of(open("file", kRead, 0, 3, 32)), "inval");
  EXPECT_EQ(errno_of(open("file", kRead, 0, 3, 0x10000)), "inval");
  for (const char* function :
       {"path_open 3 2 % 0 2 0 0 @0", "path_filestat_get 3 2 % @0", "path_filestat_set_times 3 2 % 1 1 5",
        "path_filestat_set_times 3 0 % 1 1 3", "path_filestat_set_times 3 0 % 1 1 0x10001"}) {
    EXPECT_EQ(errno_of(on_path(function, "file")), "inval") << function;
  }
  EXPECT_EQ(errno_of(on_paths("path_link 3 1 % 3 %", "file", "new")), "inval");
}

TEST_F(WasiPaths, DirectoriesPassTheirRightsOn) {
  // Opened with no rights at all, as toolchains do: it can be used like the one it came from.
  const std::string sub = open("dir", "0", kDirectory);
  EXPECT_EQ(errno_of(sub + open("new", kReadWrite, kCreate, 5)), "success");
  EXPECT_EQ(errno_of(sub + on_path("path_unlink_file 5 %", "new")), "success");
  EXPECT_EQ(errno_of(sub + "call fd_readdir 5 @0 100 0 @200"), "success");
  EXPECT_EQ(errno_of(open("dir", "0", kDirectory, 3) + "call fd_fdstat_set_rights 5 0x2000 0x2\n" +
                     open("nested/file", kReadWrite, 0, 5)),
            "notcapable");
  std::filesystem::create_directory(folder_ / "input/dir");
  EXPECT_EQ(errno_of(open("dir", "0", kDirectory, 4) + open("new", kReadWrite, kCreate, 5)), "notcapable");
}

TEST_F(WasiPaths, OnlyFilesAndDirectoriesAreOpened) {
  ASSERT_EQ(::mkfifo(host("data/pipe").c_str(), 0600), 0);
  EXPECT_EQ(errno_of(open("pipe", kRead)), "perm");  // at once
  EXPECT_EQ(errno_of(open("pipe", kWrite)), "perm");
  EXPECT_EQ(errno_of(on_path("path_filestat_get 3 0 % @0", "pipe")), "success");
}

// ---------------------------------------------------------------- names

TEST_F(WasiPaths, MakesDirectories) {
  EXPECT_EQ(errno_of(on_path("path_create_directory 3 %", "new")), "success");
  EXPECT_EQ(errno_of(on_path("path_create_directory 3 %", "new2/")), "success");
  EXPECT_TRUE(exists("data/new") && exists("data/new2"));
  for (const char* name : {"new", "new/", "file", ".", ".."}) {
    EXPECT_EQ(errno_of(on_path("path_create_directory 3 %", name)), "exist") << name;
  }
}

TEST_F(WasiPaths, RemovesDirectoriesThatAreEmpty) {
  EXPECT_EQ(errno_of(on_path("path_remove_directory 3 %", "dir")), "notempty");
  EXPECT_EQ(errno_of(on_path("path_remove_directory 3 %", "dir/nested/")), "notempty");
  EXPECT_EQ(errno_of(on_path("path_remove_directory 3 %", "file")), "notdir");
  EXPECT_EQ(errno_of(on_path("path_remove_directory 3 %", "file/")), "notdir");
  EXPECT_EQ(errno_of(on_path("path_remove_directory 3 %", "none")), "noent");
  EXPECT_EQ(errno_of(on_path("path_remove_directory 3 %", ".")), "inval");
  std::filesystem::create_directory(folder_ / "data/one");
  std::filesystem::create_directory(folder_ / "data/two");
  EXPECT_EQ(errno_of(on_path("path_remove_directory 3 %", "one")), "success");
  EXPECT_EQ(errno_of(on_path("path_remove_directory 3 %", "two/")), "success");
  EXPECT_FALSE(exists("data/one") || exists("data/two"));
}

TEST_F(WasiPaths, UnlinksFiles) {
  EXPECT_EQ(errno_of(on_path("path_unlink_file 3 %", "file/")), "notdir");
  EXPECT_EQ(errno_of(on_path("path_unlink_file 3 %", "dir")), "isdir");
  EXPECT_EQ(errno_of(on_path("path_unlink_file 3 %", "dir/")), "isdir");
  EXPECT_EQ(errno_of(on_path("path_unlink_file 3 %", "none")), "noent");
  // A file that is open stays until it is closed.
  EXPECT_EQ(lines(open("file", kRead) + on_path("path_unlink_file 3 %", "file") + read(5, 3) + "call fd_close 5"),
            (Lines{"0", "0", "0", "3", "0"}));
  EXPECT_FALSE(exists("data/file"));
}

TEST_F(WasiPaths, Renames) {
  const auto rename = [&](std::string_view from, std::string_view to) {
    return errno_of(on_paths("path_rename 3 % 3 %", from, to));
  };
  put("data/other", "other");
  EXPECT_EQ(rename("file", "other"), "success");
  EXPECT_EQ(get("data/other"), "abcdefghij");
  EXPECT_FALSE(exists("data/file"));
  EXPECT_EQ(rename("other", "file/"), "notdir");
  EXPECT_EQ(rename("other/", "file"), "notdir");
  EXPECT_EQ(rename("none", "x"), "noent");
  EXPECT_EQ(rename("dir", "other"), "notdir");
  EXPECT_EQ(rename("other", "dir"), "isdir");
  EXPECT_EQ(rename("dir", "dir/nested/x"), "inval");
  EXPECT_EQ(rename(".", "x"), "inval");
  std::filesystem::create_directory(folder_ / "data/full");
  put("data/full/x", "");
  EXPECT_EQ(rename("dir", "full"), "notempty");
  EXPECT_EQ(rename("dir/", "moved/"), "success");
  EXPECT_TRUE(exists("data/moved/nested/file"));
}

TEST_F(WasiPaths, NamesStayInTheirGrant) {
  grants_.directories.push_back({.host = host("outside"), .guest = "/outside", .access = Access::kWrite});
  for (const char* function : {"path_rename 3 % 5 %", "path_link 3 0 % 5 %"}) {
    const Outcome outcome = probe(on_paths(function, "file", "file"));
    EXPECT_EQ(outcome.output.bytes(), "75\n") << function;  // xdev
    EXPECT_EQ(outcome.violations.size(), 1U);
  }
  EXPECT_FALSE(exists("outside/file"));
}

TEST_F(WasiPaths, LinksFiles) {
  const auto link = [&](std::string_view from, std::string_view to) {
    return errno_of(on_paths("path_link 3 0 % 3 %", from, to));
  };
  EXPECT_EQ(link("file", "same"), "success");
  EXPECT_EQ(lines(on_path("path_filestat_get 3 0 % @0", "file") + "show64 @24\n" +
                  on_path("path_filestat_get 3 0 % @100", "same") + "show64 @124"),
            (Lines{"0", "2", "0", "2"}));
  const auto numbers = lines(on_path("path_filestat_get 3 0 % @0", "file") +
                             on_path("path_filestat_get 3 0 % @100", "same") + "bytes @0 16\nbytes @100 16");
  EXPECT_EQ(numbers[2], numbers[3]);  // device and inode
  EXPECT_EQ(link("file", "same"), "exist");
  EXPECT_EQ(link("file", "dir"), "exist");
  EXPECT_EQ(link("dir", "x"), "perm");
  EXPECT_EQ(link("dir/", "x"), "perm");
  EXPECT_EQ(link("file", "x/"), "noent");
  EXPECT_EQ(link("file/", "x"), "notdir");
  EXPECT_EQ(link("none", "x"), "noent");
}

TEST_F(WasiPaths, SetsTimes) {
  EXPECT_EQ(lines(on_path("path_filestat_set_times 3 0 % 1000000001 2000000002 5", "file") +
                  on_path("path_filestat_get 3 0 % @0", "file") + "show64 @40\nshow64 @48\nbytes @16 1\nshow64 @32"),
            (Lines{"0", "0", "1000000001", "2000000002", "04", "10"}));
}

// ---------------------------------------------------------------- symbolic links

TEST_F(WasiPaths, WithoutLinksNoneIsFollowedMadeOrShown) {
  link("file", "data/link");
  for (const int follow : {0, 1}) {
    EXPECT_EQ(errno_of(on_path(fmt::format("path_open 3 {} % 0 2 0 0 @0", follow), "link")), "loop");
  }
  EXPECT_EQ(errno_of(on_path("path_readlink 3 % @0 100 @200", "link")), "perm");
  EXPECT_EQ(errno_of(on_paths("path_symlink % 3 %", "file", "new")), "perm");
  EXPECT_EQ(lines(on_path("path_filestat_get 3 0 % @0", "link") + "bytes @16 1"), (Lines{"0", "07"}));
  EXPECT_EQ(errno_of(on_path("path_filestat_get 3 1 % @0", "link")), "loop");
  const Outcome outcome = probe(open("link", kRead));
  ASSERT_EQ(outcome.violations.size(), 1U);
  EXPECT_EQ(outcome.violations[0].kind, ViolationKind::kCapability);
}

TEST_F(WasiPaths, WithLinksTheyAreMadeShownAndFollowedInside) {
  allow_links();
  EXPECT_EQ(errno_of(on_paths("path_symlink % 3 %", "dir/nested/file", "link")), "success");
  EXPECT_EQ(errno_of(on_path("path_open 3 1 % 0 2 0 0 @0", "link")), "success");
  EXPECT_EQ(errno_of(on_path("path_open 3 0 % 0 2 0 0 @0", "link")), "loop");
  EXPECT_EQ(errno_of(on_path("path_open 3 0 % 2 2 0 0 @0", "link")), "notdir");
  EXPECT_EQ(lines(on_path("path_filestat_get 3 1 % @0", "link") + "bytes @16 1\nshow64 @32\n" +
                  on_path("path_filestat_get 3 0 % @0", "link") + "bytes @16 1\nshow64 @32"),
            (Lines{"0", "04", "4", "0", "07", "15"}));
  EXPECT_EQ(lines(on_path("path_readlink 3 % @0 100 @200", "link") + "show32 @200\nstring @0 15"),
            (Lines{"0", "15", "dir/nested/file"}));
  EXPECT_EQ(lines("fill @0 100 1\n" + on_path("path_readlink 3 % @0 5 @200", "link") + "show32 @200\nbytes @0 6"),
            (Lines{"0", "5", "6469722f6e01"}));  // cut off
  EXPECT_EQ(lines(on_path("path_readlink 3 % @0 0 @200", "link") + "show32 @200"), (Lines{"0", "0"}));
  EXPECT_EQ(errno_of(on_path("path_readlink 3 % @0 100 @200", "file")), "inval");
  EXPECT_EQ(errno_of(on_paths("path_symlink % 3 %", "x", "link")), "exist");
  EXPECT_EQ(errno_of(on_paths("path_symlink % 3 %", "x", "link/")), "exist");
  EXPECT_EQ(errno_of(on_paths("path_symlink % 3 %", "x", "none/")), "noent");
  EXPECT_EQ(errno_of(on_paths("path_symlink % 3 %", "", "new")), "noent");
  for (const char* target : {"/etc/passwd", "../outside/secret", "dir/../../outside", ".."}) {
    EXPECT_EQ(errno_of(on_paths("path_symlink % 3 %", target, "out")), "perm") << target;
  }
  EXPECT_EQ(errno_of(on_path("path_unlink_file 3 %", "link")), "success");
  EXPECT_TRUE(exists("data/dir/nested/file"));
}

TEST_F(WasiPaths, LinksThatLeadNowhereOrInCircles) {
  allow_links();
  link("none", "data/dangling");
  link("loop", "data/loop");
  EXPECT_EQ(errno_of(on_path("path_open 3 1 % 0 2 0 0 @0", "dangling")), "noent");
  EXPECT_EQ(errno_of(on_path("path_open 3 0 % 0 2 0 0 @0", "dangling")), "loop");
  EXPECT_EQ(errno_of(on_path("path_open 3 1 % 1 66 0 0 @0", "dangling")), "noent");
  EXPECT_FALSE(exists("data/none"));
  EXPECT_EQ(errno_of(on_path("path_open 3 1 % 0 2 0 0 @0", "loop")), "loop");
  EXPECT_EQ(errno_of(on_path("path_filestat_get 3 1 % @0", "loop")), "loop");
  EXPECT_EQ(lines(on_path("path_readlink 3 % @0 100 @200", "dangling") + "string @0 4"), (Lines{"0", "none"}));
}

TEST_F(WasiPaths, LinksOfTheHostThatLeadOutShowNothing) {
  allow_links();
  link("../outside/secret", "data/up");
  link(host("outside/secret"), "data/absolute");
  for (const char* name : {"up", "absolute"}) {
    const Outcome outcome =
        probe(on_path("path_open 3 1 % 0 2 0 0 @0", name) + on_path("path_filestat_get 3 1 % @0", name) +
              on_path("path_readlink 3 % @300 100 @200", name) + "bytes @300 100");
    EXPECT_EQ(outcome.output.bytes(), "63\n63\n63\n" + std::string(200, '0') + "\n") << name;
    EXPECT_EQ(outcome.violations.size(), 3U);
  }
}

TEST_F(WasiPaths, ReadlinkIsNotHalfWritten) {
  allow_links();
  link("file", "data/link");
  EXPECT_EQ(lines("fill @0 4 1\n" + on_path("path_readlink 3 % @0 100 -1", "link") + "bytes @0 4"),
            (Lines{"21", "01010101"}));
}

}  // namespace
}  // namespace caisson::sandbox
