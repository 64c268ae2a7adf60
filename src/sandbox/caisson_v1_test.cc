// caisson_v1: log, call, take, and the operations behind call.

#include "sandbox/testing/wasi_fixture.h"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string_view>

namespace caisson::sandbox {
namespace {

using Lines = std::vector<std::string>;

class CaissonV1 : public WasiTest {
 protected:
  /// Lines that call an operation; what is printed is its result: status and length.
  static std::string operation(std::string_view name, std::string_view head, std::string_view body = {}) {
    std::string out = fmt::format("text @60000 {}\ntext @61000 {}\n", name, head);
    std::size_t size = head.size();
    if (!body.empty()) {
      out += fmt::format("hex @{} 0a\ntext @{} {}\n", 61000 + size, 61001 + size, body);
      size += 1 + body.size();
    }
    return out + fmt::format("call call @60000 {} @61000 {}\n", name.size(), size);
  }
  static std::string result(unsigned status, std::uint64_t length) {
    return std::to_string((std::uint64_t{status} << 32) + length);
  }
  static std::string take(int room) { return fmt::format("fill @0 100 0\ncall take @0 {}\nstring @0 8\n", room); }
};

TEST_F(CaissonV1, KeysAreSetGotAndDeleted) {
  EXPECT_EQ(
      lines(operation("kv.get", R"({"key":"a"})") + operation("kv.set", R"({"key":"a"})", "12345678") +
            operation("kv.get", R"({"key":"a"})") + take(8) + operation("kv.delete", R"({"key":"a"})") +
            operation("kv.delete", R"({"key":"a"})") + operation("kv.get", R"({"key":"a"})")),
      (Lines{result(1, 0), result(0, 0), result(0, 8), "8", "12345678", result(0, 0), result(1, 0), result(1, 0)}));
}

TEST_F(CaissonV1, OperationsAreCountedByTheirNames) {
  const Outcome outcome =
      probe(operation("kv.get", R"({"key":"a"})") + operation("kv.set", R"({"key":"a"})", "1") +
            operation("kv.get", R"({"key":"a"})") + take(8) + operation("kv.none", "{}") + operation("emit", "{}"));
  ASSERT_EQ(outcome.status, OutcomeStatus::kOk) << outcome.error->message;
  std::map<std::string_view, std::uint64_t> counted(outcome.usage.host_calls_by_name.begin(),
                                                    outcome.usage.host_calls_by_name.end());
  EXPECT_EQ(counted["kv.get"], 2U);
  EXPECT_EQ(counted["kv.set"], 1U);
  EXPECT_EQ(counted["emit"], 1U) << "what fails is counted too";
  EXPECT_EQ(counted["call"], 1U) << "what is no operation";
  EXPECT_EQ(counted["take"], 1U);
  std::uint64_t sum = 0;
  for (const auto& [name, count] : counted) {
    sum += count;
  }
  EXPECT_EQ(sum, outcome.usage.host_calls);
}

TEST_F(CaissonV1, AKeyIsSeenByTheNextCallOfTheRun) {
  EXPECT_EQ(lines(operation("kv.set", R"({"key":"a"})", "1")), (Lines{result(0, 0)}));
  EXPECT_EQ(lines(operation("kv.get", R"({"key":"a"})")), (Lines{result(0, 1)}));
}

TEST_F(CaissonV1, HeadsThatAreNotWhatTheOperationTakesAreInvalid) {
  const std::string long_key = fmt::format(R"({{"key":"{}"}})", std::string(1025, 'k'));
  const std::string long_head = fmt::format(R"({{"x":"{}"}})", std::string(4100, 'k'));
  for (const std::string& head :
       {std::string("{}"), std::string(R"({"key":""})"), std::string(R"({"key":1})"), std::string("[]"),
        std::string("{"), std::string("nothing"), std::string(""), std::string(R"({"key":"a","key":"b"})"),
        std::string("{\"key\":\"\xff\"}"), long_key, long_head, std::string(R"({"key":{"a":{"b":{"c":{"d":1}}}}})")}) {
    const auto all = lines(operation("kv.set", head, "x") + "call take @0 1000");
    ASSERT_EQ(all.size(), 2U) << head;
    EXPECT_EQ(std::stoull(all[0]) >> 32, 3U) << head;
    EXPECT_EQ(std::stoull(all[0]) & 0xffffffff, std::stoull(all[1])) << head;
    EXPECT_GT(std::stoull(all[1]), 0U) << head;  // why
  }
  EXPECT_EQ(storage_.bytes(), 0U);
  const std::string longest = fmt::format(R"({{"key":"{}"}})", std::string(1024, 'k'));
  EXPECT_EQ(lines(operation("kv.set", longest, "x")), (Lines{result(0, 0)}));
}

TEST_F(CaissonV1, AnOperationThatDoesNotExistIsUnknown) {
  for (const char* name : {"kv.list", "", "KV.GET", "kv.get "}) {
    EXPECT_EQ(lines(operation(name, "{}")), (Lines{result(5, 0)})) << name;
  }
  EXPECT_EQ(lines(operation(std::string(65, 'x'), "{}")), (Lines{result(5, 0)}));
}

TEST_F(CaissonV1, EachGroupIsGrantedByItself) {
  grants_.imports = {};
  grants_.clock = ClockMode::kDenied;
  for (const char* name : {"kv.get", "kv.set", "kv.delete", "emit", "clock.now"}) {
    const Outcome outcome = probe(operation(name, R"({"key":"a","topic":"t"})", "1"));
    ASSERT_EQ(outcome.violations.size(), 1U);
    // What the guest is told is what is recorded, in other words at the beginning.
    const std::size_t told = outcome.violations[0].description.size() - std::string_view("Capability ").size();
    EXPECT_EQ(outcome.output.bytes(), result(2, told) + "\n") << name;
    EXPECT_EQ(outcome.violations[0].kind, ViolationKind::kCapability);
    EXPECT_NE(outcome.violations[0].description.find(name), std::string::npos);
  }
  EXPECT_EQ(lines(operation("random.bytes", R"({"count":1})")), (Lines{result(0, 1)}));
  grants_.random = RandomMode::kDenied;
  grants_.imports = {"kv"};
  EXPECT_EQ(lines(operation("random.bytes", R"({"count":1})") + operation("emit", "{}") +
                  operation("kv.get", R"({"key":"a"})")),
            (Lines{result(2, 80), result(2, 75), result(1, 0)}));
}

TEST_F(CaissonV1, TakeGivesAllOrNothingAndOnce) {
  EXPECT_EQ(lines(operation("kv.set", R"({"key":"a"})", "12345678") + operation("kv.get", R"({"key":"a"})") + take(7) +
                  take(0) + take(8) + take(8)),
            (Lines{result(0, 0), result(0, 8), "4294967295", std::string(8, '\0'), "4294967295", std::string(8, '\0'),
                   "8", "12345678", "0", std::string(8, '\0')}));
}

TEST_F(CaissonV1, PointersOutsideEndTheCall) {
  const std::uint64_t end = probe("say hello").usage.memory_bytes;
  const std::string filled = operation("kv.set", R"({"key":"a"})", "12345678") + operation("kv.get", R"({"key":"a"})");
  for (const std::uint64_t at :
       std::initializer_list<std::uint64_t>{end - 7, end, end + 1, (1ULL << 32) - 8, (1ULL << 32) - 1}) {
    for (const std::string& call :
         {fmt::format("call log 2 {} 8", at), fmt::format("call call {} 8 @0 0", at),
          fmt::format("call call @0 1 {} 8", at), filled + fmt::format("call take {} 8", at)}) {
      const Outcome outcome = probe(call);
      EXPECT_EQ(outcome.status, OutcomeStatus::kTrap) << call;
      EXPECT_EQ(reason(outcome), "sandbox.bad_pointer") << call;
    }
  }
  for (const char* call : {"call log 2 @0 -1", "call call @0 -1 @0 0", "call call @0 0 @0 -1"}) {
    EXPECT_EQ(reason(probe(call)), "sandbox.bad_pointer") << call;
  }
  EXPECT_EQ(
      probe(fmt::format("call log 2 {} 8\ncall log 2 {} 0\n{}call take {} 8", end - 8, end, filled, end - 8)).status,
      OutcomeStatus::kOk);
}

TEST_F(CaissonV1, LogLevelsEndAtError) {
  const Outcome outcome = probe("text @0 hi\ncall log 0 @0 2\ncall log 4 @0 2\ncall log 5 @0 2\ncall log -1 @0 0");
  EXPECT_EQ(outcome.captured.log, (std::vector<LogLine>{{0, "hi"}, {4, "hi"}, {4, "hi"}, {4, ""}}));
}

TEST_F(CaissonV1, TellsTheTimeOfTheGrantedClock) {
  EXPECT_EQ(lines(operation("clock.now", "") + "call take @0 100\nstring @0 55"),
            (Lines{result(0, 48), "48",
                   std::string(R"({"unix_ns":946684800000001000,"elapsed_ns":2000})") + std::string(7, '\0')}));
}

TEST_F(CaissonV1, GivesRandomBytesOfTheGrantedKind) {
  // The same stream as random_get.
  const auto wasi = lines("call random_get @0 8\nbytes @0 8");
  EXPECT_EQ(lines(operation("random.bytes", R"({"count":8})") + "call take @0 8\nbytes @0 8"),
            (Lines{result(0, 8), "8", wasi[1]}));
  for (const char* head : {"{}", R"({"count":-1})", R"({"count":1048577})", R"({"count":1e3})", R"({"count":"1"})"}) {
    EXPECT_EQ(std::stoull(lines(operation("random.bytes", head))[0]) >> 32, 3U) << head;
  }
  EXPECT_EQ(lines(operation("random.bytes", R"({"count":1048576})")), (Lines{result(0, 1'048'576)}));
  EXPECT_EQ(lines(operation("random.bytes", R"({"count":0})")), (Lines{result(0, 0)}));
}

}  // namespace
}  // namespace caisson::sandbox
