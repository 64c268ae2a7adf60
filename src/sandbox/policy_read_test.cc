#include "sandbox/policy_read.h"
#include "sandbox/testing/requests.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {
namespace {

using testing::read_request;
using testing::request;
using Reports = std::vector<std::string>;

std::string limit(const PolicyRequest& asked, std::string_view key) {
  const LimitRow* row = find_limit(key);
  const LimitRequest* found = row == nullptr ? nullptr : asked.find(*row);
  return found == nullptr ? "" : print_limit(*row, found->amount) + " " + to_string(found->origin);
}

TEST(PolicyRead, OnlyWhatIsWrittenIsInARequest) {
  EXPECT_EQ(request("limits:\ngrants:\n"), PolicyRequest());
  EXPECT_EQ(request("limits: {memory: }\ngrants: {env: }\n"), PolicyRequest());
  EXPECT_FALSE(request("limits: {memory: 1MB}").has_grants());
  EXPECT_TRUE(request("grants: {read: []}").has_grants());
}

TEST(PolicyRead, EveryLimitIsReadWithItsPlace) {
  for (const LimitRow& row : limit_table()) {
    const std::string text = print_limit(row, row.highest);
    const PolicyRequest asked = request("limits:\n  " + std::string(row.key) + ": '" + text + "'\n");
    ASSERT_EQ(asked.limits.size(), 1U) << row.key;
    EXPECT_EQ(asked.limits[0].row, &row);
    EXPECT_EQ(asked.limits[0].amount, Amount(row.highest));
    EXPECT_EQ(to_string(asked.limits[0].origin), "f.yaml:2:" + std::to_string(row.key.size() + 5));
  }
}

TEST(PolicyRead, NumbersWithoutAUnit) {
  const PolicyRequest asked = request(
      "limits: {memory: 67108864, timeout: 1.5, fuel: 1e8, cpu_percent: 50, cpu: 2, stdout: 0, idle: unlimited}");
  EXPECT_EQ(limit(asked, "memory"), "64MiB f.yaml:1:18");
  EXPECT_EQ(limit(asked, "timeout"), "1500ms f.yaml:1:37");
  EXPECT_EQ(limit(asked, "fuel"), "100_000_000 f.yaml:1:48");
  EXPECT_EQ(limit(asked, "cpu_percent"), "50% f.yaml:1:66");
  EXPECT_EQ(limit(asked, "cpu"), "2s f.yaml:1:75");
  EXPECT_EQ(limit(asked, "stdout"), "0B f.yaml:1:86");
  EXPECT_EQ(limit(asked, "idle"), "unlimited f.yaml:1:95");
}

TEST(PolicyRead, FileBytesStandsForBothWays) {
  const PolicyRequest both = request("limits: {file_bytes: 1MB}");
  EXPECT_EQ(limit(both, "file_read"), "1MiB f.yaml:1:22");
  EXPECT_EQ(limit(both, "file_write"), "1MiB f.yaml:1:22");
  for (const std::string_view text :
       {"limits: {file_bytes: 1MB, file_read: 2MB}", "limits: {file_read: 2MB, file_bytes: 1MB}"}) {
    EXPECT_TRUE(limit(request(text), "file_read").starts_with("2MiB")) << text;
    EXPECT_TRUE(limit(request(text), "file_write").starts_with("1MiB")) << text;
  }
}

TEST(PolicyRead, EveryMistakeInLimitsIsReportedAtOnce) {
  EXPECT_EQ(
      read_request("limits:\n  memroy: 1MB\n  timeout: -1\n  memory: 8GB\n  stack: [1]\n  fuel: 0\n  tables: .nan\n"
                   "  result: unlimited\n")
          .reports(),
      (Reports{"2:3 unknown_key: limits: there is no limit called \"memroy\" (did you mean 'memory'?)",
               "3:12 bad_value: limits: timeout: \"-1\" is not a duration, which is never negative: write a duration "
               "such as 500ms, 2s or 1.5m",
               "4:11 bad_value: limits: memory: memory must be from 64KiB to 2GiB, got 8GiB",
               "5:10 wrong_type: limits: stack must be a size such as 64MB, 512KB or 4096, got a list",
               "6:9 bad_value: limits: fuel: fuel must be from 1 to 9_223_372_036_854_775_807, got 0",
               "7:11 wrong_type: limits: tables must be a count such as 1000, 100_000_000 or 100M, got a number",
               "8:11 bad_value: limits: result: result cannot be unlimited: write a size such as 64MB, 512KB or "
               "4096"}));
  EXPECT_EQ(read_request("limits: 3").reports(), Reports{"1:9 wrong_type: limits: this must be a map, got an integer"});
}

TEST(PolicyRead, Directories) {
  const PolicyRequest asked = request(
      "grants:\n  read: [data, '/srv/in:in', {host: 'c:d', guest: x, links: true}, {host: y}]\n  write: out:/tmp\n");
  ASSERT_EQ(asked.read->size(), 4U);
  EXPECT_EQ((*asked.read)[0].value, (DirectoryGrant{"data", "data", Access::kRead, false}));
  EXPECT_EQ(to_string((*asked.read)[0].origin), "f.yaml:2:10");
  EXPECT_EQ((*asked.read)[1].value, (DirectoryGrant{"/srv/in", "in", Access::kRead, false}));
  EXPECT_EQ((*asked.read)[2].value, (DirectoryGrant{"c:d", "x", Access::kRead, true}));
  EXPECT_EQ((*asked.read)[3].value, (DirectoryGrant{"y", "y", Access::kRead, false}));
  ASSERT_EQ(asked.write->size(), 1U);
  EXPECT_EQ((*asked.write)[0].value, (DirectoryGrant{"out", "/tmp", Access::kWrite, false}));
  EXPECT_EQ(read_request("grants:\n  read: ['', 'a:', ':b', 3, {guest: g}, {hots: a}, {host: 3}, {links: x, host: a}, "
                         "\"a\\0b\"]\n")
                .reports()
                .size(),
            9U);
  EXPECT_EQ(read_request("grants: {read: 3}").reports(), Reports{"1:16 wrong_type: grants: read must be a list, got an "
                                                                 "integer"});
  EXPECT_EQ(read_request("grants: {read: ['" + std::string(5'000, 'a') + "']}").reports().size(), 1U);
}

TEST(PolicyRead, Variables) {
  const PolicyRequest names = request("grants: {env: [HOME, '*']}");
  ASSERT_EQ(names.env->size(), 2U);
  EXPECT_EQ((*names.env)[0].value, (VariableGrant{"HOME", std::nullopt}));
  EXPECT_EQ((*names.env)[1].value, (VariableGrant{"*", std::nullopt}));
  const PolicyRequest values = request("grants: {env: {A: x, B: 3, C: true, D: ''}}");
  ASSERT_EQ(values.env->size(), 4U);
  EXPECT_EQ((*values.env)[0].value, (VariableGrant{"A", "x"}));
  EXPECT_EQ((*values.env)[1].value, (VariableGrant{"B", "3"}));
  EXPECT_EQ((*values.env)[2].value, (VariableGrant{"C", "true"}));
  EXPECT_EQ((*values.env)[3].value, (VariableGrant{"D", ""}));
  EXPECT_EQ(read_request("grants:\n  env: [A=b, '', 3, 'AP*', \"a\\0\"]").reports().size(), 5U);
  EXPECT_EQ(read_request("grants:\n  env: {A: , B: [1], 'C=': x, D: \"\\0\", 'E*': x}").reports().size(), 5U);
  const PolicyRequest both = request("grants: {env: {A: x, HOME: {from: host}}}");
  ASSERT_EQ(both.env->size(), 2U);
  EXPECT_EQ((*both.env)[0].value, (VariableGrant{"A", "x"}));
  EXPECT_EQ((*both.env)[1].value, (VariableGrant{"HOME", std::nullopt}));
  EXPECT_EQ(read_request("grants:\n  env: {A: {from: guest}, B: {}, C: {from: host, else: x}, 'D*': {from: host}}")
                .reports()
                .size(),
            4U);
  // A colon is a name's own where nobody asks for a name beside it.
  for (const RequestUse use : {RequestUse::kAllow, RequestUse::kDeny}) {
    EXPECT_EQ(request("grants: {read: ['/a:b']}", use).read->front().value.host, "/a:b");
  }
  EXPECT_EQ(request("grants: {read: ['/a:b']}", RequestUse::kAsk).read->front().value.host, "/a");
  EXPECT_EQ(request("grants: {env: ['AP*']}", RequestUse::kAllow).env->front().value.name, "AP*");
  EXPECT_EQ(read_request("grants: {env: {A: x}}", RequestUse::kAllow).reports().size(), 1U);
}

TEST(PolicyRead, ClockRandomAndStandardInput) {
  const auto clock = [](const std::string& word) { return request("grants: {clock: " + word + "}").clock->value; };
  EXPECT_EQ(clock("true"), ClockMode::kReal);
  EXPECT_EQ(clock("real"), ClockMode::kReal);
  EXPECT_EQ(clock("coarse"), ClockMode::kCoarse);
  EXPECT_EQ(clock("virtual"), ClockMode::kVirtual);
  EXPECT_EQ(clock("false"), ClockMode::kDenied);
  EXPECT_EQ(clock("denied"), ClockMode::kDenied);
  const auto random = [](const std::string& word) { return request("grants: {random: " + word + "}").random->value; };
  EXPECT_EQ(random("true"), (RandomRequest{RandomMode::kReal, 0}));
  EXPECT_EQ(random("real"), (RandomRequest{RandomMode::kReal, 0}));
  EXPECT_EQ(random("seeded"), (RandomRequest{RandomMode::kSeeded, 0}));
  EXPECT_EQ(random("{seed: 7}"), (RandomRequest{RandomMode::kSeeded, 7}));
  EXPECT_EQ(random("false"), (RandomRequest{RandomMode::kDenied, 0}));
  EXPECT_EQ(random("denied"), (RandomRequest{RandomMode::kDenied, 0}));
  EXPECT_TRUE(request("grants: {stdin: true}").stdin_is_input->value);
  EXPECT_FALSE(request("grants: {wasi: false}").wasi->value);
  for (const std::string_view text : {"clock: fast", "clock: 1", "random: x", "random: {seed: -1}", "random: {seed: x}",
                                      "random: {seeds: 1}", "random: [1]", "stdin: input", "wasi: 1"}) {
    EXPECT_EQ(read_request("grants:\n  " + std::string(text)).reports().size(), 1U) << text;
  }
  EXPECT_EQ(read_request("grants: {clock: virtul}").reports(),
            Reports{"1:17 bad_value: grants: clock: \"virtul\" is none of denied, real, coarse, virtual (did you mean "
                    "'virtual'?)"});
  EXPECT_EQ(request("grants: {clock: true, random: true}", RequestUse::kDeny).clock->value, ClockMode::kReal);
  EXPECT_EQ(read_request("grants: {clock: false, random: false, wasi: false, stdin: false}", RequestUse::kDeny)
                .reports()
                .size(),
            4U);
  EXPECT_EQ(read_request("grants: {clock: coarse, random: real}", RequestUse::kDeny).reports().size(), 2U);
}

TEST(PolicyRead, ArgumentsNetSecretsAndImports) {
  const PolicyRequest asked = request(
      "grants:\n  args: [--depth, 3, true]\n  net: [https://a.com, {url: 'https://b.com', methods: [post, GET]}]\n"
      "  secrets: [key]\n  imports: [kv, emit]\n");
  EXPECT_EQ(asked.args->value, (std::vector<std::string>{"--depth", "3", "true"}));
  ASSERT_EQ(asked.net->size(), 2U);
  EXPECT_EQ((*asked.net)[0].value, (NetGrant{"https://a.com", {}}));
  EXPECT_EQ((*asked.net)[1].value, (NetGrant{"https://b.com", {"GET", "POST"}}));
  EXPECT_EQ(asked.secrets->front().value, "key");
  EXPECT_EQ(asked.imports->size(), 2U);
  EXPECT_EQ(read_request("grants: {imports: [emitt]}").reports(),
            Reports{"1:20 bad_value: grants: imports: \"emitt\" is none of kv, emit (did you mean 'emit'?)"});
  for (const std::string_view text :
       {"args: 3", "args: [[1]]", "args: [\"\\0\"]", "net: [3]", "net: [ftp://a]", "net: [{uri: x}]", "net: [{url: 3}]",
        "net: [{url: 'https://a.com', methods: ['G T']}]", "net: [{methods: [GET]}]", "secrets: ['']", "secrets: [1]",
        "secrets: ['a*']", "imports: [3]", "net: [{url: 'https://a.com', methods: [1]}]"}) {
    EXPECT_EQ(read_request("grants:\n  " + std::string(text)).reports().size(), 1U) << text;
  }
  std::string many = "grants: {secrets: [";
  for (int i = 0; i < 1'001; ++i) {
    many += "a,";
  }
  EXPECT_EQ(read_request(many + "]}").reports().size(), 1U);
}

TEST(PolicyRead, PresetsAndUnknownNames) {
  for (const Preset preset : {Preset::kNone, Preset::kCompute, Preset::kWasi, Preset::kNetwork}) {
    EXPECT_EQ(request("grants: {preset: " + std::string(to_string(preset)) + "}").preset->value, preset);
  }
  EXPECT_EQ(read_request("grants: {preset: wasm}").reports(),
            Reports{"1:18 bad_value: grants: preset: \"wasm\" is none of none, compute, wasi, network (did you mean "
                    "'wasi'?)"});
  EXPECT_EQ(read_request("grants: {preset: 1}").reports().size(), 1U);
  EXPECT_EQ(read_request("grants: {preset: wasi}", RequestUse::kAllow).reports().size(), 1U);
  EXPECT_EQ(read_request("grants: {raed: [x]}").reports(),
            Reports{"1:10 unknown_key: grants: there is no grant called \"raed\" (did you mean 'read'?)"});
  EXPECT_EQ(read_request("grants: [read]").reports(),
            Reports{"1:9 wrong_type: grants: this must be a map, got a list"});
}

TEST(PolicyRead, Patterns) {
  EXPECT_TRUE(fits_pattern("*", ""));
  EXPECT_TRUE(fits_pattern("A*", "A"));
  EXPECT_TRUE(fits_pattern("A*Z", "AbcZ"));
  EXPECT_TRUE(fits_pattern("*b*c", "abbc"));
  EXPECT_TRUE(fits_pattern("ab", "ab"));
  EXPECT_FALSE(fits_pattern("", "a"));
  EXPECT_FALSE(fits_pattern("A*Z", "AbcZd"));
  EXPECT_FALSE(fits_pattern("ab", "abc"));
  EXPECT_FALSE(fits_pattern("abc", "ab"));
  EXPECT_FALSE(fits_pattern(std::string(200, '*') + "x", std::string(5'000, 'a')));
}

Origin flag() { return {Origin::Kind::kFlag, "--x", 0, 0}; }

TEST(PolicyFlags, LimitsAreRead) {
  PolicyRequest asked;
  ASSERT_TRUE(read_limit_flag("memory=64MB,timeout=2s", flag(), asked));
  ASSERT_TRUE(read_limit_flag("memory=32MB", flag(), asked));
  EXPECT_EQ(limit(asked, "memory"), "32MiB --x");
  EXPECT_EQ(limit(asked, "timeout"), "2s --x");
  for (const std::string_view text : {"", "memory", "=1", "memory=", "memory=1MB,", "memory=x", "mem=1MB", "read=x",
                                      "1MB,memory=1MB", "Memory=1MB"}) {
    EXPECT_FALSE(read_limit_flag(text, flag(), asked)) << text;
  }
  EXPECT_EQ(limit(asked, "memory"), "32MiB --x");  // nothing of a wrong flag is kept
}

TEST(PolicyFlags, GrantsAddUp) {
  PolicyRequest asked;
  ASSERT_TRUE(read_allow_flag("net=https://a.com,read=a,b,read=c,env=X_*", flag(), asked));
  ASSERT_TRUE(read_allow_flag("net=POST https://b.com,clock=coarse,random=true,memory=2GB,random=1MB", flag(), asked));
  EXPECT_EQ(asked.net->size(), 2U);
  ASSERT_EQ(asked.read->size(), 2U);
  EXPECT_EQ((*asked.read)[0].value.host, "a,b");
  EXPECT_EQ((*asked.read)[1].value.host, "c");
  EXPECT_EQ(asked.env->front().value.name, "X_*");
  EXPECT_EQ(asked.clock->value, ClockMode::kCoarse);
  EXPECT_EQ(asked.random->value.mode, RandomMode::kReal);
  EXPECT_EQ(limit(asked, "memory"), "2GiB --x");
  EXPECT_EQ(limit(asked, "random"), "1MiB --x");
  const Status wrong = read_allow_flag("nett=https://a.com", flag(), asked);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().reason, "policy.unknown_key");
  EXPECT_NE(wrong.error().message.find("did you mean 'net'"), std::string::npos);
  EXPECT_FALSE(read_allow_flag("net=ftp://a", flag(), asked));
  EXPECT_FALSE(read_allow_flag("preset=wasi", flag(), asked));
  EXPECT_FALSE(read_allow_flag("memory=1", flag(), asked));
  EXPECT_FALSE(read_allow_flag(std::string(100'000, 'a'), flag(), asked));
  PolicyRequest denied;
  EXPECT_TRUE(read_allow_flag("clock=true,wasi=true,env=*", flag(), denied, RequestUse::kDeny));
  EXPECT_FALSE(read_allow_flag("memory=1MB", flag(), denied, RequestUse::kDeny));
}

TEST(PolicyRequest, OriginsArePrinted) {
  EXPECT_EQ(to_string(Origin{}), "built-in");
  EXPECT_EQ(to_string(Origin{Origin::Kind::kFile, "a\x1b.yaml", 3, 5}), "a\\u{1b}.yaml:3:5");
  EXPECT_EQ(to_string(Origin{Origin::Kind::kVariable, "CAISSON_ALLOW", 0, 0}), "CAISSON_ALLOW");
  EXPECT_EQ(to_string(Origin{Origin::Kind::kProgram, "", 0, 0}), "the program");
}

}  // namespace
}  // namespace caisson::sandbox
