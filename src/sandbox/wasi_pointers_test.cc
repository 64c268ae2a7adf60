// Every pointer that a guest gives to a host function: the last place that fits is good, all others are `fault`.

#include "sandbox/internal/host_adapter.h"
#include "sandbox/testing/wasi_fixture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace caisson::sandbox {
namespace {

using WasiPointers = WasiTest;

struct Pointer {
  const char* function;  ///< `P` is the pointer
  std::uint64_t size;    ///< of what it points at
};

/// Descriptor 5 is a file that was opened for reading and writing. A place of zeros is one buffer of nothing, a clock
/// that is due now, or a path with a NUL in it.
constexpr std::array kPointers = {
    Pointer{"args_get P @0", 12},
    Pointer{"args_get @0 P", 12},
    Pointer{"args_sizes_get P @0", 4},
    Pointer{"args_sizes_get @0 P", 4},
    Pointer{"environ_get P @0", 8},
    Pointer{"environ_get @0 P", 18},
    Pointer{"environ_sizes_get P @0", 4},
    Pointer{"environ_sizes_get @0 P", 4},
    Pointer{"clock_res_get 1 P", 8},
    Pointer{"clock_time_get 1 0 P", 8},
    Pointer{"fd_fdstat_get 0 P", 24},
    Pointer{"fd_fdstat_get 3 P", 24},
    Pointer{"fd_filestat_get 0 P", 64},
    Pointer{"fd_filestat_get 5 P", 64},
    Pointer{"fd_pread 5 P 3 0 @0", 24},
    Pointer{"fd_pread 5 @0 1 0 P", 4},
    Pointer{"fd_prestat_get 3 P", 8},
    Pointer{"fd_prestat_dir_name 3 P 5", 5},
    Pointer{"fd_pwrite 5 P 3 0 @0", 24},
    Pointer{"fd_pwrite 5 @0 1 0 P", 4},
    Pointer{"fd_read 0 P 3 @0", 24},
    Pointer{"fd_read 5 P 3 @0", 24},
    Pointer{"fd_read 5 @0 1 P", 4},
    Pointer{"fd_readdir 3 P 100 0 @0", 100},
    Pointer{"fd_readdir 3 @0 100 0 P", 4},
    Pointer{"fd_seek 5 0 0 P", 8},
    Pointer{"fd_tell 5 P", 8},
    Pointer{"fd_write 1 P 3 @0", 24},
    Pointer{"fd_write 5 P 3 @0", 24},
    Pointer{"fd_write 5 @0 1 P", 4},
    Pointer{"path_create_directory 3 P 4", 4},
    Pointer{"path_filestat_get 3 0 P 4 @0", 4},
    Pointer{"path_filestat_get 3 0 @40 1 P", 64},
    Pointer{"path_filestat_set_times 3 0 P 4 0 0 0", 4},
    Pointer{"path_link 3 0 P 4 3 @0 1", 4},
    Pointer{"path_link 3 0 @40 1 3 P 4", 4},
    Pointer{"path_open 3 0 P 4 0 2 0 0 @0", 4},
    Pointer{"path_open 3 0 @40 1 0 2 0 0 P", 4},
    Pointer{"path_readlink 3 P 4 @0 1 @8", 4},
    Pointer{"path_readlink 3 @40 1 P 4 @8", 4},
    Pointer{"path_readlink 3 @40 1 @0 4 P", 4},
    Pointer{"path_remove_directory 3 P 4", 4},
    Pointer{"path_rename 3 P 4 3 @0 1", 4},
    Pointer{"path_rename 3 @40 1 3 P 4", 4},
    Pointer{"path_symlink P 4 3 @40 1", 4},
    Pointer{"path_symlink @40 1 3 P 4", 4},
    Pointer{"path_unlink_file 3 P 4", 4},
    Pointer{"poll_oneoff P @0 2 @100", 96},
    Pointer{"poll_oneoff @0 P 2 @100", 64},
    Pointer{"poll_oneoff @0 @100 2 P", 4},
    Pointer{"random_get P 16", 16},
};

std::string with(std::string_view function, std::uint64_t pointer) {
  std::string out(function);
  return out.replace(out.find('P'), 1, std::to_string(pointer));
}

TEST_F(WasiPointers, EveryPlaceOutsideIsFaultAndTheLastOneInsideIsNot) {
  const std::string prepare = open("file", kReadWrite) + "fill @0 2000 0\ntext @40 .\n";
  const std::uint64_t end = probe("say hello").usage.memory_bytes;
  ASSERT_GT(end, 0U);
  constexpr std::uint64_t kAll = 1ULL << 32;
  for (const Pointer& pointer : kPointers) {
    for (const std::uint64_t at :
         {end - pointer.size + 1, end - 1, end, end + 1, kAll / 2, kAll - pointer.size, kAll - 1}) {
      EXPECT_EQ(errno_of(prepare + "call " + with(pointer.function, at)), "fault") << pointer.function << " " << at;
    }
    EXPECT_NE(errno_of(prepare + "call " + with(pointer.function, end - pointer.size)), "fault") << pointer.function;
  }
  EXPECT_EQ(get("data/file"), "abcdefghij");
}

TEST_F(WasiPointers, TheTableHasEveryFunctionWithAPointer) {
  const std::set<std::string_view> without = {"fd_advise",
                                              "fd_allocate",
                                              "fd_close",
                                              "fd_datasync",
                                              "fd_fdstat_set_flags",
                                              "fd_renumber",
                                              "fd_fdstat_set_rights",
                                              "fd_filestat_set_size",
                                              "fd_sync",
                                              "fd_filestat_set_times",
                                              "proc_exit",
                                              "proc_raise",
                                              "sched_yield",
                                              "sock_accept",
                                              "sock_recv",
                                              "sock_send",
                                              "sock_shutdown"};  // never looked at
  for (const HostRow& row : host_rows()) {
    const bool listed = std::ranges::any_of(kPointers, [&](const Pointer& pointer) {
      const std::string_view function = pointer.function;
      return function.substr(0, function.find(' ')) == row.function.name;
    });
    EXPECT_EQ(listed, row.function.module == kWasiModule && !without.contains(row.function.name)) << row.function.name;
  }
}

TEST_F(WasiPointers, NoBytesMayBeAnywhereInsideAndAtItsEnd) {
  const std::uint64_t end = probe("say hello").usage.memory_bytes;
  const auto of = [&](std::string_view function, std::uint64_t at) { return errno_of("call " + with(function, at)); };
  for (const auto& [function, inside] : std::map<std::string, std::string>{{"random_get P 0", "success"},
                                                                           {"fd_write 1 P 0 @0", "success"},
                                                                           {"fd_read 0 P 0 @0", "success"},
                                                                           {"fd_readdir 3 P 0 0 @0", "success"},
                                                                           {"path_open 3 0 P 0 0 2 0 0 @0", "noent"},
                                                                           {"path_unlink_file 3 P 0", "noent"}}) {
    EXPECT_EQ(of(function, end), inside) << function;
    EXPECT_EQ(of(function, end + 1), "fault") << function;
    EXPECT_EQ(of(function, (1ULL << 32) - 1), "fault") << function;
  }
}

TEST_F(WasiPointers, SizesAsLargeAsNumbersGo) {
  for (const char* function :
       {"random_get @0 -1", "random_get 0 -1", "fd_readdir 3 @0 -1 0 @0", "fd_prestat_dir_name 3 @0 -1",
        "path_open 3 0 @0 -1 0 2 0 0 @0", "path_readlink 3 @0 -1 @0 1 @0", "path_readlink 3 @0 1 @0 -1 @0",
        "path_symlink @0 -1 3 @0 1", "path_rename 3 @0 1 3 @0 -1", "path_link 3 0 @0 1 3 @0 0x80000000"}) {
    EXPECT_EQ(call_of(function), "fault") << function;
  }
}

TEST_F(WasiPointers, WithoutAMemoryEveryPointerIsOutside) {
  for (const char* module : {"wat/host_memory_missing", "wat/host_memory_is_a_table"}) {
    EXPECT_EQ(call(bind(module, "wasi").value(), "[]").output.bytes(), "21") << module;
    EXPECT_EQ(call(bind(module, "empty").value(), "[]").output.bytes(), "0") << module;
    EXPECT_EQ(reason(call(bind(module, "log").value(), "[]")), "sandbox.bad_pointer") << module;
  }
}

TEST_F(WasiPointers, TheMemoryIsWhatItIsAtTheCall) {
  EXPECT_EQ(call(bind("wat/host_memory_grows", "wasi").value(), "[]").output.bytes(), "2100");
}

}  // namespace
}  // namespace caisson::sandbox
