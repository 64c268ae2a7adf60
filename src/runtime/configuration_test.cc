// Where configuration comes from, what it may say, and what becomes of it.

#include "runtime/configuration.h"

#include "base/testing/fake_environment.h"
#include "runtime/policies.h"
#include "workflow/definition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::runtime {
namespace {

using Reports = std::vector<std::string>;
using sandbox::find_limit;

Reports reports(const Result<Configuration>& result) {
  Reports out;
  if (!result) {
    for (const Diagnostic& d : result.error().diagnostics) {
      out.push_back(to_string(d));
    }
  }
  return out;
}

class ConfigurationTest : public ::testing::Test {
 protected:
  ConfigurationTest() {
    environment_.set_variable("HOME", "/home/me");
    environment_.add_directory("/project/data");
    environment_.add_directory("/srv");
  }

  Configurations load(const ConfigurationFlags& flags = {}) {
    auto out = Configurations::load(environment_, flags);
    EXPECT_TRUE(out) << (out ? "" : out.error().message);
    return out ? *std::move(out) : Configurations();
  }

  std::string failure(const ConfigurationFlags& flags = {}) {
    const auto out = Configurations::load(environment_, flags);
    EXPECT_FALSE(out);
    return out ? "" : out.error().message;
  }

  /// The ceiling of a limit and where it was written.
  std::string most(const Configurations& configurations, std::string_view key) {
    const sandbox::Ceiling ceiling = configurations.ceiling(environment_);
    const sandbox::LimitRow& row = *find_limit(key);
    const sandbox::LimitBound& bound = ceiling.limits[static_cast<std::size_t>(&row - sandbox::limit_table().data())];
    return print_limit(row, bound.amount) + " " + to_string(bound.origin);
  }

  Result<Policies> resolve(std::string_view definition, const ConfigurationFlags& flags = {}) {
    const auto read = workflow::read_definition(definition, "/project/flow.yaml");
    EXPECT_TRUE(read) << (read ? "" : read.error().message);
    const auto all = with_project(load(flags), "/project", environment_);
    return all ? resolve_policies(*read, {*all, "/project"}, environment_) : Result<Policies>(all.error());
  }

