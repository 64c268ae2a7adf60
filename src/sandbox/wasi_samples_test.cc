// The three WASI programs of the source document, and what its troubleshooting section promises.

#include "sandbox/testing/sandbox_fixture.h"

#include <filesystem>
#include <fstream>
#include <regex>

namespace caisson::sandbox {
namespace {

bool matches(const Outcome& outcome, const std::string& pattern) {
  return std::regex_match(std::string(outcome.output.bytes()), std::regex(pattern));
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

class WasiSamples : public SandboxTest {
 protected:
  Outcome run(std::string_view name, const std::optional<std::string>& function = std::nullopt) {
    return call(bind(name, function).value(), function ? "" : "input");
  }
};

TEST_F(WasiSamples, HelloPrintsOnBothStreamsAndReadsAVariableAndTheTime) {
  grants_ = {.wasi = true, .env = {{"PATH", "/usr/bin"}}, .clock = ClockMode::kReal, .random = RandomMode::kReal};
  const Outcome outcome = run("wasi_hello");
  ASSERT_EQ(outcome.status, OutcomeStatus::kOk) << outcome.error->message;
  EXPECT_TRUE(matches(outcome, "Hello from WASI!\nPATH: /usr/bin\nCurrent time: SystemTime .*\n"))
      << outcome.output.bytes();
  EXPECT_EQ(outcome.captured.standard_error, "This goes to stderr\n");
}

TEST_F(WasiSamples, ALibraryIsCalledByTheNameOfItsFunction) {
  grants_ = {.wasi = true};
  const Outcome outcome = run("wasi_run", "run");
  ASSERT_EQ(outcome.status, OutcomeStatus::kOk) << outcome.error->message;
  EXPECT_EQ(outcome.output.bytes(), "0");
  EXPECT_EQ(outcome.captured.standard_output, "Hello from WASI!\n");
}

TEST_F(WasiSamples, FeaturesShowsEachGrant) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "caisson-wasi-features";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "one.txt") << "1";
  grants_ = {.directories = {{.host = folder.string(), .guest = "/data"}},
             .env = {{"CITY", "Oslo"}, {"LANG", "nb"}},
             .args = {"--fast", "two words"},
             .clock = ClockMode::kReal,
             .random = RandomMode::kReal};
  const Outcome outcome = run("wasi_features");
  ASSERT_EQ(outcome.status, OutcomeStatus::kOk) << outcome.error->message;
  EXPECT_TRUE(matches(outcome, R"(Arguments: \["node", "--fast", "two words"\]
CITY: Oslo
LANG: nb
Files: \["one.txt"\]
Elapsed: .*s
Random state: RandomState .*
)")) << outcome.output.bytes();
  std::filesystem::remove_all(folder);
}

TEST_F(WasiSamples, AProgramInCShowsTheSame) {
  grants_ = {.wasi = true,
             .env = {{"CITY", "Oslo"}},
             .args = {"--fast", "two words"},
             .clock = ClockMode::kReal,
             .random = RandomMode::kReal};
  const Outcome outcome = run("wasi_both_c");
  ASSERT_EQ(outcome.status, OutcomeStatus::kOk) << outcome.error->message;
  EXPECT_TRUE(matches(outcome, R"(Hello from WASI!
Current time: [0-9]{10}
Arguments:.* '--fast' 'two words'
CITY=Oslo
Random number: [0-9]+
Elapsed: [0-9]+ ns
)")) << outcome.output.bytes();
  EXPECT_EQ(outcome.captured.standard_error, "This goes to stderr\n");
}

TEST_F(WasiSamples, AProgramInGoShowsTheSame) {
  grants_ = {.wasi = true,
             .env = {{"CITY", "Oslo"}},
             .args = {"--fast", "two words"},
             .clock = ClockMode::kReal,
             .random = RandomMode::kReal};
  const Outcome outcome = run("wasi_both_go");
  ASSERT_EQ(outcome.status, OutcomeStatus::kOk) << outcome.error->message;
  EXPECT_TRUE(matches(outcome, R"(Hello from WASI!
Current time: [0-9]{10}
Arguments: \[.* "--fast" "two words"\]
CITY=Oslo
Random number: [0-9]+
Elapsed: [0-9]+ ns
)")) << outcome.output.bytes();
  EXPECT_EQ(outcome.captured.standard_error, "This goes to stderr\n");
}

TEST_F(WasiSamples, NothingOfTheHostIsSeenThatWasNotGranted) {
  grants_ = {.clock = ClockMode::kReal, .random = RandomMode::kReal};
  const Outcome outcome = run("wasi_features");
  ASSERT_EQ(outcome.status, OutcomeStatus::kOk) << outcome.error->message;
  EXPECT_TRUE(outcome.output.bytes().starts_with("Arguments: [\"node\"]\nFiles: none")) << outcome.output.bytes();
}

TEST_F(WasiSamples, TheSameSeedAndAVirtualClockGiveTheSameOutput) {
  grants_ = {.clock = ClockMode::kVirtual, .random = RandomMode::kSeeded, .random_seed = 7};
  const Outcome first = run("wasi_features");
  ASSERT_EQ(first.status, OutcomeStatus::kOk) << first.error->message;
  EXPECT_EQ(run("wasi_features").output, first.output);
}

// H-011: "unknown import: `wasi_snapshot_preview1::fd_write`" without WASI.
TEST_F(WasiSamples, WithoutWasiTheImportAndTheWayOutAreNamed) {
  const Outcome outcome = run("wasi_hello");
  EXPECT_EQ(outcome.status, OutcomeStatus::kDenied);
  EXPECT_TRUE(has(outcome.error->message, "wasi_snapshot_preview1::fd_write")) << outcome.error->message;
  EXPECT_TRUE(has(outcome.error->message, "grants: {preset: wasi}")) << outcome.error->message;
  EXPECT_TRUE(has(outcome.error->message, "wasm32-unknown-unknown")) << outcome.error->message;
}

// H-012: "Capability not granted" for an object inside WASI that was not granted.
TEST_F(WasiSamples, AnObjectThatIsNotGrantedIsRecordedWithItsGrant) {
  grants_ = {.wasi = true};
  const Outcome outcome = run("wasi_hello");  // panics without a clock
  EXPECT_EQ(outcome.status, OutcomeStatus::kTrap);
  ASSERT_FALSE(outcome.violations.empty());
  EXPECT_EQ(outcome.violations[0].kind, ViolationKind::kCapability);
  EXPECT_EQ(outcome.violations[0].description,
            "Capability not granted: the clock; `grants: {clock: true}` would allow it");
}

// H-013: a guest that waits for standard input does not hang.
TEST_F(WasiSamples, AProgramThatReadsStandardInputGetsItsEnd) {
  grants_ = {.wasi = true, .imports = {"kv"}};
  const Outcome outcome = run("probe", "_start");
  EXPECT_EQ(outcome.status, OutcomeStatus::kOk);
  EXPECT_EQ(outcome.output.bytes(), "");
}

}  // namespace
}  // namespace caisson::sandbox
