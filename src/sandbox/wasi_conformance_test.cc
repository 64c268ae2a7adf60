// The checks of guests/samples/wasi_conformance, a program that a toolchain built: each in a call of its own.

#include "base/testing/temporary_folder.h"
#include "sandbox/testing/sandbox_fixture.h"

#include <sstream>
#include <string>
#include <vector>

namespace caisson::sandbox {
namespace {

class WasiConformance : public SandboxTest {
 protected:
  /// Runs one check in an empty folder; without a name, the program lists them.
  Outcome run(const std::vector<std::string>& arguments) {
    static const Guest guest = bind("wasi_conformance").value();
    const base::TemporaryFolder folder;
    limits_.fuel = 2'000'000'000;
    grants_ = {
        .directories = {{.host = folder.path().native(), .guest = "/data", .access = Access::kWrite, .links = true}},
        .args = arguments,
        .clock = ClockMode::kReal,
        .random = RandomMode::kReal};
    return call(guest, "");
  }
};

TEST_F(WasiConformance, EveryCheckHolds) {
  const Outcome list = run({});
  ASSERT_EQ(list.status, OutcomeStatus::kOk) << list.error->message;
  std::istringstream names{std::string(list.output.bytes())};
  int count = 0;
  for (std::string name; std::getline(names, name); ++count) {
    const Outcome outcome = run({name});
    EXPECT_EQ(outcome.status, OutcomeStatus::kOk) << name << ": " << outcome.captured.standard_error;
  }
  EXPECT_GE(count, 38);
}

TEST_F(WasiConformance, ACheckThatDoesNotHoldIsSeen) {
  const Outcome outcome = run({"no such check"});
  EXPECT_EQ(outcome.status, OutcomeStatus::kTrap);
  EXPECT_NE(outcome.captured.standard_error.find("no such check"), std::string::npos);
}

}  // namespace
}  // namespace caisson::sandbox