  base::FakeEnvironment environment_;
};

constexpr std::string_view kNode = "processors:\n  - {id: a, type: wasm, module: m.wasm}\n";

TEST_F(ConfigurationTest, NothingIsConfigured) {
  const Configurations none = load();
  EXPECT_EQ(most(none, "memory"), "2GiB built-in");
  EXPECT_EQ(none.user_file(), "/home/me/.config/caisson/config.toml");
  EXPECT_TRUE(std::ranges::none_of(none.sources(), &ConfigurationSource::found));
  ASSERT_EQ(none.sources().size(), 5U);
  EXPECT_EQ(to_string(none.sources()[0].kind), "system");
  EXPECT_EQ(to_string(none.sources()[4].kind), "flags");
  EXPECT_FALSE(none.max_concurrency());
  EXPECT_FALSE(none.wasm_disabled());
}

TEST_F(ConfigurationTest, EverySourceCountsMoreThanTheOneBefore) {
  environment_.add_file("/etc/caisson/config.toml",
                        "[limits]\nmemory = '1GB'\ntimeout = 10\nfuel = '1G'\nstack = '1MB'\n");
  EXPECT_EQ(most(load(), "memory"), "1GiB /etc/caisson/config.toml:2:10");
  environment_.add_file("/home/me/.config/caisson/config.yaml", "limits: {memory: 1536MB, timeout: 20, fuel: 2G}\n");
  EXPECT_EQ(most(load(), "memory"), "1536MiB /home/me/.config/caisson/config.yaml:1:18");
  environment_.set_variable("CAISSON_LIMITS_MEMORY", "2GB");
  environment_.set_variable("CAISSON_LIMITS_FUEL", "3G");
  EXPECT_EQ(most(load(), "memory"), "2GiB CAISSON_LIMITS_MEMORY");
  const Configurations all = load({.allow = {"memory=768MB"}});
  EXPECT_EQ(most(all, "memory"), "768MiB --allow memory=768MB");
  EXPECT_EQ(most(all, "fuel"), "3_000_000_000 CAISSON_LIMITS_FUEL");
  EXPECT_EQ(most(all, "timeout"), "20s /home/me/.config/caisson/config.yaml:1:35");
  EXPECT_EQ(most(all, "stack"), "1MiB /etc/caisson/config.toml:5:9");
}

TEST_F(ConfigurationTest, WhatTheSystemLocksStays) {
  environment_.add_file("/etc/caisson/config.toml",
                        "lock = ['limits.memory', 'allow.net']\n[limits]\nmemory = '1GB'\n");
  environment_.set_variable("CAISSON_LIMITS_MEMORY", "2GB");
  const Configurations all = load({.allow = {"memory=2GB,net=https://a.com"}});
  EXPECT_EQ(most(all, "memory"), "1GiB /etc/caisson/config.toml:3:10");
  const sandbox::Ceiling ceiling = all.ceiling(environment_);
  EXPECT_TRUE(ceiling.net.allow.empty());
  EXPECT_EQ(ceiling.net.lost.size(), 1U);
}

TEST_F(ConfigurationTest, TheUsersFolderFollowsTheVariable) {
  environment_.set_variable("XDG_CONFIG_HOME", "/cfg");
  environment_.add_file("/cfg/caisson/config.json", R"({"limits": {"memory": "1GB"}})");
  EXPECT_EQ(most(load(), "memory"), "1GiB /cfg/caisson/config.json:1:23");
  environment_.set_variable("XDG_CONFIG_HOME", "relative");
  EXPECT_EQ(load().user_file(), "/home/me/.config/caisson/config.toml");
  environment_.set_variable("HOME", "");
  EXPECT_EQ(load().user_file(), "");
}

TEST_F(ConfigurationTest, AFlagNamesAnotherFile) {
  environment_.add_file("/home/me/.config/caisson/config.toml", "[limits]\nmemory = '1GB'\n");
  environment_.add_file("/other.toml", "[limits]\nmemory = '1536MB'\n");
  EXPECT_EQ(most(load({.file = "/other.toml"}), "memory"), "1536MiB /other.toml:2:10");
  EXPECT_NE(failure({.file = "/missing.toml"}).find("/missing.toml"), std::string::npos);
  environment_.add_file("/other.ini", "x");
  EXPECT_NE(failure({.file = "/other.ini"}).find("must end in .toml, .yaml, .yml or .json"), std::string::npos);
}

TEST_F(ConfigurationTest, FilesAndVariablesCanBeLeftOut) {
  environment_.add_file("/etc/caisson/config.toml", "broken");
  environment_.set_variable("CAISSON_LIMITS_MEMORY", "nonsense");
  environment_.add_file("/project/caisson.toml", "broken");
  EXPECT_EQ(most(load({.allow = {"memory=768MB"}, .read_files = false, .is_program = true}), "memory"),
            "768MiB the program");
  EXPECT_TRUE(resolve(kNode, {.read_files = false}));
}

TEST_F(ConfigurationTest, AFileThatCannotBeReadOrIsWrongStopsEverything) {
  environment_.add_file("/etc/caisson/config.toml", "[limits]\nmemroy = '1GB'\n");
  EXPECT_EQ(failure(),
            "configuration: /etc/caisson/config.toml:2:1: error: limits: there is no limit called \"memroy\" (did "
            "you mean 'memory'?)");
  environment_.add_file("/etc/caisson/config.toml", "[limits\n");
  EXPECT_NE(failure().find("this is not TOML"), std::string::npos);
  environment_.add_file("/etc/caisson/config.toml", "");
  environment_.add_file("/etc/caisson/config.yaml", "limits: {}");
  EXPECT_EQ(failure(),
            "there are two configurations, '/etc/caisson/config.toml' and '/etc/caisson/config.yaml'; remove one");
  environment_.fail_reads(Error{Category::kPermissionDenied, "file.permission", "no"});
  EXPECT_NE(failure().find("no"), std::string::npos);
}

TEST_F(ConfigurationTest, EveryMistakeIsReported) {
  const auto wrong = read_configuration(
      "lock = ['limits.x', 3]\nlimit = 1\n[allow]\nreed = ['x']\npreset = 'wasi'\n[deny]\nclock = 'real'\n"
      "[execution]\nmax_parallel_steps = -1\nmaxx = 1\n[runners]\nwasm = {enabled = 1, wasi = true}\npyton = 1\n",
      "c.toml", "/");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().reason, "configuration.invalid");
  EXPECT_EQ(reports(wrong).size(), 11U) << wrong.error().message;
  for (const std::string_view text :
       {"lock: x", "execution: 1", "runners: [1]", "runners: {wasm: 1}", "3", "limits: 3"}) {
    EXPECT_EQ(reports(read_configuration(text, "c.yaml", "/")).size(), 1U) << text;
  }
  EXPECT_EQ(read_configuration("limits: {memory: x}", "c.yaml", "/").error().reason, "policy.bad_value");
}

