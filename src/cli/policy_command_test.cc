// caisson policy explain: decisions as text and as JSON. The scenarios show it to people; here are the cases.

#include "cli/exit_codes.h"
#include "cli/testing/program_run.h"
#include "document/parse.h"

namespace caisson::cli {
namespace {

constexpr const char* kFlow = "/flows/flow.yaml";

class PolicyCommandTest : public testing::Test {
 protected:
  PolicyCommandTest() {
    machine_.add_file(kFlow,
                      "processors:\n"
                      "  - {id: upper, type: local, processor: change_text_case_upper}\n"
                      "  - {id: one, type: wasm, module: a.wasm, limits: {memory: 32MiB}, grants: {clock: true}}\n"
                      "  - {id: two, type: wasm, module: b.wasm}\n");
  }
  ProgramRun policy(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "policy");
    return run_with(machine_, arguments);
  }
  base::FakeEnvironment machine_;
};

TEST_F(PolicyCommandTest, WantsADefinitionAndAtMostOneNode) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, std::vector<std::string>{"show", kFlow}, std::vector<std::string>{"explain"},
        std::vector<std::string>{"explain", kFlow, "one", "two"}}) {
    EXPECT_EQ(policy(arguments).status, kExitUsage);
  }
}

TEST_F(PolicyCommandTest, ExplainsEachSandboxedNode) {
  const ProgramRun run = policy({"explain", kFlow});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_TRUE(run.out.starts_with("node 'one'\n")) << run.out;
  EXPECT_NE(run.out.find("\n\nnode 'two'\n"), std::string::npos);
  EXPECT_EQ(run.out.find("upper"), std::string::npos) << "a local node has no policy";
  EXPECT_NE(run.out.find("32MiB            /flows/flow.yaml:3:"), std::string::npos) << run.out;
}

TEST_F(PolicyCommandTest, OneNodeByItsId) {
  const ProgramRun run = policy({"explain", kFlow, "two"});
  EXPECT_TRUE(run.out.starts_with("node 'two'\n")) << run.out;
  EXPECT_EQ(run.out.find("node 'one'"), std::string::npos);
  const ProgramRun none = policy({"explain", kFlow, "tow"});
  EXPECT_NE(none.status, 0);
  EXPECT_NE(none.error.find("did you mean 'two'?"), std::string::npos) << none.error;
}

TEST_F(PolicyCommandTest, JsonHasThePolicyItsDigestAndEachDecision) {
  const auto all = document::parse_json(policy({"explain", "--json", kFlow}).out, "out");
  ASSERT_TRUE(all.has_value());
  ASSERT_EQ(all->as_list()->size(), 2U);
  const document::Value& one = all->as_list()->front();
  EXPECT_EQ(one.find("digest")->as_string()->size(), 64U);
  EXPECT_NE(one.find("policy")->as_map(), nullptr);
  EXPECT_GT(one.find("decisions")->as_list()->size(), 20U);
}

TEST_F(PolicyCommandTest, WhatIsNotAllowedIsAFailureThatSaysWhatWouldAllowIt) {
  machine_.add_file("/flows/asks.yaml",
                    "processors:\n  - {id: one, type: wasm, module: a.wasm, grants: {env: [TOKEN]}}\n");
  const ProgramRun run = policy({"explain", "/flows/asks.yaml"});
  EXPECT_NE(run.status, 0);
  EXPECT_NE(run.error.find("--allow env=TOKEN"), std::string::npos) << run.error;
  EXPECT_EQ(policy({"explain", "--allow", "env=TOKEN", "/flows/asks.yaml"}).status, 0);
}

TEST_F(PolicyCommandTest, TranslatesWhatOtherSystemsWrite) {
  machine_.add_file("/p/context.json", R"({"max_memory_bytes": 33554432, "env_vars": {"MODE": "fast"},
                                          "cpu_limits": {"max_threads": 2}})");
  machine_.add_file("/p/manifest.toml", "[limits]\nmax_memory = \"64MB\"\n[capabilities]\nrandom = \"pseudo\"\n");
  machine_.add_file("/p/strings.yaml", "['time:wall', 'env:read:HOME']\n");
  const ProgramRun context = policy({"translate", "--form", "security-context", "/p/context.json"});
  EXPECT_EQ(context.status, 0) << context.error;
  EXPECT_EQ(context.out, "limits:\n  memory: \"32MiB\"\ngrants:\n  env:\n    MODE: fast\n");
  EXPECT_EQ(context.error,
            "/p/context.json:2:73: warning: cpu_limits.max_threads has no effect: a guest has one thread\n");
  EXPECT_EQ(policy({"translate", "--form", "manifest", "/p/manifest.toml"}).out,
            "limits:\n  memory: \"64MiB\"\ngrants:\n  random: seeded\n");
  const ProgramRun strings = policy({"translate", "--form", "capabilities", "--to", "wasi", "/p/strings.yaml"});
  EXPECT_EQ(strings.out, "clock: real\n");
  EXPECT_NE(strings.error.find("warning: grants.env cannot be said"), std::string::npos) << strings.error;
  EXPECT_EQ(policy({"translate", "--form", "capabilities", "--json", "/p/strings.yaml"}).out,
            "{\n  \"grants\": {\n    \"env\": [\n      \"HOME\"\n    ],\n    \"clock\": \"real\"\n  }\n}\n");
}

TEST_F(PolicyCommandTest, WhatCannotBeTranslatedIsNamedWithItsPlace) {
  machine_.add_file("/p/context.yaml", "max_memory_bytes: -1\nsandbox_enabled: false\n");
  const ProgramRun run = policy({"translate", "--form", "security-context", "/p/context.yaml"});
  EXPECT_EQ(run.status, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_NE(run.error.find("/p/context.yaml:1:19: error: max_memory_bytes"), std::string::npos) << run.error;
  EXPECT_NE(run.error.find("/p/context.yaml:2:18: error: sandbox_enabled"), std::string::npos) << run.error;
  EXPECT_EQ(policy({"translate", "--form", "wasi", "/p/none.yaml"}).status, 3);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"translate", "/p/context.yaml"}, std::vector<std::string>{"translate"},
        std::vector<std::string>{"translate", "--form", "manifesto", "/p/context.yaml"},
        std::vector<std::string>{"translate", "--form", "wasi", "/p/context.yaml", "more"},
        std::vector<std::string>{"explain", "--form", "wasi", kFlow}}) {
    EXPECT_EQ(policy(arguments).status, kExitUsage);
  }
}

TEST_F(PolicyCommandTest, AWorkflowWithoutSandboxSaysSo) {
  machine_.add_file("/flows/local.yaml", "processors:\n  - {id: a, type: local, processor: reverse_text}\n");
  EXPECT_EQ(policy({"explain", "/flows/local.yaml"}).out, "no node of this workflow runs in a sandbox\n");
}

}  // namespace
}  // namespace caisson::cli
