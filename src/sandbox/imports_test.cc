// What a module imports, and the grants that link it.

#include "sandbox/testing/sandbox_fixture.h"

#include <map>

namespace caisson::sandbox {
namespace {

using Imports = SandboxTest;

TEST_F(Imports, WhatNobodyOffersIsRefusedAtBinding) {
  const auto message = [](std::string_view name) { return bind(name).error().message; };
  EXPECT_NE(message("wat/import_env_foo").find("unknown import env::foo (no grant allows this)"), std::string::npos);
  const std::string several = message("wat/import_several");
  EXPECT_NE(several.find("env::foo"), std::string::npos) << several;
  EXPECT_NE(several.find("env::table"), std::string::npos) << several;
  EXPECT_EQ(several.find('\x1b'), std::string::npos) << several;
}

TEST_F(Imports, WhatIsNotGrantedIsRefusedBeforeAnyCodeRuns) {
  const Outcome outcome = call(bind("wat/import_fd_write").value(), "x");
  EXPECT_EQ(outcome.status, OutcomeStatus::kDenied);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->reason, "sandbox.import_denied");
  EXPECT_NE(outcome.error->message.find("wasi_snapshot_preview1::fd_write (needs `grants: {preset: wasi}`)"),
            std::string::npos)
      << outcome.error->message;
  EXPECT_EQ(outcome.usage.fuel, 0U);
  ASSERT_EQ(outcome.violations.size(), 1U);
  EXPECT_EQ(outcome.violations[0].kind, ViolationKind::kCapability);
}

TEST_F(Imports, EachGrantThatNeedsWasiLinksIt) {
  const Guest guest = bind("wat/import_fd_write").value();
  const auto status = [&](Grants grants) {
    grants_ = std::move(grants);
    return call(guest, "x").status;
  };
  EXPECT_EQ(status({}), OutcomeStatus::kDenied);
  EXPECT_EQ(status({.wasi = true}), OutcomeStatus::kOk);
  EXPECT_EQ(status({.env = {{"A", "b"}}}), OutcomeStatus::kOk);
  EXPECT_EQ(status({.args = {"a"}}), OutcomeStatus::kOk);
  EXPECT_EQ(status({.stdin_is_input = true}), OutcomeStatus::kOk);
  EXPECT_EQ(status({.clock = ClockMode::kReal}), OutcomeStatus::kOk);
  EXPECT_EQ(status({.random = RandomMode::kReal}), OutcomeStatus::kOk);
  EXPECT_EQ(status({.directories = {{.host = "/tmp", .guest = "/tmp"}}}), OutcomeStatus::kOk);
  EXPECT_EQ(status({.imports = {"kv"}}), OutcomeStatus::kDenied);
  EXPECT_EQ(status({.net = {{.pattern = "https://example.com"}}}), OutcomeStatus::kDenied);
}

TEST_F(Imports, FeaturesThatThePolicyLeavesOutAreRefusedBeforeAnyCodeRuns) {
  using engine::Proposal;
  using engine::Proposals;
  const Guest guest = bind("wat/vectors", "run").value();
  EXPECT_TRUE(guest.module->info().proposals.has(Proposal::kSimd));
  EXPECT_EQ(call(guest, "[]").status, OutcomeStatus::kOk);
  grants_ = {.features = Proposals::baseline().with(Proposal::kSimd)};
  EXPECT_EQ(call(guest, "[]").status, OutcomeStatus::kOk);
  grants_ = {.features = Proposals::baseline().with(Proposal::kBulkMemory)};
  const Outcome outcome = call(guest, "[]");
  EXPECT_EQ(outcome.status, OutcomeStatus::kDenied);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->reason, "sandbox.feature_denied");
  EXPECT_NE(outcome.error->message.find("`grants: {features: [simd]}`"), std::string::npos) << outcome.error->message;
  EXPECT_EQ(outcome.usage.fuel, 0U);
}

TEST_F(Imports, TheLogNeedsNoGrant) {
  EXPECT_EQ(call(bind("wat/import_caisson_log").value(), "x").status, OutcomeStatus::kOk);
}

TEST_F(Imports, OperationsNeedAGroupThatIsGranted) {
  const auto denied = [&](Grants grants) {
    grants_ = std::move(grants);
    return reason(probe("say hello")) == "sandbox.import_denied";
  };
  EXPECT_TRUE(denied({.wasi = true}));
  EXPECT_FALSE(denied({.wasi = true, .imports = {"kv"}}));
  EXPECT_FALSE(denied({.clock = ClockMode::kReal}));
}

TEST_F(Imports, ASignatureOfItsOwnIsNoImport) {
  const auto guest = bind("wat/import_wrong_signature");
  ASSERT_FALSE(guest);
  EXPECT_EQ(guest.error().reason, "sandbox.bad_signature");
  EXPECT_NE(guest.error().message.find("wasi_snapshot_preview1::fd_write as (i32) -> i32"), std::string::npos);
}

}  // namespace
}  // namespace caisson::sandbox