TEST_F(ConfigurationTest, NamesOfOlderConfigurations) {
  const auto read = read_configuration(
      "[workflows]\ndirectory = 'x'\n[server]\nport = 1\n[logging]\nlevel = 'info'\n[execution]\nmode = 'parallel'\n"
      "max_parallel_steps = 4\nenable_step_parallelism = true\n[runners.python]\nenabled = true\n[runners.wasm]\n"
      "enabled = true\nwasi_enabled = false\nmodules_dir = 'x'\n",
      "c.toml", "/");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->warnings.size(), 5U);
  EXPECT_EQ(read->max_concurrency->value, 4U);
  EXPECT_EQ(to_string(read->policy.deny.wasi->origin), "c.toml:15:16");
  EXPECT_FALSE(read->wasm_disabled);
  const auto off = read_configuration(
      "runners: {wasm: {enabled: false, wasi_enabled: true}}\nexecution: "
      "{max_concurrency: 0}\nserver: ",
      "c.yml", "/");
  EXPECT_TRUE(off->wasm_disabled);
  EXPECT_FALSE(off->policy.deny.wasi || off->max_concurrency || !off->warnings.empty());
}

TEST_F(ConfigurationTest, Variables) {
  environment_.set_variable("CAISSON_ALLOW", "net=https://a.com,read=data");
  environment_.set_variable("CAISSON_DENY", "env=*");
  environment_.set_variable("CAISSON_DEFAULTS_MEMORY", "128MB");
  environment_.set_variable("CAISSON_MAX_CONCURRENCY", "3");
  environment_.set_variable("CAISSON_CAMPAIGN", "none of ours");
  const Configurations all = load();
  const sandbox::Ceiling ceiling = all.ceiling(environment_);
  EXPECT_EQ(ceiling.net.allow.size(), 1U);
  EXPECT_EQ(to_string(ceiling.net.allow[0].origin), "CAISSON_ALLOW");
  EXPECT_EQ(ceiling.read.allow[0].value.path, "/data");
  EXPECT_EQ(ceiling.env.deny.size(), 1U);
  EXPECT_EQ(ceiling.defaults[0].amount, sandbox::Amount(128U << 20));
  EXPECT_EQ(all.max_concurrency()->value, 3U);
  EXPECT_TRUE(all.sources()[3].found);
}

