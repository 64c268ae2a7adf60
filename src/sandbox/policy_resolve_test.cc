// What a definition asks for against what an operator allows.

#include "sandbox/policy_resolve.h"

#include "sandbox/testing/policy_fixture.h"
#include "sandbox/testing/requests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {
namespace {

using testing::request;

using testing::Layer;
using PolicyResolve = testing::PolicyFixture;
using Lines = std::vector<std::string>;

// --- nothing written

TEST_F(PolicyResolve, NothingAskedIsTheDefault) {
  EXPECT_EQ(allowed({""}), Policy{});
  EXPECT_EQ(allowed({"limits:\ngrants:"}), Policy{});
  EXPECT_EQ(allowed({"grants: {preset: none}"}), Policy{});
  EXPECT_FALSE(allowed({""}).grants.wants_wasi());
}

TEST_F(PolicyResolve, EveryValueIsExplained) {
  (void)allowed({""});
  EXPECT_EQ(decisions_.size(), limit_table().size() + 12);
  for (const Decision& d : decisions_) {
    EXPECT_EQ(to_string(d.origin), "built-in") << d.key;
  }
  EXPECT_EQ(explained("limits.memory"), Lines{"64MiB from built-in"});
  EXPECT_EQ(decision("limits.memory").at_most->value, "2GiB");
  EXPECT_FALSE(decision("limits.fuel").at_most);
  EXPECT_EQ(explained("grants.net"), Lines{"none from built-in"});
}

// --- features

TEST_F(PolicyResolve, FeaturesAreThoseOfTheProfileUntilSomebodyNamesThem) {
  using engine::Proposal;
  using engine::Proposals;
  EXPECT_FALSE(allowed({""}).grants.features);
  EXPECT_EQ(explained("grants.features"), Lines{"any from built-in"});
  EXPECT_EQ(allowed({"grants: {features: [simd]}"}).grants.features, Proposals::baseline().with(Proposal::kSimd));
  EXPECT_EQ(allowed({"grants: {features: []}"}).grants.features, Proposals::baseline());
  // What takes away is not taken back by what gives.
  EXPECT_EQ(allowed({"grants: {features: []}", "grants: {preset: wasi}"}).grants.features, Proposals::baseline());
}

TEST_F(PolicyResolve, ADeniedFeatureIsNeitherAskedForNorLeftIn) {
  using engine::Proposal;
  layer({.deny = "grants: {features: [simd, bulk-memory]}"});
  const auto left = allowed({""}).grants.features;
  ASSERT_TRUE(left);
  EXPECT_FALSE(left->has(Proposal::kSimd));
  EXPECT_FALSE(left->has(Proposal::kBulkMemory));
  EXPECT_TRUE(left->has(Proposal::kReferenceTypes));
  EXPECT_TRUE(left->has(Proposal::kSignExtension));
  EXPECT_NE(refused({"grants: {features: [simd]}"}).find("simd"), std::string::npos);
}

// --- limits

TEST_F(PolicyResolve, TheNearestLimitCounts) {
  const Policy policy =
      allowed({"limits: {memory: 128MB, timeout: 60s}", "limits: {memory: 32MB}", "limits: {fuel: 5M}"});
  EXPECT_EQ(policy.limits.memory_bytes, 32U << 20);
  EXPECT_EQ(policy.limits.timeout, std::chrono::seconds(60));
  EXPECT_EQ(policy.limits.fuel, 5'000'000U);
  EXPECT_EQ(explained("limits.memory"),
            (Lines{"32MiB from flow2:1:18", "128MiB from flow1:1:18: a nearer request replaces it",
                   "64MiB from built-in: a default: something is named"}));
  // A nearer request may also be the wider one; then nothing wider was lost.
  EXPECT_EQ(allowed({"limits: {memory: 32MB}", "limits: {memory: 128MB}"}).limits.memory_bytes, 128U << 20);
  EXPECT_EQ(explained("limits.memory"), Lines{"128MiB from flow2:1:18"});
}

TEST_F(PolicyResolve, EveryLimitAtTheEdgeOfItsCeiling) {
  for (const LimitRow& row : limit_table()) {
    SCOPED_TRACE(row.key);
    const auto asking = [&](Amount amount) {
      return "limits: {" + std::string(row.key) + ": '" + print_limit(row, amount) + "'}";
    };
    const std::string edge = asking(row.ceiling ? row.ceiling : Amount(row.highest));
    EXPECT_EQ(row.get(allowed({edge}).limits), row.ceiling ? row.ceiling : Amount(row.highest));
    if (row.ceiling && *row.ceiling < row.highest) {
      const std::string above = asking(*row.ceiling + 1);
      const std::string message = refused({above});
      EXPECT_NE(message.find("--allow "), std::string::npos) << message;
      EXPECT_NE(message.find("[limits] " + std::string(row.key) + " = "), std::string::npos) << message;
    }
  }
}

TEST_F(PolicyResolve, AdviceIsNoWayToSmuggleAnItemIntoAFlag) {
  const std::string message = refused({"grants: {secrets: ['a,write=/']}"});
  EXPECT_EQ(message.find("--allow"), std::string::npos) << message;
  EXPECT_NE(message.find("[allow] secrets = "), std::string::npos) << message;
}

TEST_F(PolicyResolve, ARefusedLimitNamesTheFlagAndTheLine) {
  EXPECT_EQ(refused({"limits: {result: 65MB}"}),
            "result 65MiB is above what is allowed, 64MiB (built-in); allow it with --allow result=65MiB or, in "
            "~/.config/caisson/config.toml, with [limits] result = \"65MiB\"");
  const auto twice = resolve({"limits: {result: 65MB,\n  timeout: 301s}"});
  ASSERT_EQ(twice.error().diagnostics.size(), 2U);
  EXPECT_EQ(twice.error().diagnostics[0].where, (Location{"flow1", 2, 12}));
  layer({.allow = "limits: {result: 128MB}"});
  EXPECT_EQ(allowed({"limits: {result: 65MB}"}).limits.output_bytes, 65U << 20);
}

TEST_F(PolicyResolve, ADefaultAboveTheCeilingIsCutNotRefused) {
  layer({.allow = "limits: {memory: 16MB}"});
  EXPECT_EQ(allowed({""}).limits.memory_bytes, 16U << 20);
  EXPECT_EQ(explained("limits.memory"), (Lines{"16MiB from layer1:1:18", "64MiB from built-in: above what is allowed",
                                               "2GiB from built-in: layer1:1:18 says less"}));
  EXPECT_FALSE(resolve({"limits: {memory: 17MB}"}));
}

TEST_F(PolicyResolve, ConfiguredDefaultsCountWhereNothingIsNamed) {
  layer({.defaults = "limits: {memory: 128MB, cpu: 10s}"});
  layer({.defaults = "limits: {memory: 256MB}"});
  const Policy policy = allowed({""});
  EXPECT_EQ(policy.limits.memory_bytes, 256U << 20);
  EXPECT_EQ(policy.limits.cpu, std::chrono::seconds(10));
  EXPECT_EQ(allowed({"limits: {cpu: unlimited, memory: 1MB}"}).limits.cpu, std::nullopt);
  EXPECT_EQ(explained("limits.memory"), (Lines{"1MiB from flow1:1:34",
                                               "256MiB from layer2:1:18: a default: something is "
                                               "named"}));
}

TEST_F(PolicyResolve, UnlimitedIsWiderThanAnyCeiling) {
  EXPECT_EQ(allowed({"limits: {fuel: unlimited}"}).limits.fuel, std::nullopt);
  layer({.allow = "limits: {fuel: 1G}"});
  EXPECT_NE(
      refused({"limits: {fuel: unlimited}"}).find("fuel unlimited is above what is allowed, 1_000_000_000 (layer1:"),
      std::string::npos);
  layer({.allow = "limits: {fuel: unlimited}"});
  EXPECT_EQ(allowed({"limits: {fuel: unlimited}"}).limits.fuel, std::nullopt);
}

// --- deny beats allow

TEST_F(PolicyResolve, DenyBeatsAllowWhicheverComesLater) {
  layer({.deny =
             "grants: {read: [secret], env: [API_*], net: ['https://a.com/admin/*'], secrets: [root], imports: [emit], "
             "clock: true, random: true, args: x, stdin: true}"});
  layer({.allow =
             "grants: {read: [/srv], write: [/srv], env: ['*'], net: ['* https://*'], secrets: ['*'], imports: ['*'], "
             "clock: real, random: real}"});
  for (const std::string_view text :
       {"grants: {read: [/srv/secret]}", "grants: {write: [/srv/secret]}", "grants: {read: [/srv]}",
        "grants: {write: [/srv]}", "grants: {env: [API_KEY]}", "grants: {net: ['https://a.com/admin/x']}",
        "grants: {net: ['https://a.com']}", "grants: {secrets: [root]}", "grants: {imports: [emit]}",
        "grants: {clock: virtual}", "grants: {random: {seed: 1}}", "grants: {args: [x]}", "grants: {stdin: true}"}) {
    const std::string message = refused({text});
    EXPECT_NE(message.find("is denied by layer1:1:"), std::string::npos) << text << ": " << message;
    EXPECT_EQ(message.find("--allow"), std::string::npos) << message;
  }
  const Policy policy =
      allowed({"grants: {read: [/srv/in], env: ['*'], net: ['https://b.com'], secrets: [s], imports: [kv], clock: "
               "false, args: []}"});
  EXPECT_EQ(policy.grants.env, (std::vector<VariableGrant>{{"HOME", "/users/me", true}}));
}

TEST_F(PolicyResolve, DeniedWritingLeavesReading) {
  layer({.allow = "grants: {write: [/srv]}", .deny = "grants: {write: [in]}"});
  EXPECT_TRUE(resolve({"grants: {read: [/srv/in]}"}));
  EXPECT_FALSE(resolve({"grants: {write: [/srv/in]}"}));
}

TEST_F(PolicyResolve, DenyingWasiRefusesWhateverNeedsIt) {
  layer({.deny = "grants: {wasi: true}"});
  for (const std::string_view text : {"grants: {wasi: true}", "grants: {clock: virtual}", "grants: {read: [data]}",
                                      "grants: {env: {A: x}}", "grants: {preset: compute}"}) {
    EXPECT_NE(refused({text}).find("WASI is denied by layer1:1:16"), std::string::npos) << text;
  }
  EXPECT_TRUE(resolve({"grants: {imports: [kv]}"}));
}

// --- grants and their layers

TEST_F(PolicyResolve, APresetTakesBackWhatIsFarther) {
  EXPECT_EQ(allowed({"grants: {read: [data], env: {A: x}, args: [x], imports: [kv], secrets: [], clock: real}",
                     "grants: {preset: none}"}),
            Policy{});
  EXPECT_EQ(explained("grants.clock"),
            (Lines{"none from built-in", "real from flow1:1:83: a nearer request replaces it"}));
  EXPECT_EQ(explained("grants.read"),
            (Lines{"none from built-in", "data from flow1:1:17: a nearer request replaces it"}));
  const Grants wasi = allowed({"grants: {preset: wasi, clock: coarse}"}).grants;
  EXPECT_TRUE(wasi.wasi && wasi.stdin_is_input);
  EXPECT_EQ(wasi.clock, ClockMode::kCoarse);
  EXPECT_EQ(wasi.random, RandomMode::kReal);
  const Grants compute = allowed({"grants: {preset: compute}"}).grants;
  EXPECT_EQ(compute.clock, ClockMode::kVirtual);
  EXPECT_EQ(compute.random, RandomMode::kSeeded);
  EXPECT_NE(refused({"grants: {preset: network}"}).find("--allow 'net=https://*' or"), std::string::npos);
  layer({.allow = "grants: {net: ['https://*']}"});
  EXPECT_EQ(allowed({"grants: {preset: network}"}).grants.net, (std::vector<NetGrant>{{"https://*", {}}}));
}

TEST_F(PolicyResolve, ANearerListReplacesAFartherOne) {
  const Policy policy = allowed({"grants: {read: [data, database], args: [a], clock: true, imports: [kv], wasi: true}",
                                 "grants: {read: [data/deep, data], args: [b]}", "grants: {imports: [], wasi: true}"});
  EXPECT_EQ(policy.grants.directories,
            (std::vector<DirectoryGrant>{{"/flow/data", "data"}, {"/flow/data/deep", "data/deep"}}));
  EXPECT_EQ(policy.grants.args, Lines{"b"});
  EXPECT_EQ(policy.grants.clock, ClockMode::kReal);
  EXPECT_TRUE(policy.grants.imports.empty());
  EXPECT_EQ(explained("grants.read"),
            (Lines{"data/deep from flow2:1:17", "database from flow1:1:23: a nearer request replaces it"}));
  EXPECT_EQ(explained("grants.args"), (Lines{"[\"b\"] from flow2:1:41",
                                             "[\"a\"] from flow1:1:40: a nearer request "
                                             "replaces it"}));
  EXPECT_EQ(explained("grants.wasi"), Lines{"true from flow3:1:29"});
}

TEST_F(PolicyResolve, ANearerValueReplacesAFartherOne) {
  const std::string_view far =
      "grants: {wasi: true, stdin: true, clock: real, random: real, write: [], env: {A: x}, net: [], secrets: [], "
      "imports: [kv]}";
  const std::string_view near =
      "grants: {wasi: false, stdin: false, clock: coarse, random: {seed: 1}, write: [], env: {A: y}, net: [], secrets: "
      "[], "
      "imports: [emit]}";
  const Grants grants = allowed({far, near, "grants: {clock: coarse, stdin: false, random: {seed: 1}, args: [x]}",
                                 "grants: {args: [x], imports: [emit]}"})
                            .grants;
  EXPECT_FALSE(grants.wasi || grants.stdin_is_input);
  EXPECT_EQ(grants.clock, ClockMode::kCoarse);
  EXPECT_EQ(grants.random_seed, 1U);
  EXPECT_EQ(grants.env, (std::vector<VariableGrant>{{"A", "y"}}));
  EXPECT_EQ(grants.imports, Lines{"emit"});
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{{"wasi", "true"},
                                                                                   {"stdin", "true"},
                                                                                   {"clock", "real"},
                                                                                   {"random", "real"},
                                                                                   {"env", "A=x"},
                                                                                   {"imports", "kv"}}) {
    const std::vector<LostValue>& lost = decision("grants." + key).lost;
    ASSERT_EQ(lost.size(), 1U) << key;
    EXPECT_EQ(lost[0].value, value) << key;
    EXPECT_EQ(lost[0].why, "a nearer request replaces it");
  }
  EXPECT_EQ(decision("grants.wasi").value, "false");
  EXPECT_EQ(decision("grants.random").value, "{seed: 1}");
}

