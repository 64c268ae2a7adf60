// Every limit and grant that host functions hold: what is allowed, the edge, what is beyond it, and the harm when the
// control is off. Time, memory, fuel and stack without host functions are in sandbox_test.cc.

#include "engine/profile.h"
#include "sandbox/internal/abi.h"
#include "sandbox/testing/wasi_fixture.h"

#include <fmt/format.h>

#include <thread>

namespace caisson::sandbox {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

class LimitsTest : public WasiTest {
 protected:
  /// A buffer of `size` bytes of text, to be written with fd_write; its list is at @81000.
  static std::string page(std::uint64_t size) { return fmt::format("fill @90000 {} 97\n", size) + buffer(90000, size); }
  static std::string one_violation(const Outcome& outcome) {
    return outcome.violations.size() == 1 ? std::string(to_string(outcome.violations[0].kind))
                                          : fmt::format("{} violations", outcome.violations.size());
  }
  static std::string clock(std::uint64_t timeout) {
    return fmt::format("u32 @16 1\nu64 @24 {}\ncall poll_oneoff @0 @100 1 @200\n", timeout);
  }
  static constexpr std::uint64_t kHour = 3'600'000'000'000;
};

// ---------------------------------------------------------------- bytes out

TEST_F(LimitsTest, StandardOutput) {
  limits_.stdout_bytes = 1000;
  const Outcome edge = probe(page(500) + "repeat 2 fd_write 1 @81000 1 @82000\nshow32 @82000");
  EXPECT_EQ(edge.output.bytes(), "0\n500\n");
  EXPECT_EQ(edge.usage.stdout_bytes, 1000U);
  const Outcome beyond = probe(page(501) + "repeat 2 fd_write 1 @81000 1 @82000");
  EXPECT_EQ(reason(beyond), "sandbox.output_limit");
  EXPECT_EQ(one_violation(beyond), "output_limit");
  EXPECT_EQ(beyond.captured.standard_output, std::string(1000, 'a'));  // what fits is kept
  limits_.stdout_bytes = 10 << 20;
  EXPECT_EQ(probe(page(501) + "repeat 10000 fd_write 1 @81000 1 @82000").usage.stdout_bytes, 5'010'000U);
}

TEST_F(LimitsTest, StandardError) {
  limits_.stderr_bytes = 1000;
  EXPECT_EQ(probe(page(1000) + "call fd_write 2 @81000 1 @82000").status, OutcomeStatus::kOk);
  const Outcome beyond = probe(page(1001) + "call fd_write 2 @81000 1 @82000");
  EXPECT_EQ(reason(beyond), "sandbox.output_limit");
  EXPECT_EQ(beyond.usage.stderr_bytes, 1000U);
  limits_.stderr_bytes = 10 << 20;
  EXPECT_EQ(probe(page(1001) + "repeat 1000 fd_write 2 @81000 1 @82000").usage.stderr_bytes, 1'001'000U);
}

TEST_F(LimitsTest, OneListOfBuffersIsNoWayAroundIt) {
  // 1,024 buffers of half a megabyte, all the same: half a gigabyte in one call.
  limits_.stdout_bytes = 1 << 20;
  std::string script;
  for (int i = 0; i < 1024; ++i) {
    script += fmt::format("u32 @{} @0\nu32 @{} 524288\n", i * 8, i * 8 + 4);
  }
  const Outcome outcome = probe(script + "call fd_write 1 @0 1024 @82000");
  EXPECT_EQ(reason(outcome), "sandbox.output_limit");
  EXPECT_EQ(outcome.captured.standard_output.size(), 1U << 20);
}

TEST_F(LimitsTest, LogLinesBeyondTheLimitAreDroppedAndCounted) {
  limits_.log_bytes = 10 * (100 + 64);  // a line counts 64 besides its text
  const Outcome edge = probe("fill @0 200 97\nrepeat 10 log 2 @0 100");
  EXPECT_EQ(edge.captured.log.size(), 10U);
  EXPECT_EQ(edge.captured.log_lines_dropped, 0U);
  EXPECT_TRUE(edge.violations.empty());
  const Outcome beyond = probe("fill @0 200 97\nrepeat 1000 log 2 @0 100");
  EXPECT_EQ(beyond.status, OutcomeStatus::kOk);  // a chatty guest is not a wrong one
  EXPECT_EQ(beyond.captured.log.size(), 10U);
  EXPECT_EQ(beyond.captured.log_lines_dropped, 990U);
  EXPECT_EQ(one_violation(beyond), "output_limit");
  limits_.log_bytes = 10 << 20;
  EXPECT_EQ(probe("fill @0 200 97\nrepeat 1000 log 2 @0 100").captured.log.size(), 1000U);
  EXPECT_EQ(probe("repeat 1000 log 2 @0 0").usage.log_bytes, 64'000U);  // nor are empty lines for nothing
}

TEST_F(LimitsTest, EmittedRecords) {
  // A record counts 64 besides topic and bytes.
  const std::string emit = "text @0 emit\ntext @100 {\"topic\":\"t\"}\nhex @113 0a\ntext @114 0123456789\n";
  limits_.emit_bytes = 3 * (1 + 10 + 64);
  const Outcome edge = probe(emit + "repeat 3 call @0 4 @100 24");
  EXPECT_EQ(edge.output.bytes(), "0\n");
  EXPECT_EQ(edge.captured.emitted.size(), 3U);
  EXPECT_EQ(edge.captured.emitted[2], (EmittedRecord{"t", "0123456789"}));
  const Outcome beyond = probe(emit + "repeat 4 call @0 4 @100 24\ncall take @200 99\nstring @200 35");
  EXPECT_EQ(beyond.status, OutcomeStatus::kOk);  // the guest sees it
  EXPECT_NE(beyond.output.bytes().find("a call may emit at most 225 bytes"), std::string_view::npos);
  EXPECT_EQ(beyond.captured.emitted.size(), 3U);
  EXPECT_EQ(one_violation(beyond), "output_limit");
  limits_.emit_bytes = 1 << 20;
  EXPECT_EQ(probe(emit + "repeat 1000 call @0 4 @100 24").captured.emitted.size(), 1000U);
}

TEST_F(LimitsTest, KeysAndValues) {
  const std::string set = "text @0 kv.set\ntext @100 {\"key\":\"k\"}\nhex @111 0a\nfill @112 5000 97\n";
  limits_.kv_bytes = 1 + 64 + 1000;
  EXPECT_EQ(printed(set + "call call @0 6 @100 1012"), "0\n");
  const Outcome beyond = probe(set + "call call @0 6 @100 1013");
  EXPECT_EQ(beyond.status, OutcomeStatus::kOk);
  EXPECT_EQ(one_violation(beyond), "storage_limit");
  EXPECT_EQ(storage_.bytes(), limits_.kv_bytes);  // of the whole run: the next call finds it full
  EXPECT_EQ(storage_.get("k"), std::string(1000, 'a'));
  limits_.kv_bytes = 1 << 20;
  EXPECT_EQ(printed(set + "call call @0 6 @100 5012"), "0\n");
}

TEST_F(LimitsTest, Result) {
  limits_.output_bytes = 100;
  EXPECT_EQ(command("output 100").usage.output_bytes, 100U);
  EXPECT_EQ(command("output 101").status, OutcomeStatus::kLimit);
  limits_.output_bytes = 1 << 20;
  EXPECT_EQ(command("output 1000000").usage.output_bytes, 1'000'000U);
}

TEST_F(LimitsTest, Input) {
  limits_.input_bytes = 9;
  EXPECT_EQ(printed("say hello"), "hello\n");
  EXPECT_EQ(reason(probe("say hello!")), "sandbox.input_too_large");
}

// ---------------------------------------------------------------- calls and randomness

TEST_F(LimitsTest, HostCalls) {
  limits_.host_calls = 100;
  const Outcome edge = probe("repeat 100 sched_yield");
  EXPECT_EQ(edge.status, OutcomeStatus::kOk);
  EXPECT_EQ(edge.usage.host_calls, 100U);
  const Outcome beyond = probe("repeat 101 sched_yield");
  EXPECT_EQ(reason(beyond), "sandbox.host_call_limit");
  EXPECT_EQ(one_violation(beyond), "host_call_limit");
  limits_.host_calls = 1'000'000;
  EXPECT_EQ(probe("repeat 10000 sched_yield").usage.host_calls, 10'000U);
}

TEST_F(LimitsTest, AFloodOfHostCallsEndsByFuel) {
  limits_.fuel = 1'000'000;
  for (const char* function : {"sched_yield", "fd_prestat_get 3 @0", "path_filestat_get 3 0 @0 1 @100", "log 2 @0 1",
                               "fd_tell -1 @0", "proc_raise 1", "random_get @0 100", "poll_oneoff @0 @100 1 @200"}) {
    const Outcome outcome = probe(fmt::format("repeat 1000000 {}", function));
    EXPECT_EQ(reason(outcome), "sandbox.out_of_fuel") << function;
    EXPECT_LE(outcome.usage.fuel, 1'000'000U);
    EXPECT_LE(outcome.usage.host_calls, 10'000U) << function;  // at least 100 each
  }
  limits_.fuel = 1'000'000'000;
  EXPECT_EQ(probe("repeat 100000 sched_yield").usage.host_calls, 100'000U);
}

TEST_F(LimitsTest, BytesThatTheHostMovesAreFuel) {
  const auto fuel = [&](std::string_view script) { return probe(script).usage.fuel; };
  const auto differs = [&](std::string_view large, std::string_view small) {
    return fuel(large) >= fuel(small) + 400'000 / 8;
  };
  EXPECT_TRUE(differs("call random_get @0 500000", "call random_get @0 1"));
  EXPECT_TRUE(differs("call log 2 @0 500000", "call log 2 @0 1"));
  EXPECT_TRUE(differs(buffer(0, 500'000) + "call fd_write 1 @81000 1 @82000",
                      buffer(0, 1) + "call fd_write 1 @81000 1 @82000"));
  EXPECT_TRUE(differs("text @0 emit\ncall call @0 4 @0 500000", "text @0 emit\ncall call @0 4 @0 1"));
  // What the guest does not even take: a value that the host copies.
  ASSERT_TRUE(storage_.set("k", std::string(500'000, 'v'), 1 << 20));
  EXPECT_TRUE(differs("text @0 kv.get\ntext @100 {\"key\":\"k\"}\ncall call @0 6 @100 11",
                      "text @0 kv.get\ntext @100 {\"key\":\"x\"}\ncall call @0 6 @100 11"));
  grants_.args = {std::string(500'000, 'x')};
  EXPECT_TRUE(differs("call args_get @0 @100", "call sched_yield"));
  EXPECT_TRUE(differs("call args_sizes_get @0 @100", "call sched_yield"));
}

TEST_F(LimitsTest, RandomBytes) {
  limits_.random_bytes = 100;
  const Outcome edge = probe("repeat 10 random_get @0 10");
  EXPECT_EQ(edge.status, OutcomeStatus::kOk);
  EXPECT_EQ(edge.usage.random_bytes, 100U);
  const Outcome beyond = probe("call random_get @0 100\ncall random_get @0 1");
  EXPECT_EQ(reason(beyond), "sandbox.random_limit");
  EXPECT_EQ(one_violation(beyond), "random_limit");
  EXPECT_EQ(reason(probe("text @0 random.bytes\ntext @100 {\"count\":101}\ncall call @0 12 @100 13")),
            "sandbox.random_limit");
  limits_.random_bytes = 1 << 20;
  EXPECT_EQ(probe("call random_get @0 1000000").usage.random_bytes, 1'000'000U);
}

// ---------------------------------------------------------------- files

TEST_F(LimitsTest, OpenFiles) {
  limits_.open_files = 5;  // two directories and three files
  const std::string three = open("file", kRead) + open("file", kRead) + open("file", kRead);
  EXPECT_EQ(errno_of(three), "success");
  const Outcome beyond = probe(three + open("file", kRead));
  EXPECT_EQ(beyond.output.bytes(), "0\n0\n0\n33\n");  // mfile
  EXPECT_EQ(one_violation(beyond), "file_limit");
  EXPECT_EQ(errno_of(three + "call fd_close 5\n" + open("file", kRead)), "success");
  limits_.open_files = 100;
  EXPECT_EQ(probe("text @0 file\nrepeat 98 path_open 3 0 @0 4 0 2 0 0 @100").output.bytes(), "0\n");
  limits_.open_files = 1;
  EXPECT_EQ(reason(probe(three)), "sandbox.file_limit");
}

TEST_F(LimitsTest, CreatedFiles) {
  limits_.created_files = 2;
  EXPECT_EQ(lines(on_path("path_create_directory 3 %", "a") + open("b", kWrite, kCreate) + open("b", kWrite, kCreate)),
            (Lines{"0", "0", "0"}));
  const Outcome beyond =
      probe(on_path("path_create_directory 3 %", "c") + open("d", kWrite, kCreate) + open("e", kWrite, kCreate));
  EXPECT_EQ(beyond.output.bytes(), "0\n0\n19\n");  // dquot
  EXPECT_EQ(one_violation(beyond), "file_limit");
  EXPECT_FALSE(exists("data/e"));
  limits_.created_files = 3;
  EXPECT_EQ(errno_of(open("e", kWrite, kCreate)), "success");
  EXPECT_TRUE(exists("data/e"));
}

TEST_F(LimitsTest, BytesRead) {
  limits_.file_read_bytes = 6;
  const Outcome edge = probe(open("file", kRead) + read(5, 6));
  EXPECT_EQ(edge.output.bytes(), "0\n0\n6\n");
  EXPECT_TRUE(edge.violations.empty());
  const Outcome beyond = probe(open("file", kRead) + read(5, 10) + "bytes @90000 10\n" + read(5, 10));
  EXPECT_EQ(beyond.output.bytes(), "0\n0\n6\n61626364656600000000\n19\n6\n");  // shortened; then dquot, nothing told
  EXPECT_EQ(one_violation(beyond), "file_limit");
  EXPECT_EQ(beyond.usage.file_read_bytes, 6U);
  limits_.file_read_bytes = 100;
  EXPECT_EQ(probe(open("file", kRead) + read(5, 10)).usage.file_read_bytes, 10U);
}

TEST_F(LimitsTest, BytesWritten) {
  limits_.file_write_bytes = 3;
  const Outcome outcome = probe(open("new", kWrite, kCreate) + write(5, "12345") + write(5, "6") +
                                "call fd_allocate 5 0 1\ncall fd_pwrite 5 @81000 1 0 @82000");
  EXPECT_EQ(outcome.output.bytes(), "0\n0\n3\n19\n3\n19\n19\n");
  EXPECT_EQ(get("data/new"), "123");
  EXPECT_EQ(outcome.usage.file_write_bytes, 3U);
  limits_.file_write_bytes = 100;
  EXPECT_EQ(probe(open("new", kWrite, kCreate) + write(5, "12345")).usage.file_write_bytes, 5U);
  EXPECT_EQ(get("data/new"), "12345");
}

TEST_F(LimitsTest, SizeOfAFile) {
  limits_.file_size_bytes = 12;
  const auto last = [&](std::string_view call) {
    put("data/file", "abcdefghij");
    const std::string code =
        errno_of(open("file", kReadWrite) + fmt::format("text @90000 xyz\n{}call {}", buffer(90000, 3), call));
    return fmt::format("{} {}", code, get("data/file").size());
  };
  EXPECT_EQ(last("fd_filestat_set_size 5 12"), "success 12");
  EXPECT_EQ(last("fd_filestat_set_size 5 13"), "fbig 10");
  EXPECT_EQ(last("fd_allocate 5 0 12"), "success 12");
  EXPECT_EQ(last("fd_allocate 5 0 13"), "fbig 10");
  EXPECT_EQ(last("fd_pwrite 5 @81000 1 10 @82000"), "success 12");  // shortened
  EXPECT_EQ(last("fd_pwrite 5 @81000 1 12 @82000"), "fbig 10");
  EXPECT_EQ(last("fd_pwrite 5 @81000 1 0x7fffffff00000000 @82000"), "fbig 10");
  limits_.file_size_bytes = 1 << 20;
  EXPECT_EQ(last("fd_filestat_set_size 5 1000000"), "success 1000000");
}

TEST_F(LimitsTest, RatesAreWaitedFor) {
  // The second read would have to wait for a second, and the time is over before.
  limits_.file_read_bytes_per_second = 5;
  limits_.timeout = 700ms;
  const Outcome slow = probe(open("file", kRead) + read(5, 5) + read(5, 5) + read(5, 5));
  EXPECT_EQ(reason(slow), "sandbox.deadline");
  EXPECT_EQ(slow.usage.file_read_bytes, 5U);
  EXPECT_LT(slow.usage.wall, 700ms + kSlack);
  limits_.file_read_bytes_per_second = 5'000'000;
  EXPECT_EQ(probe(open("file", kRead) + read(5, 5) + read(5, 5) + read(5, 5)).usage.file_read_bytes, 10U);

  limits_.file_write_bytes_per_second = 5;
  EXPECT_EQ(reason(probe(open("new", kWrite, kCreate) + write(5, "12345") + write(5, "67890"))), "sandbox.deadline");
  EXPECT_EQ(get("data/new"), "12345");
}

TEST_F(LimitsTest, SpaceThatIsAllocatedAndSizesThatAreSetWaitForTheRateOfWrites) {
  limits_.file_write_bytes_per_second = 50;
  limits_.timeout = 500ms;
  const Outcome slow = probe(open("new", kWrite, kCreate) + "call fd_allocate 5 0 100");
  EXPECT_EQ(reason(slow), "sandbox.deadline") << "a guest that ends right behind it has waited too";
  EXPECT_EQ(slow.usage.file_write_bytes, 100U);
  const std::string written = open("other", kWrite, kCreate) + write(5, std::string(50, 'x'));
  EXPECT_EQ(reason(probe(written + "call fd_allocate 5 0 1")), "sandbox.deadline");
  EXPECT_EQ(reason(probe(written + "call fd_filestat_set_size 5 1")), "sandbox.deadline");
  EXPECT_EQ(probe(written).status, OutcomeStatus::kOk);
  limits_.file_write_bytes_per_second = 1'000'000;
  EXPECT_EQ(probe(written + "call fd_allocate 5 0 100\ncall fd_filestat_set_size 5 1").status, OutcomeStatus::kOk);
}

TEST_F(LimitsTest, WaitingForARateIsIdle) {
  limits_.file_read_bytes_per_second = 5;
  limits_.idle = 10ms;
  EXPECT_EQ(reason(probe(open("file", kRead) + read(5, 5) + read(5, 5))), "sandbox.idle");
}

// ---------------------------------------------------------------- time

TEST_F(LimitsTest, StandardInputNeverWaits) {
  EXPECT_EQ(lines("fill @0 16 0\n" + read(0, 100) + read(0, 100)), (Lines{"0", "0", "0", "0"}));
}

TEST_F(LimitsTest, CpuTime) {
  limits_.fuel.reset();
  limits_.cpu = 20ms;
  const Outcome outcome = command("spin");
  EXPECT_EQ(reason(outcome), "sandbox.cpu_limit");
  EXPECT_EQ(one_violation(outcome), "cpu_limit");
  EXPECT_GE(outcome.usage.cpu, 20ms);
  EXPECT_LT(outcome.usage.cpu, 20ms + kSlack);
  // A call that sleeps uses none.
  grants_.clock = ClockMode::kReal;
  const Outcome sleeper = probe(clock(60'000'000));
  EXPECT_EQ(sleeper.status, OutcomeStatus::kOk);
  EXPECT_GE(sleeper.usage.wall, 60ms);
  EXPECT_LT(sleeper.usage.cpu, sleeper.usage.wall - 30ms);
  // Without the limit the same guest goes on to its deadline.
  limits_.cpu.reset();
  limits_.timeout = 100ms;
  EXPECT_EQ(reason(command("spin")), "sandbox.deadline");
}

TEST_F(LimitsTest, CpuShare) {
  limits_.fuel.reset();
  limits_.cpu_percent = 2;
  limits_.timeout = 600ms;
  const Outcome throttled = command("spin");
  EXPECT_EQ(reason(throttled), "sandbox.deadline");  // in the middle of a sleep or not
  EXPECT_LT(throttled.usage.wall, 600ms + kSlack);
  EXPECT_GT(throttled.usage.throttled, 100ms);  // of 500 ms about 480; a busy machine makes it less
  EXPECT_LT(throttled.usage.cpu, 500ms);
  // The first window is never throttled: short calls do not pay for it.
  limits_.timeout = 80ms;
  EXPECT_EQ(command("spin").usage.throttled, 0ns);
  limits_.timeout = 300ms;
  limits_.cpu_percent.reset();
  EXPECT_EQ(command("spin").usage.throttled, 0ns);
}

TEST_F(LimitsTest, AThrottledCallEndsWhenItIsCancelled) {
  limits_.fuel.reset();
  limits_.timeout = 60s;
  limits_.cpu_percent = 0.001;
  std::jthread canceller([this] {
    std::this_thread::yield();
    stop_.request_stop();
  });
  const Outcome outcome = command("spin");
  EXPECT_EQ(outcome.status, OutcomeStatus::kCancelled);
  EXPECT_LT(outcome.usage.wall, 30s);
}

TEST_F(LimitsTest, AnImageHasItsLanguageBesidesAsFarAsThereIsRoom) {
  Guest guest;
  guest.baseline_bytes = 20 << 20;
  limits_.memory_bytes = 32 << 20;
  EXPECT_EQ(limits_of(guest, limits_, {}).memory_bytes, 32U << 20);
  guest.abi = GuestAbi::kImage;
  EXPECT_EQ(limits_of(guest, limits_, {}).memory_bytes, 52U << 20);
  for (const std::uint64_t most : {2ULL << 30, ~0ULL}) {
    limits_.memory_bytes = most;
    EXPECT_EQ(limits_of(guest, limits_, {}).memory_bytes, engine::image_profile().pool_memory_bytes) << most;
  }
}

TEST_F(LimitsTest, MemoryGrowth) {
  limits_.fuel.reset();
  limits_.timeout = 5s;
  limits_.memory_growth_bytes_per_second = 1 << 20;
  const Outcome outcome = command("touch 20000000\nspin");
  EXPECT_EQ(reason(outcome), "sandbox.memory_growth");
  EXPECT_EQ(one_violation(outcome), "memory_limit");
  limits_.memory_growth_bytes_per_second = 64 << 20;
  EXPECT_EQ(command("touch 20000000\nburn 1000").status, OutcomeStatus::kOk);
}

TEST_F(LimitsTest, TimesAsLongAsNumbersGoAreNoLimit) {
  limits_.timeout = std::chrono::nanoseconds::max();
  limits_.idle = std::chrono::nanoseconds::max();
  limits_.cpu = std::chrono::nanoseconds::max();
  grants_.clock = ClockMode::kReal;
  EXPECT_EQ(probe(clock(1'000'000)).status, OutcomeStatus::kOk);
}

TEST_F(LimitsTest, LongWorkOfTheHostEndsAtTheDeadline) {
  // A gigabyte of random bytes in 16 requests would take seconds; each is done in pieces.
  limits_.random_bytes = 1 << 30;
  limits_.timeout = 20ms;
  limits_.fuel.reset();
  const Outcome outcome = probe("repeat 100000 random_get @0 1000000");
  EXPECT_EQ(reason(outcome), "sandbox.deadline");
  EXPECT_LT(outcome.usage.wall, 20ms + kSlack);
}

// ---------------------------------------------------------------- records

TEST_F(LimitsTest, RecordsOfRefusalsAreBoundedAndTheRestCounted) {
  // The same thing asked for again is one record with a count, and leaves room for the others.
  const Outcome same = probe("text @0 ../outside/secret\nrepeat 1000 path_open 3 0 @0 17 0 2 0 0 @100");
  EXPECT_EQ(same.output.bytes(), "63\n");
  ASSERT_EQ(same.violations.size(), 1U);
  EXPECT_TRUE(same.violations[0].description.ends_with(" (1000 times)")) << same.violations[0].description;

  std::string many;
  for (int i = 1000; i < 1150; ++i) {
    many += "text @0 ../outside/" + std::to_string(i) + "\ncall path_open 3 0 @0 15 0 2 0 0 @100\n";
  }
  const Outcome different = probe(many);
  ASSERT_EQ(different.violations.size(), 101U);
  EXPECT_EQ(different.violations[100].description, "and 50 more that are not listed");
}

TEST_F(LimitsTest, OneTransferOfAFileIsShortEnoughToBeInterrupted) {
  limits_.file_size_bytes = 1ULL << 30;
  limits_.memory_bytes = 64ULL << 20;
  // Sixteen times the same mebibyte in one list; four of them are written, and the guest is told so.
  std::string script = "text @0 large\ncall path_open 3 0 @0 5 1 64 0 0 @100\n";
  for (int i = 0; i < 16; ++i) {
    script += "u32 @" + std::to_string(200 + 8 * i) + " @0\nu32 @" + std::to_string(204 + 8 * i) + " 1048576\n";
  }
  const Outcome outcome = probe(script + "call fd_write 5 @200 16 @400\nshow32 @400");
  EXPECT_EQ(outcome.output.bytes(), "0\n0\n4194304\n");
}

}  // namespace
}  // namespace caisson::sandbox