TEST_F(ConfigurationTest, OlderVariables) {
  environment_.set_variable("HWFE_MAX_PARALLEL_STEPS", "4");
  environment_.set_variable("HWFE_WASM_WASI_ENABLED", "false");
  environment_.set_variable("ICE_SANDBOX_DEFAULT_MEMORY_MB", "512");
  environment_.set_variable("ICE_SANDBOX_DEFAULT_CPU_SECONDS", "10");
  environment_.set_variable("ICE_ENABLE_WASM", "1");
  const Configurations all = load();
  EXPECT_EQ(all.max_concurrency()->value, 4U);
  EXPECT_FALSE(all.wasm_disabled());
  EXPECT_TRUE(all.warnings().empty());
  environment_.set_variable("ICE_SANDBOX_CODE_MEMORY_MB", "512");
  environment_.set_variable("HWFE_SERVER_PORT", "1");
  EXPECT_EQ(load().warnings().size(), 2U);
  const sandbox::Ceiling ceiling = all.ceiling(environment_);
  EXPECT_TRUE(ceiling.wasi_denied);
  EXPECT_EQ(ceiling.defaults[0].amount, sandbox::Amount(512U << 20));
  environment_.set_variable("CAISSON_DEFAULTS_MEMORY", "1MB");
  EXPECT_EQ(load().ceiling(environment_).defaults[0].amount, sandbox::Amount(1U << 20));
  environment_.set_variable("HWFE_WASM_ENABLED", "off");
  EXPECT_EQ(to_string(*load().wasm_disabled()), "HWFE_WASM_ENABLED");
}

TEST_F(ConfigurationTest, InlineCodeIsForbiddenOnceForAll) {
  EXPECT_FALSE(load().inline_code_disabled());
  environment_.set_variable("CAISSON_INLINE_CODE", "1");
  EXPECT_FALSE(load().inline_code_disabled());
  environment_.add_file("/etc/caisson/config.toml", "[execution]\ninline_code = false\n");
  environment_.add_file("/home/me/.config/caisson/config.toml", "[execution]\ninline_code = true\n");
  EXPECT_EQ(to_string(*load().inline_code_disabled()), "/etc/caisson/config.toml:2:15");
}

TEST_F(ConfigurationTest, InlineCodeIsForbiddenByVariablesToo) {
  environment_.set_variable("ICE_ENABLE_INLINE_CODE", "0");
  environment_.set_variable("CAISSON_INLINE_CODE", "on");
  EXPECT_EQ(to_string(*load().inline_code_disabled()), "ICE_ENABLE_INLINE_CODE");
  EXPECT_TRUE(load().warnings().empty());
  environment_.set_variable("CAISSON_INLINE_CODE", "maybe");
  EXPECT_FALSE(Configurations::load(environment_, {}));
  EXPECT_FALSE(read_configuration("execution: {inline_code: 0}", "c.yaml", "/"));
}

TEST_F(ConfigurationTest, WrongVariablesAreErrors) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"CAISSON_LIMITS_MEMROY", "1GB"},    {"CAISSON_LIMITS_MEMORY", "lots"},
      {"CAISSON_DEFAULTS_FUEL", "0"},      {"CAISSON_ALLOWED", "x"},
      {"CAISSON_ALLOW", "nett=x"},         {"CAISSON_DENY", "clock=coarse"},
      {"CAISSON_MAX_CONCURRENCY", "many"}, {"HWFE_MAX_PARALLEL_STEPS", "5000"},
      {"HWFE_WASM_ENABLED", "maybe"},      {"ICE_SANDBOX_DEFAULT_MEMORY_MB", "8192"}};
  for (const auto& [name, value] : wrong) {
    environment_.set_variable(name, value);
    EXPECT_NE(failure().find(name), std::string::npos) << name;
    environment_.set_variable(name, "");
  }
  environment_.set_variable("CAISSON_LIMITS_MEMROY", "1GB");
  EXPECT_NE(failure().find("did you mean 'CAISSON_LIMITS_MEMORY'"), std::string::npos);
}

TEST_F(ConfigurationTest, WrongFlagsAreErrors) {
  EXPECT_TRUE(failure({.allow = {"memory"}}).starts_with("--allow: "));
  EXPECT_TRUE(failure({.deny = {"memory=1MB"}}).starts_with("--deny: "));
  EXPECT_TRUE(failure({.limits = {"memory=1"}}).starts_with("--limit: "));
}

