// The executor beside its audit log: every call is in it, whatever became of it, and without it nothing runs.

#include "base/environment.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/testing/guest_modules.h"
#include "observe/testing/audit_fixture.h"
#include "observe/testing/small_disk.h"
#include "sandbox/executor.h"

#include <gtest/gtest.h>

#include <string>

namespace caisson::sandbox {
namespace {

class AuditedCallsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { engine_ = engine::Engine::create({.environment = environment_.get()}).value(); }
  static void TearDownTestSuite() { engine_.reset(); }

  AuditedCallsTest() {
    observe::AuditOptions options;
    options.file = folder_ / "audit.jsonl";
    options.environment = environment_.get();
    options.system = &disk_;
    options.reserve_bytes = 0;
    audit_ = observe::Audit::open(std::move(options)).value();
  }

  [[nodiscard]] static Guest guest(std::string_view name, const std::optional<std::string>& function = std::nullopt) {
    return bind_guest(engine_->compile(engine::guest_module(name)).value(), function).value();
  }
  [[nodiscard]] Outcome call(const Guest& guest, std::string input) {
    const InlineExecutor executor(
        {.environment = environment_.get(), .pool = &pool_, .calls = &calls_, .audit = audit_.get()});
    return executor.call(guest, Payload(std::move(input)), {}, stop_.get_token(), {.run = "r", .node = "n"});
  }
  [[nodiscard]] std::vector<std::string> records() {
    audit_->flush().value();
    return observe::lines_of(observe::file_text(folder_ / "audit.jsonl"));
  }

  static inline std::unique_ptr<base::Environment> environment_ = base::make_environment();
  static inline std::shared_ptr<engine::Engine> engine_;
  base::TemporaryFolder folder_;
  observe::SmallDisk disk_;
  std::unique_ptr<observe::Audit> audit_;
  CallRegistry calls_;
  std::stop_source stop_;
  base::ThreadPool pool_{{.threads = 1, .stack_bytes = engine::thread_stack_for(4 << 20)}};
};

TEST_F(AuditedCallsTest, EveryCallIsRecordedWhateverBecameOfIt) {
  EXPECT_EQ(call(guest("dynamic"), "echo x").status, OutcomeStatus::kOk);
  EXPECT_EQ(call(guest("wat/start_traps"), "").status, OutcomeStatus::kTrap);
  EXPECT_EQ(call(guest("dynamic"), std::string((10 << 20) + 1, 'x')).status, OutcomeStatus::kInvalid);
  stop_.request_stop();
  EXPECT_EQ(call(guest("dynamic"), "echo x").status, OutcomeStatus::kCancelled);
  const std::vector<std::string> lines = records();
  ASSERT_EQ(lines.size(), 5U);
  const std::string_view verdicts[] = {R"("status":"ok","reason":"")", R"("status":"trap","reason":"sandbox.trap")",
                                       R"("status":"invalid","reason":"sandbox.input_too_large")",
                                       R"("status":"cancelled","reason":"sandbox.cancelled")"};
  for (std::size_t i = 0; i < std::size(verdicts); ++i) {
    EXPECT_NE(lines[i + 1].find(verdicts[i]), std::string::npos) << lines[i + 1];
    EXPECT_NE(lines[i + 1].find(R"("run":"r","node":"n")"), std::string::npos) << lines[i + 1];
  }
  EXPECT_NE(lines[1].find("\"module\":\"" + guest("dynamic").module->info().digest.hex()), std::string::npos);
  EXPECT_TRUE(calls_.list(*environment_).empty());
}

TEST_F(AuditedCallsTest, OnceTheLogHasFailedNothingRuns) {
  const Guest echo = guest("dynamic");
  EXPECT_EQ(call(echo, "echo x").status, OutcomeStatus::kOk);
  const std::vector<std::string> before = records();
  disk_.write_error = EIO;
  // The record of this call is accepted; that it cannot be written is found out later.
  static_cast<void>(call(echo, "echo x"));
  EXPECT_FALSE(audit_->flush());
  disk_.write_error = 0;
  const Outcome outcome = call(echo, "echo x");
  EXPECT_EQ(outcome.status, OutcomeStatus::kHostError);
  EXPECT_EQ(outcome.error->reason, "observe.audit_failed");
  EXPECT_TRUE(outcome.output.empty());
  EXPECT_EQ(observe::lines_of(observe::file_text(folder_ / "audit.jsonl")), before);
}

}  // namespace
}  // namespace caisson::sandbox
