// Calls that are running, as an embedder lists and ends them, and what the audit log says of them.

#include "base/testing/temporary_folder.h"
#include "observe/testing/audit_fixture.h"

#include <caisson/runtime.h>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>

namespace caisson {
namespace {

/// A node that never ends by itself, and what it is told.
constexpr std::string_view kSpins =
    "wasm: {fuel: {maximum: 1000000000000}}\n"
    "processors:\n"
    "  - {id: spins, type: wasm, options: {fuel_level: 1000000000000},\n"
    "     module: " CAISSON_SOURCE_DIR "/guests/samples/built/wat/start_spins.wasm}\n";

class RunningCallsTest : public testing::Test {
 protected:
  RunningCallsTest() {
    RuntimeOptions options;
    options.compile_program = CAISSON_TEST_COMPILE_PROGRAM;
    options.cache_folder = "";
    options.threads = 2;
    options.audit_file = folder_.path();
    runtime_ = Runtime::create(std::move(options)).value();
    workflow_ = runtime_->load_text(kSpins, "spins.yaml").value();
  }

  /// Waits until the call runs.
  [[nodiscard]] RunningCall running() const {
    while (true) {
      if (const std::vector<RunningCall> calls = runtime_->calls(); !calls.empty()) {
        return calls.front();
      }
      std::this_thread::yield();
    }
  }
  [[nodiscard]] std::string log() const { return observe::file_text(folder_ / "audit.jsonl"); }

  base::TemporaryFolder folder_;
  std::unique_ptr<Runtime> runtime_;
  std::shared_ptr<const Workflow> workflow_;
};

TEST_F(RunningCallsTest, OneIsListedKilledAndRecorded) {
  EXPECT_TRUE(runtime_->calls().empty());
  std::optional<caisson::Run> run;
  RunOptions options;
  options.id = "run 1";
  std::thread runner([&] { run = runtime_->run(*workflow_, Payload("x"), options).value(); });
  const RunningCall call = running();
  EXPECT_EQ(call.run, "run 1");
  EXPECT_EQ(call.node, "spins");
  EXPECT_EQ(call.module.size(), 64U);
  EXPECT_GE(call.elapsed.count(), 0);
  EXPECT_FALSE(runtime_->kill(call.id + 1));
  EXPECT_TRUE(runtime_->kill(call.id));
  runner.join();

  EXPECT_EQ(run->status(), RunStatus::kFailed);
  EXPECT_EQ(run->error()->category, Category::kCancelled);
  EXPECT_NE(run->json().find("sandbox.killed"), std::string::npos);
  EXPECT_TRUE(runtime_->calls().empty());
  EXPECT_FALSE(runtime_->kill(call.id)) << "it has ended";

  ASSERT_TRUE(runtime_->flush_audit());
  const std::string record = observe::lines_of(log()).at(1);
  EXPECT_NE(record.find("\"call\":" + std::to_string(call.id) + R"(,"run":"run 1","node":"spins","module":")" +
                        call.module + '"'),
            std::string::npos)
      << record;
  EXPECT_NE(record.find(R"("status":"cancelled","reason":"sandbox.killed")"), std::string::npos) << record;
  EXPECT_NE(record.find(R"("violations":[{"kind":"termination")"), std::string::npos) << record;
  runtime_.reset();
  EXPECT_TRUE(observe::verdict_of(folder_.path()).intact());
}

TEST_F(RunningCallsTest, StoppingARunIsNoKill) {
  std::stop_source stop;
  std::optional<caisson::Run> run;
  std::thread runner([&] {
    RunOptions options;
    options.stop = stop.get_token();
    run = runtime_->run(*workflow_, Payload("x"), options).value();
  });
  const RunningCall call = running();
  EXPECT_EQ(call.run.size(), 16U) << "a random id";
  stop.request_stop();
  runner.join();
  EXPECT_EQ(run->status(), RunStatus::kCancelled);
  ASSERT_TRUE(runtime_->flush_audit());
  EXPECT_NE(log().find(R"("reason":"sandbox.cancelled")"), std::string::npos);
}

TEST_F(RunningCallsTest, ARunsIdIsNeitherEmptyNorEndless) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{257}}) {
    RunOptions options;
    options.id = std::string(size, 'x');
    const auto run = runtime_->run(*workflow_, Payload("x"), options);
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().reason, "workflow.bad_value");
  }
}

TEST_F(RunningCallsTest, ASecondRuntimeCannotWriteTheLog) {
  RuntimeOptions options;
  options.compile_program = CAISSON_TEST_COMPILE_PROGRAM;
  options.audit_file = folder_ / "audit.jsonl";
  const auto second = Runtime::create(std::move(options));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "observe.audit_locked");
}

}  // namespace
}  // namespace caisson