TEST_F(ConfigurationTest, TheProjectIsFoundAbove) {
  EXPECT_EQ(Configurations::project_file("/project/data", environment_), "");
  EXPECT_EQ(Configurations::project_file("/none", environment_), "");
  environment_.add_file("/project/caisson.toml", "[limits]\nmemory = '1GB'\n");
  EXPECT_EQ(Configurations::project_file("/project/data", environment_), "/project/caisson.toml");
  environment_.add_file("/project/data/caisson.toml", "");
  EXPECT_EQ(Configurations::project_file("/project/data", environment_), "/project/data/caisson.toml");
}

TEST_F(ConfigurationTest, AProjectNarrowsAndNeverWidens) {
  environment_.add_file(
      "/project/caisson.toml",
      "[limits]\nmemory = '32MB'\ntimeout = '10m'\n[allow]\nnet = ['https://a.com']\nread = ['/srv']\n");
  EXPECT_EQ(resolve(kNode).value().begin()->second.limits.memory_bytes, 32U << 20);
  for (const std::string_view asks : {"limits: {memory: 33MB}\n", "limits: {timeout: 301s}\n",
                                      "grants: {net: [https://a.com]}\n", "grants: {read: [/srv]}\n"}) {
    const auto refused = resolve(std::string(asks) + std::string(kNode));
    ASSERT_FALSE(refused) << asks;
    EXPECT_EQ(refused.error().reason, "policy.refused");
  }
  // The operator's command line counts more than the project, whose locks do nothing.
  EXPECT_TRUE(resolve("limits: {memory: 33MB}\n" + std::string(kNode), {.allow = {"memory=33MB"}}));
  environment_.add_file("/project/caisson.toml", "lock = ['limits']\n[limits]\nmemory = '32MB'\n");
  EXPECT_TRUE(resolve("limits: {memory: 33MB}\n" + std::string(kNode), {.allow = {"memory=33MB"}}));
  const auto locked = load().with_project("/project/caisson.toml", environment_);
  ASSERT_EQ(locked->warnings().size(), 1U);
  EXPECT_EQ(to_string(locked->warnings()[0]),
            "/project/caisson.toml:1:9: warning: locking limits does nothing in a project's file: only the operator "
            "locks");
  environment_.add_file("/project/caisson.toml", "[limit]\n");
  EXPECT_NE(resolve(kNode).error().message.find("configuration of the project: "), std::string::npos);
}

TEST_F(ConfigurationTest, TheLimitFlagIsTheNearestRequest) {
  const std::string asks =
      "limits: {memory: 128MB}\nprocessors:\n  - {id: a, type: wasm, module: m, limits: {timeout: 9s}}\n";
  const auto policies = resolve(asks, {.limits = {"memory=16MB,timeout=2s", "stdout=1KB"}});
  EXPECT_EQ(policies.value().begin()->second.limits.memory_bytes, 16U << 20);
  EXPECT_EQ(policies.value().begin()->second.limits.timeout, std::chrono::seconds(2));
  EXPECT_EQ(policies.value().begin()->second.limits.stdout_bytes, 1024U);
  const auto over = resolve(asks, {.limits = {"result=1GB"}});
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().diagnostics[0].where, (Location{"/project/flow.yaml", 3, 10}));
  EXPECT_NE(over.error().message.find("--limit result=1GB: result 1GiB is above"), std::string::npos)
      << over.error().message;
}

