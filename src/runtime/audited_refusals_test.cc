// What the audit log says of what never became a call.

#include "base/digest.h"
#include "base/testing/temporary_folder.h"
#include "observe/testing/audit_fixture.h"

#include <caisson/runtime.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace caisson {
namespace {

class AuditedRefusalsTest : public testing::Test {
 protected:
  AuditedRefusalsTest() {
    RuntimeOptions options;
    options.compile_program = CAISSON_TEST_COMPILE_PROGRAM;
    options.cache_folder = "";
    options.threads = 1;
    options.audit_file = folder_ / "log/audit.jsonl";
    options.read_configuration = false;
    runtime_ = Runtime::create(std::move(options)).value();
  }

  [[nodiscard]] std::string file(const std::string& name, std::string_view bytes) const {
    std::ofstream(folder_.path() / name) << bytes;
    return (folder_.path() / name).native();
  }
  static std::string built(std::string_view name) {
    return fmt::format("{}/guests/samples/built/{}.wasm", CAISSON_SOURCE_DIR, name);
  }
  /// Runs a workflow of one node, and gives the records between the `open` of the log and its end.
  std::vector<std::string> records_of(const std::string& module, std::string_view more = "") {
    const auto workflow = runtime_->load_text(
        fmt::format("processors:\n  - {{id: one, type: wasm, module: '{}'{}}}\n", module, more), "one.yaml");
    EXPECT_TRUE(workflow.has_value());
    RunOptions options;
    options.id = "run 1";
    const auto run = runtime_->run(**workflow, Payload("x"), options);
    EXPECT_TRUE(!run || run->error());
    EXPECT_TRUE(runtime_->flush_audit().has_value());
    auto lines = observe::lines_of(observe::file_text(folder_ / "log/audit.jsonl"));
    const std::vector<std::string> out(lines.begin() + static_cast<std::ptrdiff_t>(seen_), lines.end());
    seen_ = lines.size();
    return out;
  }
  base::TemporaryFolder folder_;
  std::unique_ptr<Runtime> runtime_;
  std::size_t seen_ = 1;
};

TEST_F(AuditedRefusalsTest, AModuleThatCannotBeUsedIsOneRecordWithItsDigest) {
  const auto verdict = [&](const std::string& module, std::string_view more = "") {
    const auto records = records_of(module, more);
    EXPECT_EQ(records.size(), 1U);
    if (records.empty()) {
      return std::string("nothing");
    }
    EXPECT_NE(records[0].find(R"("type":"call","call":0,"run":"run 1","node":"one",)"), std::string::npos)
        << records[0];
    const std::string bytes = observe::file_text(module);
    const std::string digest =
        bytes.empty() || bytes.size() > (16U << 20) ? "null" : '"' + base::sha256(bytes).hex() + '"';
    EXPECT_NE(records[0].find(fmt::format(R"("module":{},"policy":")", digest)), std::string::npos) << records[0];
    const std::size_t at = records[0].find(R"("status":)");
    return records[0].substr(at, records[0].find(R"(,"usage")", at) - at);
  };
  EXPECT_EQ(verdict(file("text.wasm", "not a module")), R"("status":"invalid","reason":"engine.not_wasm")");
  EXPECT_EQ(verdict(built("wat/type_error")), R"("status":"invalid","reason":"engine.malformed_module")");
  const std::string large = file("large.wasm", "");
  std::filesystem::resize_file(large, (16U << 20) + 1);
  EXPECT_EQ(verdict(large), R"("status":"invalid","reason":"engine.module_too_large")");
  EXPECT_EQ(verdict(built("wasi_hello")), R"("status":"denied","reason":"sandbox.import_denied")");
  EXPECT_EQ(verdict(built("compute"), ", func: none_such"), R"("status":"invalid","reason":"sandbox.missing_export")");
  EXPECT_EQ(verdict((folder_ / "missing.wasm").native()), R"("status":"invalid","reason":"file.missing")");
}

TEST_F(AuditedRefusalsTest, AnImportThatIsNotGrantedIsAViolation) {
  const auto records = records_of(built("wasi_hello"));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_NE(records[0].find(R"("violations":[{"kind":"capability")"), std::string::npos) << records[0];
}

TEST_F(AuditedRefusalsTest, ARunThatAsksForMoreThanIsAllowedIsOneRecord) {
  const auto records = records_of(built("wasi_hello"), ", grants: {env: [HOME]}");
  ASSERT_EQ(records.size(), 1U);
  EXPECT_NE(records[0].find(R"("call":0,"run":"run 1","node":"","module":null,"policy":null,"status":"denied",)"
                            R"("reason":"policy.refused")"),
            std::string::npos)
      << records[0];
  EXPECT_NE(records[0].find("HOME"), std::string::npos) << "what was asked for";
}

TEST_F(AuditedRefusalsTest, WhatIsOnlyCheckedIsNotRecorded) {
  const auto workflow = runtime_->load_text(
      fmt::format("processors:\n  - {{id: one, type: wasm, module: '{}'}}\n", built("wasi_hello")), "one.yaml");
  EXPECT_EQ(runtime_->check_modules(**workflow).size(), 1U);
  EXPECT_TRUE(runtime_->flush_audit().has_value());
  EXPECT_EQ(observe::lines_of(observe::file_text(folder_ / "log/audit.jsonl")).size(), 1U);
}

}  // namespace
}  // namespace caisson