TEST_F(PolicyResolve, TheFirstWhoDeniesIsNamed) {
  const std::string_view deny = "grants: {clock: true, random: true, wasi: true, stdin: true, args: x}";
  layer({.deny = deny});
  layer({.allow = "grants: {random: real}", .deny = deny, .narrows_only = true});
  EXPECT_NE(refused({"grants: {clock: real}"}).find("denied by layer1"), std::string::npos);
  EXPECT_NE(refused({"grants: {random: real}"}).find("denied by layer1"), std::string::npos);
  EXPECT_NE(refused({"grants: {args: [x]}"}).find("denied by layer1"), std::string::npos);
}

TEST_F(PolicyResolve, AProjectDoesNotWidenRandomnessEither) {
  layer({.allow = "limits: {memory: 2GB}\ngrants: {clock: virtual, random: seeded}"});
  layer({.allow = "limits: {memory: 2GB}\ngrants: {clock: real, random: real}", .narrows_only = true});
  EXPECT_FALSE(resolve({"grants: {random: real}"}));
  EXPECT_FALSE(resolve({"grants: {clock: coarse}"}));
  EXPECT_TRUE(resolve({"grants: {random: seeded, clock: virtual}"}));
}

TEST_F(PolicyResolve, WhatIsNotAllowedWithoutConfiguration) {
  EXPECT_EQ(
      refused({"grants: {read: [/srv/in]}"}),
      "read '/srv/in' is not allowed; allow it with --allow read=/srv/in or, in ~/.config/caisson/config.toml, with "
      "[allow] read = [\"/srv/in\"]");
  EXPECT_NE(refused({"grants: {write: [data]}"}).find("--allow write=/flow/data or"), std::string::npos);
  EXPECT_NE(refused({"grants: {env: [HOME]}"}).find("--allow env=HOME or"), std::string::npos);
  EXPECT_NE(refused({"grants: {env: ['*']}"}).find("--allow 'env=*' or"), std::string::npos);
  EXPECT_NE(
      refused({"grants: {net: [{url: 'https://a.com', methods: [POST]}]}"})
          .find("--allow 'net=POST https://a.com' or, in ~/.config/caisson/config.toml, with [allow] net = [\"POST "
                "https://a.com\"]"),
      std::string::npos);
  EXPECT_NE(refused({"grants: {secrets: [key]}"}).find("--allow secrets=key or"), std::string::npos);
  EXPECT_TRUE(
      resolve({"grants: {clock: real, random: real, imports: [kv, emit], args: [x], stdin: true, wasi: true}"}));
  context_.configuration_file = "";
  EXPECT_NE(
      refused({"grants: {secrets: [\"it's\"]}"}).find("--allow 'secrets=it'\\''s' or, in your configuration, with"),
      std::string::npos);
}