TEST_F(ConfigurationTest, TheOperatorGrantsWhatNobodyAsksFor) {
  const auto policies = resolve(kNode, {.grants = {"read=/srv:data", "clock"}, .args = {"-v", "x y"}});
  ASSERT_TRUE(policies) << policies.error().message;
  const sandbox::Grants& grants = policies->begin()->second.grants;
  ASSERT_EQ(grants.directories.size(), 1U);
  EXPECT_EQ(grants.directories[0].guest, "data");
  EXPECT_EQ(grants.clock, sandbox::ClockMode::kReal);
  EXPECT_EQ(grants.args, (std::vector<std::string>{"-v", "x y"}));
  const Configurations all = load({.grants = {"stdin"}});
  EXPECT_TRUE(all.sources().back().found);
  EXPECT_NE(failure({.grants = {"raed=x"}}).find("--grant: there is no grant called"), std::string::npos);
  const auto denied = resolve(kNode, {.deny = {"read=/srv"}, .grants = {"read=/srv:data"}});
  ASSERT_FALSE(denied);
  EXPECT_NE(denied.error().message.find("--grant read=/srv:data: read '/srv' is denied by --deny read=/srv"),
            std::string::npos)
      << denied.error().message;
  EXPECT_NE(resolve(kNode, {.args = {"-v"}, .is_program = true}).value().begin()->second.grants.args,
            (std::vector<std::string>{}));
}

TEST_F(ConfigurationTest, FilesThatOthersMayWriteAreNoWordOfTheOperator) {
  environment_.add_file("/etc/caisson/config.toml", "[limits]\nmemory = '1GB'\n");
  environment_.make_unsafe("/etc/caisson/config.toml");
  EXPECT_NE(failure().find("'/etc/caisson/config.toml' is not safe to use"), std::string::npos);
  environment_.add_file("/mine.toml", "");
  environment_.make_unsafe("/mine.toml");
  EXPECT_NE(failure({.file = "/mine.toml"}).find("is not safe to use"), std::string::npos);
}

TEST_F(ConfigurationTest, AProjectsFileIsNobodysWord) {
  environment_.add_file("/project/caisson.toml", "[limits]\nmemory = '32MB'\n");
  environment_.make_unsafe("/project/caisson.toml");
  EXPECT_TRUE(resolve(kNode));
}

TEST_F(ConfigurationTest, FilesThatAreCalledWrongAreFound) {
  const auto found = [&] { return Configurations::misnamed_project_files("/project/data", environment_); };
  EXPECT_TRUE(found().empty());
  environment_.add_file("/project/caisson.yaml", "limits: {}");
  environment_.add_file("/caisson.json", "{}");
  EXPECT_EQ(found(), (std::vector<std::string>{"/project/caisson.yaml", "/caisson.json"}));
  environment_.add_file("/project/caisson.toml", "");
  EXPECT_EQ(found(), (std::vector<std::string>{"/project/caisson.yaml"}));
}

TEST_F(ConfigurationTest, AProjectSaysHowManyNodesRunAtOnce) {
  environment_.set_variable("HWFE_EXECUTION_MODE", "parallel");
  environment_.add_file("/project/caisson.toml", "[execution]\nmax_concurrency = 3\n");
  const auto all = with_project(load(), "/project", environment_);
  EXPECT_EQ(all->max_concurrency()->value, 3U);
  environment_.add_file("/project/caisson.toml", "[execution]\nmode = 'sequential'\nmax_parallel_steps = 4\n");
  EXPECT_EQ(with_project(load(), "/project", environment_)->max_concurrency()->value, 1U);
  environment_.set_variable("ICE_THREADPOOL_MAX_WORKERS", "6");
  EXPECT_EQ(load().max_concurrency()->value, 6U);
  environment_.set_variable("HWFE_ENABLE_PARALLELISM", "false");
  EXPECT_EQ(load().max_concurrency()->value, 1U);
  environment_.set_variable("CAISSON_MAX_CONCURRENCY", "2");
  EXPECT_EQ(load().max_concurrency()->value, 2U);
  environment_.set_variable("HWFE_EXECUTION_MODE", "some");
  EXPECT_NE(failure().find("neither sequential nor parallel"), std::string::npos);
}

