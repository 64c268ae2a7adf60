// Workflows inside of others: found by name, held within what is written for their node, and never without end.

#include <caisson/runtime.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

namespace caisson {
namespace {

class SubWorkflow : public ::testing::Test {
 protected:
  SubWorkflow() {
    std::string name = (std::filesystem::temp_directory_path() / "caisson-sub-XXXXXX").native();
    folder_ = mkdtemp(name.data());
  }
  ~SubWorkflow() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, std::string_view nodes) const {
    std::ofstream(folder_ / name) << "processors:\n" << nodes;
  }
  /// What is wrong with the files of these nodes; empty: nothing.
  [[nodiscard]] std::string problem(std::string_view nodes) const {
    write("main.yaml", nodes);
    const auto runtime =
        Runtime::create({.cache_folder = CAISSON_TEST_IMAGE_CACHE, .read_configuration = false}).value();
    const auto workflow = runtime->load_file((folder_ / "main.yaml").native());
    if (!workflow) {
      return workflow.error().reason + ": " + workflow.error().message;
    }
    const auto problems = runtime->check_modules(**workflow);
    return problems.empty() ? "" : problems[0].reason + ": " + problems[0].message;
  }

  std::filesystem::path folder_;
};

constexpr std::string_view kLua = "  - {id: in, type: code, language: lua, code: 'return 1'";

TEST_F(SubWorkflow, IsFoundByNameAndByPath) {
  write("other.yaml", "  - {id: up, type: local, processor: change_text_case_upper}\n");
  EXPECT_EQ(problem("  - {id: w, type: workflow, workflow_ref: other}\n"), "");
  EXPECT_EQ(problem("  - {id: w, type: workflow, file: other.yaml}\n"), "");
  EXPECT_NE(problem("  - {id: w, type: workflow, workflow_ref: none}\n").find("file.missing"), std::string::npos);
  write("bad.yaml", "  - {id: up, type: local, processor: none}\n");
  EXPECT_EQ(problem("  - {id: w, type: workflow, workflow_ref: bad}\n").substr(0, 64),
            "workflow.unknown_processor: node 'w': workflow 'bad': Unknown lo");
}

TEST_F(SubWorkflow, MayDoNoMoreThanItsNodeSays) {
  write("other.yaml", std::string(kLua) + ", limits: {memory: 16MB}, grants: {imports: [kv]}}\n");
  EXPECT_EQ(problem("  - {id: w, type: workflow, workflow_ref: other}\n"), "");
  EXPECT_EQ(
      problem("  - {id: w, type: workflow, workflow_ref: other, limits: {memory: 16MB}, grants: {imports: [kv]}}\n"),
      "");
  const std::string limited = problem("  - {id: w, type: workflow, workflow_ref: other, limits: {memory: 8MB}}\n");
  EXPECT_EQ(limited.substr(0, 15), "policy.refused:") << limited;
  EXPECT_NE(limited.find("8MiB"), std::string::npos) << limited;
  const std::string bare = problem("  - {id: w, type: workflow, workflow_ref: other, grants: {preset: none}}\n");
  EXPECT_EQ(bare.substr(0, 15), "policy.refused:") << bare;
  EXPECT_NE(bare.find("the import 'kv' is not among the grants"), std::string::npos) << bare;
  // What nobody asked for is not refused but held to it.
  write("modest.yaml", std::string(kLua) + "}\n");
  EXPECT_EQ(
      problem("  - {id: w, type: workflow, workflow_ref: modest, limits: {memory: 8MB}, grants: {preset: none}}\n"),
      "");
  // Also two workflows further in.
  write("between.yaml", "  - {id: b, type: workflow, workflow_ref: other}\n");
  EXPECT_EQ(problem("  - {id: w, type: workflow, workflow_ref: between, grants: {preset: none}}\n").substr(0, 15),
            "policy.refused:");
}

TEST_F(SubWorkflow, ReadsOnlyWhatItsNodeMayRead) {
  std::filesystem::create_directories(folder_ / "data" / "deep");
  write("other.yaml", std::string(kLua) + ", grants: {read: [data/deep]}}\n");
  EXPECT_EQ(problem("  - {id: w, type: workflow, workflow_ref: other, grants: {read: [data]}}\n"), "");
  EXPECT_NE(
      problem("  - {id: w, type: workflow, workflow_ref: other, grants: {clock: coarse}}\n").find("the directory '"),
      std::string::npos);
}

TEST_F(SubWorkflow, HasAnEnd) {
  write("self.yaml", "  - {id: again, type: workflow, workflow_ref: self}\n");
  EXPECT_NE(problem("  - {id: w, type: workflow, workflow_ref: self}\n").find("it runs itself"), std::string::npos);
  for (int i = 0; i < 9; ++i) {
    write("w" + std::to_string(i) + ".yaml",
          "  - {id: n, type: workflow, workflow_ref: w" + std::to_string(i + 1) + "}\n");
  }
  write("w9.yaml", "  - {id: up, type: local, processor: change_text_case_upper}\n");
  EXPECT_EQ(problem("  - {id: w, type: workflow, workflow_ref: w2}\n"), "");
  EXPECT_NE(problem("  - {id: w, type: workflow, workflow_ref: w1}\n").find("more than 8 deep"), std::string::npos);
}

TEST_F(SubWorkflow, HasABudgetOfNodes) {
  std::string many;
  for (int i = 0; i < 3'000; ++i) {
    many += "  - {id: n" + std::to_string(i) + ", type: local, processor: change_text_case_upper}\n";
  }
  write("many.yaml", many);
  std::string four;
  for (int i = 0; i < 4; ++i) {
    four += "  - {id: w" + std::to_string(i) + ", type: workflow, workflow_ref: many}\n";
  }
  EXPECT_EQ(problem(four).substr(0, 24), "workflow.too_many_nodes:");
}

}  // namespace
}  // namespace caisson