TEST_F(PolicyResolve, EveryRefusalIsNamedAtOnce) {
  const auto policy =
      resolve({"limits: {result: 1GB}\ngrants:\n  read: [/etc, none]\n  env: [HOME]\n  net: [https://a.com]"});
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().category, Category::kPermissionDenied);
  std::vector<std::string> places;
  for (const Diagnostic& d : policy.error().diagnostics) {
    places.push_back(to_string(d).substr(0, 9));
  }
  EXPECT_EQ(places, (Lines{"flow1:1:1", "flow1:3:1", "flow1:3:1", "flow1:4:9", "flow1:5:9"}));
  EXPECT_EQ(std::ranges::count(policy.error().message, ';'), 8);
}

TEST_F(PolicyResolve, VariablesHaveTheValuesOfTheHost) {
  layer({.allow = "grants: {env: ['*']}"});
  const Policy policy = allowed({"grants: {env: [HOME, MISSING, HOME]}"});
  EXPECT_EQ(policy.grants.env, (std::vector<VariableGrant>{{"HOME", "/users/me", true}}));
  const Policy missing = allowed({"grants: {env: [MISSING]}"});
  EXPECT_TRUE(missing.grants.env.empty() && missing.grants.wants_wasi());
  EXPECT_EQ(allowed({"grants: {env: ['*']}"}).grants.env,
            (std::vector<VariableGrant>{{"API_KEY", "hunter2", true}, {"HOME", "/users/me", true}}));
}