TEST_F(ConfigurationTest, ARunHasACeilingToo) {
  const auto asks = [](int number) {
    return "executor_options: {max_concurrency: " + std::to_string(number) + "}\n" + std::string(kNode);
  };
  EXPECT_TRUE(resolve(asks(64)));
  const auto refused = resolve(asks(65));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "policy.refused");
  ASSERT_EQ(refused.error().diagnostics.size(), 1U);
  EXPECT_EQ(to_string(refused.error().diagnostics[0]),
            "/project/flow.yaml:1:37: error: max_concurrency 65 is above what is allowed, 64 (built-in); allow it with "
            "--allow max_concurrency=65 or, in /home/me/.config/caisson/config.toml, with [limits] max_concurrency = "
            "\"65\"");
  EXPECT_TRUE(resolve(asks(65), {.allow = {"max_concurrency=100"}}));
  environment_.set_variable("CAISSON_LIMITS_MAX_CONCURRENCY", "4");
  EXPECT_FALSE(resolve(asks(5)));
  EXPECT_TRUE(resolve(asks(4)));
  environment_.add_file("/project/caisson.toml", "[limits]\nmax_concurrency = 100\n");
  EXPECT_FALSE(resolve(asks(5)));
  environment_.add_file("/etc/caisson/config.toml",
                        "lock = ['limits.max_concurrency']\n[limits]\nmax_concurrency = 2\n");
  EXPECT_FALSE(resolve(asks(3), {.allow = {"max_concurrency=100"}}));
  EXPECT_EQ(run_bounds(load(), environment_).concurrency.amount, sandbox::Amount(2));
  EXPECT_TRUE(run_bounds(load(), environment_).concurrency.lock);
  // It is nothing that a node has, and nothing that is 0.
  EXPECT_FALSE(workflow::read_definition("limits: {max_concurrency: 2}\n" + std::string(kNode), "f.yaml"));
  environment_.set_variable("CAISSON_LIMITS_MAX_CONCURRENCY", "0");
  EXPECT_NE(failure().find("CAISSON_LIMITS_MAX_CONCURRENCY: max_concurrency must be from 1 to 1_024"),
            std::string::npos)
      << failure();
}

TEST_F(ConfigurationTest, ProblemsOfAllNodesAreReported) {
  const auto refused = resolve(
      "processors:\n  - {id: a, type: wasm, module: m, grants: {read: [none]}}\n"
      "  - {id: b, type: local, processor: reverse_text}\n"
      "  - {id: c, type: wasm, module: m, grants: {read: [/srv], env: [X]}}\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().category, Category::kPermissionDenied);
  ASSERT_EQ(refused.error().diagnostics.size(), 3U);
  EXPECT_TRUE(refused.error().diagnostics[0].message.starts_with("node 'a': read '/project/none' cannot be used"));
  EXPECT_TRUE(refused.error().diagnostics[2].message.starts_with("node 'c': env X is not allowed"));
}

TEST_F(ConfigurationTest, DisabledModulesAreRefused) {
  environment_.set_variable("ICE_ENABLE_WASM", "no");
  EXPECT_NE(resolve(kNode).error().message.find("wasm nodes are disabled by ICE_ENABLE_WASM"), std::string::npos);
  EXPECT_TRUE(resolve("processors:\n  - {id: b, type: local, processor: reverse_text}\n"));
}

TEST_F(ConfigurationTest, OneNodeIsExplained) {
  const auto definition = workflow::read_definition(
      "processors:\n  - {id: first, type: wasm, module: m}\n  - {id: second, type: wasm, module: m}\n"
      "  - {id: third, type: local, processor: reverse_text}\n",
      "/project/flow.yaml");
  ASSERT_TRUE(definition);
  const auto explain = [&](const std::optional<std::string>& node) {
    return explain_policies(*definition, {load(), "/project"}, environment_, node);
  };
  EXPECT_EQ(explain(std::nullopt).value().size(), 2U);
  ASSERT_EQ(explain("second").value().size(), 1U);
  EXPECT_EQ(explain("second").value()[0].node, "second");
  EXPECT_FALSE(explain("second").value()[0].decisions.empty());
  EXPECT_EQ(explain("secnd").error().reason, "workflow.unknown_node");
  EXPECT_NE(explain("secnd").error().message.find("did you mean 'second'"), std::string::npos);
  EXPECT_FALSE(explain("third"));
}

}  // namespace
}  // namespace caisson::runtime
