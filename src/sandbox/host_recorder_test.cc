// What a recorder sees of host calls, and that a call that is answered from a recording goes the same way again.

#include "sandbox/host_recorder.h"

#include "sandbox/internal/host_registry.h"
#include "sandbox/testing/wasi_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace caisson::sandbox {
namespace {

struct Entry {
  std::uint64_t ordinal;
  std::string function;
  std::string request;
  HostResult result;
};

/// Keeps what it is told; with `answers`, gives that back, request by request.
class Tape final : public HostRecorder {
 public:
  explicit Tape(std::vector<Entry> answers = {}) : answers_(std::move(answers)) {}

  void on_result(const HostRequest& request, const HostResult& result) override {
    entries.push_back({request.ordinal, std::string(request.function), std::string(request.bytes), result});
  }
  std::optional<HostResult> next(const HostRequest& request) override {
    const auto found = std::ranges::find(answers_, request.ordinal, &Entry::ordinal);
    if (found == answers_.end()) {
      return std::nullopt;
    }
    differs = differs || found->function != request.function || found->request != request.bytes;
    ++answered;
    return found->result;
  }

  std::vector<Entry> entries;
  std::uint64_t answered = 0;
  bool differs = false;

 private:
  std::vector<Entry> answers_;
};

std::string number(std::uint64_t value) {
  std::string out;
  for (int i = 0; i < 8; ++i) {
    out += static_cast<char>(value >> (8 * i));
  }
  return out;
}

class HostRecorderTest : public WasiTest {
 protected:
  Outcome recorded(std::string_view script, HostRecorder& recorder) {
    static const Guest guest = bind("probe").value();
    const InlineExecutor executor({shared().environment.get(), &shared().pool, &observer_});
    return executor.call(guest, Payload(std::string(script)), policy_, stop_.get_token(),
                         {.run = "run", .node = "node", .storage = &storage_, .recorder = &recorder});
  }
  static std::string operation(std::string_view name, std::string_view input) {
    return cat("text @60000 ", name, "\ntext @61000 ", input, "\ncall call @60000 ", name.size(), " @61000 ",
               input.size(), "\n");
  }
  static Entry only(const Tape& tape, std::string_view function) {
    EXPECT_EQ(std::ranges::count(tape.entries, function, &Entry::function), 1) << function;
    const auto found = std::ranges::find(tape.entries, function, &Entry::function);
    return found == tape.entries.end() ? Entry{} : *found;
  }
};

TEST_F(HostRecorderTest, SeesRequestsAndResults) {
  Tape tape;
  const Outcome outcome =
      recorded("call random_get @0 4\ncall clock_res_get 0 @8\n" + on_path("path_filestat_get 3 1 % @100", "file") +
                   open("file", kRead) + read(5, 100) + "call log 2 @60000 4\n" + operation("kv.get", R"({"key":"a"})"),
               tape);
  ASSERT_EQ(outcome.status, OutcomeStatus::kOk);
  EXPECT_EQ(tape.entries.size(), outcome.usage.host_calls);
  for (std::size_t i = 0; i < tape.entries.size(); ++i) {
    EXPECT_EQ(tape.entries[i].ordinal, i + 1);
    EXPECT_FALSE(tape.entries[i].result.ends_the_call);
  }
  const Entry random = only(tape, "random_get");
  EXPECT_EQ(random.request, number(4));
  ASSERT_EQ(random.result.writes.size(), 1U);
  EXPECT_EQ(random.result.writes[0].bytes.size(), 4U);

  const Entry resolution = only(tape, "clock_res_get");
  EXPECT_EQ(resolution.request, number(0));
  EXPECT_EQ(resolution.result.writes[0].bytes, number(1000));

  const Entry status = only(tape, "path_filestat_get");
  EXPECT_EQ(status.request, number(3) + number(1) + number(4) + "file") << "the path, not where it stands";
  EXPECT_EQ(status.result.writes[0].bytes.size(), wasi::kFilestatSize);

  const Entry file = only(tape, "fd_read");
  EXPECT_EQ(file.request, number(5) + number(1));
  ASSERT_EQ(file.result.writes.size(), 2U);
  EXPECT_EQ(file.result.writes[0].bytes, "abcdefghij") << "as many as were read, not as there was room for";
  EXPECT_EQ(file.result.writes[1].bytes, std::string("\x0a\0\0\0", 4));

  EXPECT_EQ(only(tape, "log").request, number(2) + number(4) + "file");
  EXPECT_EQ(only(tape, "call").request, number(6) + "kv.get" + number(11) + R"({"key":"a"})");
  EXPECT_EQ(only(tape, "call").result.value, std::uint64_t{1} << 32) << "there is no such key";
}

TEST_F(HostRecorderTest, WhatFailsPutsNothingThere) {
  Tape tape;
  ASSERT_EQ(
      recorded(on_path("path_filestat_get 3 1 % @100", "none") + "call random_get 0xffffff00 4096\n", tape).status,
      OutcomeStatus::kOk);
  EXPECT_EQ(only(tape, "path_filestat_get").result,
            (HostResult{.value = static_cast<std::uint64_t>(wasi::Errno::kNoent)}));
  EXPECT_EQ(only(tape, "random_get").result, (HostResult{.value = static_cast<std::uint64_t>(wasi::Errno::kFault)}));
}

TEST_F(HostRecorderTest, SeesWhatEndsTheCall) {
  limits_.random_bytes = 10;
  Tape tape;
  EXPECT_EQ(reason(recorded("call random_get @0 11\n", tape)), "sandbox.random_limit");
  EXPECT_TRUE(tape.entries.back().result.ends_the_call);
  EXPECT_TRUE(tape.entries.back().result.writes.empty());
  Tape replay(tape.entries);
  EXPECT_EQ(reason(recorded("call random_get @0 11\n", replay)), "sandbox.random_limit") << "it is done again";
}

TEST_F(HostRecorderTest, ARecordingAnswersClockRandomKeysAndFilesInTheHostsPlace) {
  grants_.clock = ClockMode::kReal;
  grants_.random = RandomMode::kReal;
  ASSERT_TRUE(storage_.set("a", "kept by an earlier call", 1000));
  const std::string script =
      "call random_get @0 16\nbytes @0 16\n"
      "call clock_time_get 0 0 @0\nshow64 @0\ncall clock_time_get 1 0 @0\nshow64 @0\n" +
      operation("kv.get", R"({"key":"a"})") + "call take @0 100\nstring @0 23\n" +
      operation("random.bytes", R"({"count":8})") + "call take @0 8\nbytes @0 8\n" +
      operation("kv.set", R"({"key":"a"})") + operation("emit", R"({"topic":"t"})") + "call log 2 @60000 4\n" +
      open("file", kReadWrite) + read(5, 100) + "string @90000 10\n" + write(5, "more") +
      "call fd_filestat_get 5 @0\nbytes @0 64\ncall fd_close 5\n" + "call fd_readdir 3 @90000 500 0 @0\nshow32 @0\n" +
      "bytes @90000 100\ncall fd_close 2\ncall fd_close 2\n";
  Tape tape;
  const Outcome first = recorded(script, tape);
  ASSERT_EQ(first.status, OutcomeStatus::kOk);
  EXPECT_EQ(get("data/file"), "abcdefghijmore");

  // Another world: nothing that was there is as it was.
  ASSERT_TRUE(storage_.set("a", "something else", 1000));
  put("data/file", "other bytes of another length");
  put("data/new", "");
  Tape live;
  EXPECT_NE(recorded(script, live).output.bytes(), first.output.bytes());

  put("data/file", "untouched");
  Tape replay(tape.entries);
  const Outcome second = recorded(script, replay);
  EXPECT_EQ(second.status, OutcomeStatus::kOk);
  EXPECT_EQ(second.output.bytes(), first.output.bytes());
  EXPECT_EQ(second.captured, first.captured) << "what the guest gives away is made again";
  EXPECT_EQ(second.captured.emitted.size(), 1U);
  EXPECT_EQ(second.captured.log.size(), 1U);
  EXPECT_EQ(second.usage.fuel, first.usage.fuel);
  EXPECT_EQ(second.usage.host_calls_by_name, first.usage.host_calls_by_name);
  EXPECT_FALSE(replay.differs);
  EXPECT_EQ(replay.answered, 14U);
  EXPECT_EQ(get("data/file"), "untouched") << "an answered call touches nothing";
  EXPECT_EQ(second.usage.random_bytes, 0U);
}

TEST_F(HostRecorderTest, AnAnswerFillsEveryPlaceThatTheFunctionFills) {
  for (DirectoryGrant& directory : grants_.directories) {
    directory.links = true;
  }
  std::filesystem::create_symlink("file", host("data/link"));
  const std::string script =
      "call clock_res_get 1 @0\nbytes @0 8\n"
      "call fd_prestat_get 3 @0\nbytes @0 8\ncall fd_prestat_dir_name 3 @0 5\nbytes @0 5\n"
      "call fd_fdstat_get 3 @0\nbytes @0 24\n" +
      open("file", kReadWrite) + "bytes @80000 4\n" +
      "u32 @81000 @91000\nu32 @81004 3\nu32 @81008 @92000\nu32 @81012 4\n"
      "call fd_pread 5 @81000 2 1 @82000\nbytes @82000 4\nbytes @91000 3\nbytes @92000 4\n"
      "call fd_seek 5 3 0 @0\nbytes @0 8\ncall fd_tell 5 @8\nbytes @8 8\n" +
      on_path("path_readlink 3 % @500 100 @0", "link") + "bytes @0 4\nbytes @500 4\n" +
      on_path("path_filestat_get 3 1 % @0", "file") + "bytes @0 64\n" +
      // Two subscriptions: reading from the file, and writing to it.
      "u64 @1000 7\nfill @1008 1 1\nu32 @1016 5\nu64 @1048 9\nfill @1056 1 2\nu32 @1064 5\n"
      "call poll_oneoff @1000 @2000 2 @3000\nbytes @3000 4\nbytes @2000 64\n";
  Tape tape;
  const Outcome first = recorded(script, tape);
  ASSERT_EQ(first.status, OutcomeStatus::kOk) << first.error->message;
  std::filesystem::remove(host("data/link"));
  std::filesystem::remove(host("data/file"));
  Tape replay(tape.entries);
  EXPECT_EQ(recorded(script, replay).output.bytes(), first.output.bytes());
  EXPECT_FALSE(replay.differs);
  EXPECT_EQ(replay.answered, tape.entries.size());
}

TEST_F(HostRecorderTest, AnAnswerThatDoesNotFitIsAFaultOfTheHost) {
  Tape tape({{1, "random_get", "", {.writes = {{0xffff'fff0U, std::string(64, 'x')}}}}});
  EXPECT_EQ(recorded("call random_get @0 4\n", tape).status, OutcomeStatus::kHostError);
}

TEST_F(HostRecorderTest, EveryFunctionSaysHowItIsRecorded) {
  for (const HostRow& row : host_rows()) {
    EXPECT_EQ(row.recording.shape.size(), row.function.parameters.size()) << row.function.name;
    EXPECT_EQ(row.recording.shape.find_first_not_of("=.<ws>vtre48FS"), std::string_view::npos) << row.function.name;
  }
}

TEST_F(HostRecorderTest, ACallOfAComponentGoesTheSameWayAgain) {
  grants_.wasi = true;
  grants_.clock = ClockMode::kReal;
  grants_.random = RandomMode::kReal;
  grants_.imports = {"kv", "emit"};
  const Guest guest = bind("node_probe").value();
  const auto run = [&](const char* input, HostRecorder& recorder) {
    const InlineExecutor executor({shared().environment.get(), &shared().pool, &observer_});
    return executor.call(guest, Payload(input), policy_, stop_.get_token(),
                         {.run = "run", .node = "node", .storage = &storage_, .recorder = &recorder});
  };
  (void)storage_.set("k", "before", 1000);
  for (const char* input : {"!now", "!random 40", "!number", "!seed", "!poll 1000", "!call kv.get {\"key\":\"k\"}"}) {
    SCOPED_TRACE(input);
    Tape first;
    const Outcome recorded = run(input, first);
    ASSERT_EQ(recorded.status, OutcomeStatus::kOk) << recorded.error->message;
    ASSERT_FALSE(first.entries.empty());
    (void)storage_.set("k", "after", 1000);
    Tape second(first.entries);
    const Outcome again = run(input, second);
    (void)storage_.set("k", "before", 1000);
    EXPECT_EQ(again.output, recorded.output);
    EXPECT_EQ(again.usage.fuel, recorded.usage.fuel);
    EXPECT_GT(second.answered, 0U);
    EXPECT_FALSE(second.differs);
  }
  // What it gives away is done again.
  Tape first;
  const Outcome printed = run("!print words", first);
  Tape second(first.entries);
  EXPECT_EQ(run("!print words", second).captured, printed.captured);
  EXPECT_EQ(printed.captured.standard_output, "words");
  Tape emitted;
  (void)run("!call emit {\"topic\":\"t\"}\nx", emitted);
  Tape emitted_again(emitted.entries);
  EXPECT_EQ(run("!call emit {\"topic\":\"t\"}\nx", emitted_again).captured.emitted.size(), 1U);
}

}  // namespace
}  // namespace caisson::sandbox
