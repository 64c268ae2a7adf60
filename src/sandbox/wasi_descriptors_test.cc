// WASI preview 1: functions of descriptors, as a guest sees them. What files do in detail is in file_table_test.cc.

#include "sandbox/testing/wasi_fixture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace caisson::sandbox {
namespace {

using Lines = std::vector<std::string>;

class WasiDescriptors : public WasiTest {
 protected:
  WasiDescriptors() { grants_.stdin_is_input = true; }
  /// The errno of `function`, whose descriptor is `%`, for each of these descriptors.
  std::string of(std::string_view function, std::string_view fd, std::string_view before = {}) {
    std::string text(function);
    text.replace(text.find('%'), 1, fd);
    return errno_of(fmt::format("{}call {}", before, text));
  }
};

/// Every function of a descriptor, with arguments that are good for a file.
constexpr std::array kFunctions = {"fd_advise % 0 0 0",
                                   "fd_allocate % 0 1",
                                   "fd_close %",
                                   "fd_datasync %",
                                   "fd_fdstat_get % @0",
                                   "fd_fdstat_set_flags % 0",
                                   "fd_fdstat_set_rights % 0 0",
                                   "fd_filestat_get % @0",
                                   "fd_filestat_set_size % 1",
                                   "fd_filestat_set_times % 0 0 0",
                                   "fd_pread % @0 0 0 @0",
                                   "fd_prestat_dir_name % @0 9",
                                   "fd_prestat_get % @0",
                                   "fd_pwrite % @0 0 0 @0",
                                   "fd_read % @0 0 @0",
                                   "fd_readdir % @0 9 0 @0",
                                   "fd_renumber % 3",
                                   "fd_seek % 0 0 @0",
                                   "fd_sync %",
                                   "fd_tell % @0",
                                   "fd_write % @0 0 @0"};

TEST_F(WasiDescriptors, WhatIsNotOpenIsBadf) {
  for (const char* function : kFunctions) {
    for (const char* fd : {"5", "1000", "0x7fffffff", "-1"}) {
      EXPECT_EQ(of(function, fd), "badf") << function << fd;
    }
    EXPECT_EQ(of(function, "2", "call fd_close 2\n"), "badf") << function;
    EXPECT_EQ(of(function, "3", "call fd_close 3\n"), "badf") << function;
  }
}

TEST_F(WasiDescriptors, WithoutDirectoriesThereAreOnlyStreams) {
  grants_.directories = {};
  for (const char* function : kFunctions) {
    EXPECT_EQ(of(function, "3"), "badf") << function;
  }
}

TEST_F(WasiDescriptors, AStreamIsNoFile) {
  const std::array<std::pair<const char*, const char*>, 13> expected = {{{"fd_advise % 0 0 0", "spipe"},
                                                                         {"fd_allocate % 0 1", "spipe"},
                                                                         {"fd_datasync %", "inval"},
                                                                         {"fd_filestat_set_size % 1", "inval"},
                                                                         {"fd_filestat_set_times % 0 0 0", "inval"},
                                                                         {"fd_pread % @0 0 0 @0", "spipe"},
                                                                         {"fd_prestat_dir_name % @0 9", "badf"},
                                                                         {"fd_prestat_get % @0", "badf"},
                                                                         {"fd_pwrite % @0 0 0 @0", "spipe"},
                                                                         {"fd_readdir % @0 9 0 @0", "notdir"},
                                                                         {"fd_seek % 0 0 @0", "spipe"},
                                                                         {"fd_sync %", "inval"},
                                                                         {"fd_tell % @0", "spipe"}}};
  for (const auto& [function, code] : expected) {
    for (const char* fd : {"0", "1", "2"}) {
      EXPECT_EQ(of(function, fd), code) << function << fd;
    }
  }
}

TEST_F(WasiDescriptors, ADirectoryHasNoBytes) {
  for (const char* function : {"fd_advise % 0 0 0", "fd_allocate % 0 1", "fd_filestat_set_size % 1",
                               "fd_pread % @0 0 0 @0", "fd_pwrite % @0 0 0 @0", "fd_read % @0 0 @0", "fd_seek % 0 0 @0",
                               "fd_seek % 0 1 @0", "fd_tell % @0", "fd_write % @0 0 @0"}) {
    EXPECT_EQ(of(function, "3"), "badf") << function;
  }
  EXPECT_EQ(of("fd_readdir % @0 9 0 @100", "5", open("file", kRead)), "notdir");
}

// ---------------------------------------------------------------- standard streams

TEST_F(WasiDescriptors, StreamsAreNoTerminals) {
  // filetype unknown, no flags, rights: filestat_get, fdstat_set_flags, poll, and read or write.
  const auto stat = [&](int fd) {
    return lines(fmt::format("fill @0 24 255\ncall fd_fdstat_get {} @0\nbytes @0 24", fd));
  };
  EXPECT_EQ(stat(0), (Lines{"0",
                            "00000000"
                            "00000000"
                            "0a00200800000000"
                            "0000000000000000"}));
  EXPECT_EQ(stat(1), (Lines{"0",
                            "00000000"
                            "00000000"
                            "4800200800000000"
                            "0000000000000000"}));
  EXPECT_EQ(stat(2), stat(1));
  EXPECT_EQ(lines("fill @0 64 255\ncall fd_filestat_get 1 @0\nbytes @0 64"), (Lines{"0", std::string(128, '0')}));
}

TEST_F(WasiDescriptors, StreamsKeepTheirFlags) {
  EXPECT_EQ(lines("call fd_fdstat_set_flags 1 5\ncall fd_fdstat_get 1 @0\nbytes @2 2\ncall fd_fdstat_set_flags 1 2\n"
                  "call fd_fdstat_set_flags 1 32\ncall fd_fdstat_set_flags 1 0x10000"),
            (Lines{"0", "0", "0500", "58", "28", "28"}));
}

TEST_F(WasiDescriptors, StreamsGiveUpRightsAndGetNoneBack) {
  EXPECT_EQ(errno_of("call fd_fdstat_set_rights 1 0x42 0"), "notcapable");
  EXPECT_EQ(errno_of("call fd_fdstat_set_rights 1 0x40 1"), "notcapable");
  EXPECT_EQ(errno_of("call fd_fdstat_set_rights 1 0x40 0\ncall fd_fdstat_set_rights 1 0x48 0"), "notcapable");
  const std::string without = "call fd_fdstat_set_rights 1 0 0\n";
  EXPECT_EQ(errno_of(without + "call fd_write 1 @0 0 @8"), "badf");
  EXPECT_EQ(errno_of(without + "call fd_filestat_get 1 @0"), "notcapable");
  EXPECT_EQ(errno_of(without + "call fd_fdstat_set_flags 1 0"), "notcapable");
}

TEST_F(WasiDescriptors, StandardInputIsReadOnceAndThenAtItsEnd) {
  const std::string script = read(0, 4) + "string @90000 4\n" + buffer(90000, 100'000) +
                             "call fd_read 0 @81000 1 @82000\nshow32 @82000\n" + read(0, 4) + read(0, 4);
  EXPECT_EQ(lines(script),
            (Lines{"0", "4", script.substr(0, 4), "0", std::to_string(script.size() - 4), "0", "0", "0", "0"}));
  EXPECT_EQ(errno_of("call fd_read 1 @0 0 @8"), "badf");
  EXPECT_EQ(errno_of("call fd_write 0 @0 0 @8"), "badf");
}

TEST_F(WasiDescriptors, WritesOfStreamsAreGathered) {
  const Outcome outcome = probe(
      "text @100 onetwo\nu32 @0 @103\nu32 @4 3\nu32 @8 @100\nu32 @12 6\ncall fd_write 1 @0 2 @20\n"
      "show32 @20\ncall fd_write 2 @8 1 @20");
  EXPECT_EQ(outcome.output.bytes(), "0\n9\n0\n");
  EXPECT_EQ(outcome.captured.standard_output, "twoonetwo");
  EXPECT_EQ(outcome.captured.standard_error, "onetwo");
}

TEST_F(WasiDescriptors, AClosedStreamStaysClosed) {
  const Outcome outcome = probe("call fd_close 1\ncall fd_close 1\n" + write(1, "lost"));
  EXPECT_EQ(outcome.output.bytes(), "0\n8\n8\n0\n");
  EXPECT_EQ(outcome.captured.standard_output, "");
  EXPECT_EQ(lines("call fd_close 0\n" + open("file", kRead) + "show32 @80000").back(),
            "5");  // its number is not reused
}

// ---------------------------------------------------------------- lists of buffers

TEST_F(WasiDescriptors, ListsOfBuffersAreShortEnough) {
  for (const char* function : {"fd_read 5 @0 {} @82000", "fd_write 5 @0 {} @82000", "fd_pread 5 @0 {} 0 @82000",
                               "fd_pwrite 5 @0 {} 0 @82000", "fd_read 0 @0 {} @82000", "fd_write 1 @0 {} @82000"}) {
    const auto with = [&](std::string_view count) {
      return errno_of(open("file", kReadWrite) + "call " + fmt::format(fmt::runtime(function), count));
    };
    EXPECT_EQ(with("0"), "success") << function;
    EXPECT_EQ(with("1024"), "success") << function;
    EXPECT_EQ(with("1025"), "inval") << function;
    EXPECT_EQ(with("0x20000000"), "inval") << function;  // times 8 it is 0 in 32 bits
    EXPECT_EQ(with("0xffffffff"), "inval") << function;
  }
}

TEST_F(WasiDescriptors, NothingIsMovedWhenABufferIsOutside) {
  const std::string good = open("file", kReadWrite) + "u32 @0 @100\nu32 @4 3\n";
  for (const char* bad : {"u32 @8 0xfffffff0\nu32 @12 16\n", "u32 @8 0\nu32 @12 0xffffffff\n", "u32 @8 -1\nu32 @12 2\n",
                          "u32 @8 0x7fffffff\nu32 @12 1\n"}) {
    for (const char* function : {"fd_read 5 @0 2 @82000", "fd_write 5 @0 2 @82000", "fd_pread 5 @0 2 0 @82000",
                                 "fd_pwrite 5 @0 2 0 @82000", "fd_read 0 @0 2 @82000", "fd_write 1 @0 2 @82000"}) {
      const Outcome outcome =
          probe(good + bad + "call " + function + "\ncall fd_tell 5 @200\nshow64 @200\nbytes @100 3");
      EXPECT_EQ(outcome.output.bytes(), "0\n21\n0\n0\n000000\n") << function;
      EXPECT_EQ(outcome.captured.standard_output, "");
    }
  }
  EXPECT_EQ(get("data/file"), "abcdefghij");
}

TEST_F(WasiDescriptors, BuffersMayOverlap) {
  // The second buffer is the first, one byte on; so is the place of the result the list itself.
  EXPECT_EQ(lines(open("file", kRead) + "u32 @0 @100\nu32 @4 4\nu32 @8 @101\nu32 @12 4\ncall fd_read 5 @0 2 @82000\n"
                                        "show32 @82000\nstring @100 5\ncall fd_read 5 @0 2 @0\nshow32 @0"),
            (Lines{"0", "0", "8", "aefgh", "0", "2"}));
  limits_.stdout_bytes = 1000;  // a buffer may be most of the memory
  EXPECT_EQ(reason(probe("u32 @0 0\nu32 @4 0x100000\ncall fd_write 1 @0 1 @8")), "sandbox.output_limit");
}

// ---------------------------------------------------------------- files

TEST_F(WasiDescriptors, ReadsAndWritesAtThePosition) {
  EXPECT_EQ(lines(open("file", kReadWrite) + read(5, 4) + "string @90000 4\n" + write(5, "XY") +
                  "call fd_tell 5 @0\nshow64 @0\n" + read(5, 100) + "string @90000 4\n" + read(5, 100)),
            (Lines{"0", "0", "4", "abcd", "0", "2", "0", "6", "0", "4", "ghij", "0", "0"}));
  EXPECT_EQ(get("data/file"), "abcdXYghij");
}

TEST_F(WasiDescriptors, ReadsAndWritesAtAnOffset) {
  EXPECT_EQ(lines(open("file", kReadWrite) + buffer(90000, 3) + "call fd_pread 5 @81000 1 4 @82000\nstring @90000 3\n" +
                  "call fd_pwrite 5 @81000 1 9 @82000\ncall fd_tell 5 @0\nshow64 @0\n"
                  "call fd_pread 5 @81000 1 100 @82000\nshow32 @82000\n"
                  "call fd_pread 5 @81000 1 0x8000000000000000 @82000\ncall fd_pwrite 5 @81000 1 -1 @82000"),
            (Lines{"0", "0", "efg", "0", "0", "0", "0", "0", "28", "28"}));
  EXPECT_EQ(get("data/file"), "abcdefghiefg");
}

TEST_F(WasiDescriptors, ADescriptorThatWasNotOpenedForItIsBadf) {
  const std::string reading = open("file", kRead);
  const std::string writing = open("file", kWrite);
  EXPECT_EQ(errno_of(reading + "call fd_write 5 @0 0 @8"), "badf");
  EXPECT_EQ(errno_of(reading + "call fd_pwrite 5 @0 0 0 @8"), "badf");
  EXPECT_EQ(errno_of(writing + "call fd_read 5 @0 0 @8"), "badf");
  EXPECT_EQ(errno_of(writing + "call fd_pread 5 @0 0 0 @8"), "badf");
  EXPECT_EQ(errno_of(reading + "call fd_allocate 5 0 1"), "notcapable");
  EXPECT_EQ(errno_of(reading + "call fd_filestat_set_size 5 0"), "notcapable");
  EXPECT_EQ(get("data/file"), "abcdefghij");
}

TEST_F(WasiDescriptors, WhoOpensForReadingOrWritingMayDoWhatGoesWithIt) {
  for (const char* function :
       {"fd_seek 5 2 0 @0", "fd_seek 5 -1 2 @0", "fd_tell 5 @0", "fd_advise 5 0 10 3", "fd_filestat_get 5 @0",
        "fd_fdstat_set_flags 5 1", "fd_filestat_set_times 5 0 0 10", "fd_sync 5", "fd_datasync 5"}) {
    EXPECT_EQ(errno_of(open("file", kRead) + "call " + function), "success") << function;
    EXPECT_EQ(errno_of(open("file", kWrite) + "call " + function), "success") << function;
  }
  EXPECT_EQ(errno_of(open("file", kWrite) + "call fd_allocate 5 0 20"), "success");
  EXPECT_EQ(errno_of(open("file", kWrite) + "call fd_filestat_set_size 5 30"), "success");
  // Not where the grant is for reading: nothing there may change the disk, or make it work.
  for (const char* function : {"fd_filestat_set_times 5 0 0 10", "fd_sync 5", "fd_datasync 5", "fd_allocate 5 0 20",
                               "fd_filestat_set_size 5 0"}) {
    EXPECT_EQ(errno_of(open("file", kRead, 0, 4) + "call " + function), "notcapable") << function;
  }
}

TEST_F(WasiDescriptors, Seeks) {
  const auto seek = [&](std::string_view arguments) {
    const auto all =
        lines(open("file", kRead) + read(5, 4) + fmt::format("call fd_seek 5 {} @0\nshow64 @0", arguments));
    return all.back() == "0" ? error_name(all[all.size() - 2]) : all.back();
  };
  EXPECT_EQ(seek("2 0"), "2");
  EXPECT_EQ(seek("2 1"), "6");
  EXPECT_EQ(seek("0 1"), "4");
  EXPECT_EQ(seek("-3 2"), "7");
  EXPECT_EQ(seek("100 2"), "110");
  EXPECT_EQ(seek("-1 0"), "inval");
  EXPECT_EQ(seek("-5 1"), "inval");
  EXPECT_EQ(seek("-11 2"), "inval");
  EXPECT_EQ(seek("0 3"), "inval");
  EXPECT_EQ(seek("0 256"), "inval");
  EXPECT_EQ(seek("0 -1"), "inval");
  const std::string beyond = seek("0x7fffffffffffffff 1");  // the file system's choice
  EXPECT_TRUE(beyond == "inval" || beyond == "overflow") << beyond;
}

TEST_F(WasiDescriptors, Advises) {
  for (const int advice : {0, 1, 2, 3, 4, 5}) {
    EXPECT_EQ(errno_of(open("file", kRead) + fmt::format("call fd_advise 5 0 10 {}", advice)), "success");
  }
  for (const char* arguments : {"0 10 6", "0 10 256", "-1 10 0", "0 -1 0", "0x7fffffffffffffff 1 0"}) {
    EXPECT_EQ(errno_of(open("file", kRead) + fmt::format("call fd_advise 5 {}", arguments)), "inval") << arguments;
  }
}

TEST_F(WasiDescriptors, Allocates) {
  const auto allocate = [&](std::string_view arguments) {
    put("data/file", "abcdefghij");
    const std::string code = errno_of(open("file", kReadWrite) + fmt::format("call fd_allocate 5 {}", arguments));
    return fmt::format("{} {}", code, get("data/file").size());
  };
  EXPECT_EQ(allocate("0 5"), "success 10");
  EXPECT_EQ(allocate("0 100"), "success 100");
  EXPECT_EQ(allocate("50 10"), "success 60");
  EXPECT_EQ(allocate("0 0"), "inval 10");
  EXPECT_EQ(allocate("0 -1"), "fbig 10");
  EXPECT_EQ(allocate("-1 2"), "fbig 10");
  EXPECT_EQ(allocate("0x7fffffffffffffff 1"), "fbig 10");
}

TEST_F(WasiDescriptors, SetsSizesAndFillsWithZeros) {
  EXPECT_EQ(errno_of(open("file", kWrite) + "call fd_filestat_set_size 5 12"), "success");
  EXPECT_EQ(get("data/file"), std::string("abcdefghij\0\0", 12));
  EXPECT_EQ(errno_of(open("file", kWrite) + "call fd_filestat_set_size 5 3"), "success");
  EXPECT_EQ(get("data/file"), "abc");
  EXPECT_EQ(errno_of(open("file", kWrite) + "call fd_filestat_set_size 5 -1"), "fbig");
  EXPECT_EQ(get("data/file"), "abc");
}

TEST_F(WasiDescriptors, SetsTimes) {
  const auto times = [&](std::string_view arguments) {
    const auto all =
        lines(open("file", kRead) + fmt::format("call fd_filestat_set_times 5 {}\ncall fd_filestat_get 5 @0\n"
                                                "show64 @40\nshow64 @48",
                                                arguments));
    return fmt::format("{} {} {}", error_name(all[1]), all[3], all[4]);
  };
  EXPECT_EQ(times("1000000001 2000000002 5"), "success 1000000001 2000000002");
  EXPECT_EQ(times("7 8 1"), "success 7 2000000002");
  EXPECT_EQ(times("7 8 0"), "success 7 2000000002");
  for (const char* flags : {"3", "12", "15", "16", "0x10000"}) {  // both a time and now, or a flag that is none
    EXPECT_EQ(times(fmt::format("9 9 {}", flags)), "inval 7 2000000002") << flags;
  }
  // Now, which is later than the virtual clock begins; then as the other clocks have it.
  EXPECT_EQ(times("9 9 2"), "success 946684800000000000 2000000002");
  grants_.clock = ClockMode::kDenied;
  EXPECT_EQ(times("9 9 10"), "success 0 0");
  grants_.clock = ClockMode::kReal;
  EXPECT_EQ(times("9 9 2").substr(0, 10), "success 17");  // 10^18 nanoseconds since 1970 begin with 1.7 or so
  grants_.clock = ClockMode::kCoarse;
  const std::string coarse = times("9 9 10");
  EXPECT_EQ(coarse.substr(0, 10), "success 17");
  EXPECT_TRUE(coarse.ends_with("000000")) << coarse;
}

TEST_F(WasiDescriptors, TellsWhatAFileIs) {
  const auto all = lines(open("file", kRead) +
                         "call fd_filestat_get 5 @0\nbytes @16 1\nshow64 @24\nshow64 @32\n"
                         "call fd_filestat_get 3 @0\nbytes @16 1\n"
                         "call fd_fdstat_get 5 @0\nbytes @0 1\ncall fd_fdstat_get 3 @0\nbytes @0 1");
  EXPECT_EQ(all, (Lines{"0", "0", "04", "1", "10", "0", "03", "0", "04", "0", "03"}));
}

TEST_F(WasiDescriptors, FlagsCanBeChangedWhenTheKernelCan) {
  EXPECT_EQ(lines(open("file", kReadWrite) + "call fd_fdstat_set_flags 5 1\ncall fd_fdstat_get 5 @0\nbytes @2 2\n" +
                  write(5, "END") + "call fd_fdstat_set_flags 5 0\ncall fd_seek 5 0 0 @0\n" + write(5, "S") +
                  "call fd_fdstat_set_flags 5 16\ncall fd_fdstat_set_flags 5 32"),
            (Lines{"0", "0", "0", "0100", "0", "3", "0", "0", "0", "1", "58", "28"}));
  EXPECT_EQ(get("data/file"), "SbcdefghijEND");
}

TEST_F(WasiDescriptors, RightsOnlyBecomeFewer) {
  const std::string drop = open("file", kReadWrite) + "call fd_fdstat_set_rights 5 0x6 0\n";  // read and seek
  EXPECT_EQ(errno_of(drop + "call fd_fdstat_get 5 @0"), "success");
  EXPECT_EQ(lines(drop + "call fd_fdstat_get 5 @0\nshow64 @8\nshow64 @16"), (Lines{"0", "0", "0", "6", "0"}));
  EXPECT_EQ(errno_of(drop + "call fd_fdstat_set_rights 5 0x46 0"), "notcapable");
  EXPECT_EQ(errno_of(drop + "call fd_fdstat_set_rights 5 0x6 2"), "notcapable");
  EXPECT_EQ(errno_of(drop + "call fd_write 5 @0 0 @8"), "badf");
  EXPECT_EQ(errno_of(drop + "call fd_filestat_get 5 @0"), "notcapable");
  EXPECT_EQ(errno_of(drop + "call fd_seek 5 1 0 @0"), "success");
  // What a directory gave up, what is opened from it has not.
  EXPECT_EQ(errno_of("call fd_fdstat_set_rights 3 0x2000 0x2\n" + open("file", kReadWrite)), "notcapable");
  EXPECT_EQ(errno_of("call fd_fdstat_set_rights 3 0x2000 0x2\n" + open("file", kRead) + "call fd_filestat_get 5 @0"),
            "notcapable");
}

// ---------------------------------------------------------------- preopened directories

TEST_F(WasiDescriptors, PreopenedDirectoriesAreFoundByTheirNames) {
  EXPECT_EQ(lines("call fd_prestat_get 3 @0\nshow32 @0\nshow32 @4\ncall fd_prestat_dir_name 3 @100 5\nstring @100 5\n"
                  "call fd_prestat_get 4 @0\nshow32 @4\ncall fd_prestat_dir_name 4 @100 6\nstring @100 6\n"
                  "call fd_prestat_get 5 @0"),
            (Lines{"0", "0", "5", "0", "/data", "0", "6", "0", "/input", "8"}));
  EXPECT_EQ(lines("call fd_prestat_dir_name 3 @100 4\nbytes @100 4"), (Lines{"37", "00000000"}));  // nametoolong
  EXPECT_EQ(errno_of(open("file", kRead) + "call fd_prestat_get 5 @0"), "badf");
  EXPECT_EQ(errno_of(open(".", "0", kDirectory) + "call fd_prestat_dir_name 5 @0 5"), "badf");
}

TEST_F(WasiDescriptors, PreopenedDirectoriesCanBeClosed) {
  EXPECT_EQ(lines("call fd_close 3\ncall fd_prestat_get 3 @0\n" + open("file", kRead) + open("file", kRead, 0, 4) +
                  "show32 @80000"),
            (Lines{"0", "8", "8", "0", "3"}));
}

TEST_F(WasiDescriptors, Renumbers) {
  const std::string two = open("file", kRead) + open("file", kRead) + read(5, 3);
  EXPECT_EQ(lines(two + "call fd_renumber 5 6\ncall fd_tell 5 @0\ncall fd_tell 6 @0\nshow64 @0"),
            (Lines{"0", "0", "0", "3", "0", "8", "0", "3"}));
  EXPECT_EQ(errno_of(two + "call fd_renumber 5 5\ncall fd_tell 5 @0"), "success");
  EXPECT_EQ(errno_of(two + "call fd_renumber 5 7"), "badf");
  EXPECT_EQ(errno_of(two + "call fd_renumber 5 -1"), "badf");
  EXPECT_EQ(errno_of(two + "call fd_renumber 5 3\ncall fd_prestat_get 3 @0"), "badf");
  for (const char* numbers : {"0 1", "5 1", "1 5"}) {
    EXPECT_EQ(errno_of(two + fmt::format("call fd_renumber {}", numbers)), "notsup") << numbers;
  }
  EXPECT_EQ(errno_of(two + "call fd_close 1\ncall fd_renumber 5 1"), "badf");
}

// ---------------------------------------------------------------- listings

class WasiListing : public WasiDescriptors {
 protected:
  /// The entries of descriptor 3 in the guest's buffer of `size` bytes, each as `NAME TYPE`, the incomplete last one
  /// left out; and the cookie behind each.
  std::vector<std::pair<std::string, std::uint64_t>> list(int size, std::uint64_t cookie) {
    const auto all =
        lines(fmt::format("call fd_readdir 3 @0 {} {} @60000\nshow32 @60000\nbytes @0 {}", size, cookie, size));
    std::vector<std::pair<std::string, std::uint64_t>> out;
    if (all.size() != 3 || all[0] != "0") {
      return out;
    }
    used_ = std::stoul(all[1]);
    const auto number = [&](std::size_t at, std::size_t bytes) {
      std::uint64_t value = 0;
      for (std::size_t i = bytes; i-- > 0;) {
        value = value << 8 | std::stoul(all[2].substr(2 * (at + i), 2), nullptr, 16);
      }
      return value;
    };
    for (std::size_t at = 0; at + 24 <= used_;) {
      const std::size_t name_size = number(at + 16, 4);
      if (at + 24 + name_size > used_) {
        break;
      }
      std::string name;
      for (std::size_t i = 0; i < name_size; ++i) {
        name += static_cast<char>(number(at + 24 + i, 1));
      }
      out.emplace_back(fmt::format("{} {}", name, number(at + 20, 1)), number(at, 8));
      at += 24 + name_size;
    }
    return out;
  }
  static std::vector<std::string> sorted(const std::vector<std::pair<std::string, std::uint64_t>>& entries) {
    std::vector<std::string> out;
    for (const auto& [name, cookie] : entries) {
      out.push_back(name);
    }
    std::ranges::sort(out);
    return out;
  }
  std::size_t used_ = 0;
};

TEST_F(WasiListing, ListsADirectoryWithItsDots) {
  std::filesystem::create_directory(folder_ / "data/sub");
  EXPECT_EQ(sorted(list(4000, 0)), (Lines{". 3", ".. 3", "file 4", "sub 3"}));
  EXPECT_LT(used_, 4000U);  // the end
}

TEST_F(WasiListing, GoesOnAtACookie) {
  for (int i = 0; i < 30; ++i) {
    put(fmt::format("data/f{:02}", i), "");
  }
  const auto all = list(4000, 0);
  EXPECT_EQ(all.size(), 33U);
  std::vector<std::pair<std::string, std::uint64_t>> piecewise;
  for (std::uint64_t cookie = 0;;) {
    const auto part = list(100, cookie);
    piecewise.insert(piecewise.end(), part.begin(), part.end());
    if (used_ < 100) {
      break;
    }
    ASSERT_FALSE(part.empty());
    cookie = part.back().second;
  }
  EXPECT_EQ(piecewise, all);
}

TEST_F(WasiListing, ABufferTooShortForAnEntryIsFilled) {
  list(10, 0);
  EXPECT_EQ(used_, 10U);
  list(0, 0);
  EXPECT_EQ(used_, 0U);
  EXPECT_EQ(errno_of("call fd_readdir 3 @0 100 -1 @200"), "inval");
}

}  // namespace
}  // namespace caisson::sandbox
