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

TEST_F(PolicyCommandTest, AWorkflowWithoutSandboxSaysSo) {
  machine_.add_file("/flows/local.yaml", "processors:\n  - {id: a, type: local, processor: reverse_text}\n");
  EXPECT_EQ(policy({"explain", "/flows/local.yaml"}).out, "no node of this workflow runs in a sandbox\n");
}

}  // namespace
}  // namespace caisson::cli