TEST_F(PolicyResolve, LiteralValuesAreData) {
  layer({.deny = "grants: {env: ['*']}"});
  const Policy policy = allowed({"grants: {env: {Z: x, A: ''}}"});
  EXPECT_EQ(policy.grants.env, (std::vector<VariableGrant>{{"A", ""}, {"Z", "x"}}));
  EXPECT_EQ(decision("grants.env").value, "Z=x");
}

TEST_F(PolicyResolve, OriginsThatAreNoFileAreNamedInTheMessage) {
  PolicyRequest asked;
  ASSERT_TRUE(read_limit_flag("result=1GB", {Origin::Kind::kFlag, "--limit result=1GB", 0, 0}, asked));
  const PolicyRequest* borrowed = &asked;
  const auto policy = resolve_policy({&borrowed, 1}, make_ceiling({}, environment_), context_);
  ASSERT_FALSE(policy);
  EXPECT_TRUE(policy.error().message.starts_with("--limit result=1GB: result 1GiB is above")) << policy.error().message;
  EXPECT_EQ(policy.error().diagnostics[0].where, Location{});
}

// --- paths

TEST_F(PolicyResolve, PathsAreTakenFromTheFolderOfTheDefinition) {
  const auto hosts = [&](std::string_view text) {
    Lines out;
    for (const DirectoryGrant& grant : allowed({text}).grants.directories) {
      out.push_back(grant.host + ":" + grant.guest);
    }
    return out;
  };
  EXPECT_EQ(hosts("grants: {read: [.]}"), Lines{"/flow:."});
  EXPECT_EQ(hosts("grants: {read: [./data/../data//deep/.]}"), Lines{"/flow/data/deep:./data/../data//deep/."});
  EXPECT_EQ(hosts("grants: {read: ['data/:/in']}"), Lines{"/flow/data:/in"});
  EXPECT_EQ(hosts("grants: {read: ['/flow/data:/']}"), Lines{"/flow/data:/"});
  for (const std::string_view text : {"grants: {read: [..]}", "grants: {read: [data/../../srv]}", "grants: {read: [/]}",
                                      "grants: {read: [/flowers]}", "grants: {read: ['../flow2']}"}) {
    EXPECT_FALSE(refused({text}).empty()) << text;
  }
}

TEST_F(PolicyResolve, AGrantCoversWhatIsBeneathItAndNothingBeside) {
  layer({.allow = "grants: {read: [/flow/data], write: [/srv/in]}"});
  context_.folder = "/etc";
  EXPECT_TRUE(resolve({"grants: {read: [/flow/data/deep]}"}));
  EXPECT_TRUE(resolve({"grants: {read: [/flow/data]}"}));
  EXPECT_TRUE(resolve({"grants: {read: [/srv/in]}"}));
  EXPECT_TRUE(resolve({"grants: {write: [/srv/in]}"}));
  EXPECT_FALSE(resolve({"grants: {read: [/flow/database]}"}));
  EXPECT_FALSE(resolve({"grants: {read: [/flow]}"}));
  EXPECT_FALSE(resolve({"grants: {write: [/flow/data]}"}));
  EXPECT_FALSE(resolve({"grants: {write: [/etc]}"}));
}

TEST_F(PolicyResolve, MissingDirectoriesAreSaidToBeMissingOnlyWhereTheyWouldBeAllowed) {
  const auto missing = resolve({"grants: {read: [none]}"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().category, Category::kNotFound);
  EXPECT_EQ(missing.error().reason, "policy.no_directory");
  EXPECT_NE(refused({"grants: {read: [/nobody/none]}"}).find("read '/nobody/none' is not allowed"), std::string::npos);
  environment_.add_file("/flow/file", "x");
  EXPECT_EQ(resolve({"grants: {read: [file]}"}).error().reason, "policy.no_directory");
}

TEST_F(PolicyResolve, TwoDirectoriesNeedTwoNames) {
  const auto clash = resolve({"grants: {read: ['data:x', 'database:x']}"});
  ASSERT_FALSE(clash);
  EXPECT_EQ(clash.error().reason, "policy.bad_value");
  EXPECT_EQ(clash.error().category, Category::kInvalidArgument);
  EXPECT_EQ(allowed({"grants: {read: ['data:x', 'data:x']}"}).grants.directories.size(), 1U);
}

TEST_F(PolicyResolve, ADirectoryAskedForBothWaysIsWritten) {
  layer({.allow = "grants: {write: [/flow]}"});
  const Policy policy = allowed({"grants: {read: [{host: data, links: true}], write: [data]}"});
  EXPECT_EQ(policy.grants.directories, (std::vector<DirectoryGrant>{{"/flow/data", "data", Access::kWrite, true}}));
}

TEST_F(PolicyResolve, ADefinitionWithoutAFolderHasNoFilesOfItsOwn) {
  context_.folder.reset();
  const auto relative = resolve({"grants: {read: [data]}"});
  ASSERT_FALSE(relative);
  EXPECT_EQ(relative.error().reason, "policy.bad_value");
  EXPECT_FALSE(refused({"grants: {read: [/flow/data]}"}).empty());
  layer({.allow = "grants: {read: [/]}"});
  EXPECT_TRUE(resolve({"grants: {read: [/flow/data]}"}));
}

}  // namespace
}  // namespace caisson::sandbox
