// What a definition asks for against what an operator allows.

#include "sandbox/policy_resolve.h"

#include "base/testing/fake_environment.h"
#include "sandbox/testing/requests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {
namespace {

using testing::request;

/// Layers of configuration, written as YAML: what is allowed, denied, the ceiling of limits, defaults, locks.
struct Layer {
  std::string_view allow = "grants:";
  std::string_view deny = "grants:";
  std::string_view defaults = "limits:";
  std::vector<std::string> locks{};
  bool narrows_only = false;
};

class PolicyResolve : public ::testing::Test {
 protected:
  PolicyResolve() {
    for (const char* folder : {"/flow/data/deep", "/flow/database", "/srv/in", "/srv/secret", "/etc"}) {
      environment_.add_directory(folder);
    }
    environment_.set_variable("HOME", "/home/me");
    environment_.set_variable("API_KEY", "hunter2");
  }

  void layer(const Layer& words) {
    CeilingLayer out;
    const std::string file = "layer" + std::to_string(layers_.size() + 1);
    out.allow = request(words.allow, RequestUse::kAllow, file);
    out.deny = request(words.deny, RequestUse::kDeny, file);
    out.defaults = request(words.defaults, RequestUse::kAsk, file);
    for (const std::string& lock : words.locks) {
      EXPECT_TRUE(is_lock_name(lock)) << lock;
      out.locks.push_back({lock, {Origin::Kind::kFile, file, 9, 1}});
    }
    out.folder = "/srv";
    out.narrows_only = words.narrows_only;
    layers_.push_back(std::move(out));
  }

  /// Resolves requests, the nearest last.
  Result<Policy> resolve(const std::vector<std::string_view>& texts) {
    std::vector<PolicyRequest> requests;
    for (const std::string_view text : texts) {
      requests.push_back(request(text, RequestUse::kAsk, "flow" + std::to_string(requests.size() + 1)));
    }
    std::vector<const PolicyRequest*> borrowed;
    for (const PolicyRequest& asked : requests) {
      borrowed.push_back(&asked);
    }
    decisions_.clear();
    const Ceiling ceiling = make_ceiling(layers_, environment_);
    auto with = resolve_policy(borrowed, ceiling, context_, &decisions_);
    const auto without = resolve_policy(borrowed, ceiling, context_);
    EXPECT_EQ(with.has_value(), without.has_value());
    EXPECT_TRUE(!with || *with == *without);
    return with;
  }

  Policy allowed(const std::vector<std::string_view>& texts) {
    auto policy = resolve(texts);
    EXPECT_TRUE(policy) << texts.back() << "\n" << (policy ? "" : policy.error().message);
    return policy ? *std::move(policy) : Policy{};
  }

  /// The message of a refusal.
  std::string refused(const std::vector<std::string_view>& texts) {
    const auto policy = resolve(texts);
    EXPECT_FALSE(policy) << texts.back();
    if (policy) {
      return "";
    }
    EXPECT_EQ(policy.error().category, Category::kPermissionDenied);
    EXPECT_EQ(policy.error().reason, "policy.refused");
    EXPECT_FALSE(policy.error().diagnostics.empty());
    return policy.error().message;
  }

  const Decision& decision(std::string_view key) {
    const auto found = std::ranges::find(decisions_, key, &Decision::key);
    EXPECT_NE(found, decisions_.end()) << key;
    static const Decision none;
    return found == decisions_.end() ? none : *found;
  }

  /// `value from origin`, then each lost value.
  std::vector<std::string> explained(std::string_view key) {
    const Decision& d = decision(key);
    std::vector<std::string> out = {d.value + " from " + to_string(d.origin)};
    for (const LostValue& lost : d.lost) {
      out.push_back(lost.value + " from " + to_string(lost.origin) + ": " + lost.why);
    }
    return out;
  }

  base::FakeEnvironment environment_;
  std::vector<CeilingLayer> layers_;
  ResolveContext context_{&environment_, "/flow", "~/.config/caisson/config.toml"};
  std::vector<Decision> decisions_;
};

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
  EXPECT_EQ(decisions_.size(), limit_table().size() + 11);
  for (const Decision& d : decisions_) {
    EXPECT_EQ(to_string(d.origin), "built-in") << d.key;
  }
  EXPECT_EQ(explained("limits.memory"), Lines{"64MiB from built-in"});
  EXPECT_EQ(decision("limits.memory").at_most->value, "2GiB");
  EXPECT_FALSE(decision("limits.fuel").at_most);
  EXPECT_EQ(explained("grants.net"), Lines{"none from built-in"});
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

TEST_F(PolicyResolve, ARefusedLimitNamesTheFlagAndTheLine) {
  EXPECT_EQ(refused({"limits: {memory: 3GB}"}),
            "memory 3GiB is above what is allowed, 2GiB (built-in); allow it with --allow memory=3GiB or, in "
            "~/.config/caisson/config.toml, with [limits] memory = \"3GiB\"");
  const auto twice = resolve({"limits: {memory: 3GB,\n  timeout: 301s}"});
  ASSERT_EQ(twice.error().diagnostics.size(), 2U);
  EXPECT_EQ(twice.error().diagnostics[1].where, (Location{"flow1", 2, 12}));
  layer({.allow = "limits: {memory: 4GB}"});
  EXPECT_EQ(allowed({"limits: {memory: 3GB}"}).limits.memory_bytes, 3ULL << 30);
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

// --- layers, locks, projects

TEST_F(PolicyResolve, ALaterLayerReplacesALimitBothWays) {
  layer({.allow = "limits: {memory: 1GB}"});
  layer({.allow = "limits: {memory: 4GB}"});
  EXPECT_EQ(allowed({"limits: {memory: 4GB}"}).limits.memory_bytes, 4ULL << 30);
  layer({.allow = "limits: {memory: 512MB}"});
  EXPECT_FALSE(resolve({"limits: {memory: 513MB}"}));
  EXPECT_TRUE(resolve({"limits: {memory: 512MB}"}));
}

TEST_F(PolicyResolve, WhatIsLockedCanOnlyBeNarrowed) {
  layer({.allow = "limits: {memory: 1GB}", .locks = {"limits.memory"}});
  layer({.allow = "limits: {memory: 4GB, timeout: 600s}"});
  EXPECT_EQ(refused({"limits: {memory: 2GB}"}),
            "memory 2GiB is above what is allowed, 1GiB (layer1:1:18); this is locked by layer1:9:1, and only a change "
            "there allows it");
  EXPECT_TRUE(resolve({"limits: {timeout: 600s}"}));
  EXPECT_TRUE(resolve({"limits: {memory: 1GB}"}));
  EXPECT_EQ(explained("limits.memory"), (Lines{"1GiB from flow1:1:18", "2GiB from built-in: layer1:1:18 says less",
                                               "4GiB from layer2:1:18: locked by layer1:9:1"}));
  layer({.allow = "limits: {memory: 512MB}"});
  EXPECT_FALSE(resolve({"limits: {memory: 513MB}"}));
}

TEST_F(PolicyResolve, AWholeSectionIsLocked) {
  layer({.allow =
             "limits: {memory: 1GB}\ngrants: {read: [in], net: ['https://*.a.com'], env: [HO*], clock: coarse, random: "
             "seeded, secrets: [s*], write: [in/w]}",
         .locks = {"limits", "allow", "defaults"}});
  layer({.allow =
             "limits: {timeout: 301s}\ngrants: {read: [/etc, in/deep], net: ['https://b.com', 'https://x.a.com'], env: "
             "[API_KEY, HOME], clock: real, random: real, secrets: [k, s1], write: [/etc]}",
         .defaults = "limits: {memory: 65MB}"});
  layer({.allow = "grants: {imports: [kv]}", .locks = {"allow", "limits"}});  // a lock stays who made it first
  const Ceiling ceiling = make_ceiling(layers_, environment_);
  EXPECT_EQ(ceiling.read.lost.size(), 1U);
  EXPECT_EQ(ceiling.read.allow.size(), 1U);
  EXPECT_EQ(ceiling.write.lost.size(), 1U);
  EXPECT_EQ(ceiling.net.lost.size(), 1U);
  EXPECT_EQ(ceiling.env.lost.size(), 1U);
  EXPECT_EQ(ceiling.secrets.lost.size(), 1U);
  EXPECT_EQ(ceiling.clock.lost.size(), 2U);  // what was built in, and what is locked
  EXPECT_EQ(ceiling.random.lost.size(), 2U);
  for (const std::string_view text :
       {"limits: {timeout: 301s}", "grants: {read: [/etc]}", "grants: {write: [/etc]}",
        "grants: {net: ['https://b.com']}", "grants: {env: [API_KEY]}", "grants: {env: ['*']}", "grants: {clock: real}",
        "grants: {random: real}", "grants: {secrets: [k]}"}) {
    EXPECT_NE(refused({text}).find("this is locked by layer1:9:1"), std::string::npos) << text;
  }
  EXPECT_TRUE(
      resolve({"grants: {net: ['https://x.a.com'], env: [HOME], clock: coarse, random: {seed: 1}, secrets: [s2]}"}));
  EXPECT_EQ(allowed({""}).limits.memory_bytes, 64U << 20);
}

TEST_F(PolicyResolve, ALayersOwnValuesComeBeforeItsLocks) {
  layer({.allow = "limits: {memory: 4GB}\ngrants: {net: ['https://a.com']}", .locks = {"limits.memory", "allow.net"}});
  EXPECT_TRUE(resolve({"limits: {memory: 4GB}\ngrants: {net: ['https://a.com']}"}));
}

TEST_F(PolicyResolve, LocksOfOneNameLeaveTheOthersOpen) {
  for (const std::string name : {"read", "write", "env", "net", "secrets", "imports", "clock", "random"}) {
    layers_.clear();
    layer({.allow = "grants: {clock: denied, random: denied}", .locks = {"allow." + name}});
    layer(
        {.allow =
             "grants: {read: [in], write: [secret], env: [HOME], net: ['https://a.com'], secrets: [s], imports: [kv], "
             "clock: real, random: real}"});
    const std::vector<std::pair<std::string, std::string_view>> asks = {
        {"read", "grants: {read: [/srv/in]}"}, {"write", "grants: {write: [/srv/secret]}"},
        {"env", "grants: {env: [HOME]}"},      {"net", "grants: {net: ['https://a.com']}"},
        {"secrets", "grants: {secrets: [s]}"}, {"imports", "grants: {imports: [kv]}"},
        {"clock", "grants: {clock: virtual}"}, {"random", "grants: {random: seeded}"}};
    for (const auto& [key, text] : asks) {
      EXPECT_EQ(resolve({text}).has_value(), key != name || name == "imports") << name << " " << text;
    }
  }
}

TEST_F(PolicyResolve, LockNames) {
  for (const std::string_view name : {"limits", "allow", "defaults", "limits.memory", "defaults.cpu", "allow.random"}) {
    EXPECT_TRUE(is_lock_name(name)) << name;
  }
  for (const std::string_view name :
       {"", "deny", "limits.", "limits.read", "allow.memory", "allow.preset", "x.memory"}) {
    EXPECT_FALSE(is_lock_name(name)) << name;
  }
}

TEST_F(PolicyResolve, AProjectNeverWidens) {
  layer({.allow = "limits: {memory: 4GB, timeout: 10s}\ngrants: {read: [/etc], write: [/etc], env: [HOME], net: "
                  "['https://a.com'], secrets: [s], clock: coarse}",
         .defaults = "limits: {memory: 128MB, stdout: 1KB}",
         .narrows_only = true});
  for (const std::string_view text :
       {"limits: {memory: 3GB}", "limits: {timeout: 11s}", "grants: {read: [/etc]}", "grants: {write: [/etc]}",
        "grants: {env: [HOME]}", "grants: {net: ['https://a.com']}", "grants: {secrets: [s]}",
        "grants: {clock: real}"}) {
    EXPECT_FALSE(refused({text}).empty()) << text;
  }
  const Policy policy = allowed({"limits: {timeout: 10s}\ngrants: {clock: coarse}"});
  EXPECT_EQ(policy.limits.memory_bytes, 64U << 20);
  EXPECT_EQ(policy.limits.stdout_bytes, 1024U);
  const Ceiling ceiling = make_ceiling(layers_, environment_);
  ASSERT_EQ(ceiling.net.lost.size(), 1U);
  EXPECT_EQ(ceiling.net.lost[0].why, "a project's file never widens");
  EXPECT_EQ(ceiling.read.lost.size(), 1U);
}

TEST_F(PolicyResolve, AdviceNamesThePlaceWhereAChangeHelps) {
  layer({.allow = "limits: {memory: 1GB}\ngrants: {clock: coarse}", .narrows_only = true});
  EXPECT_NE(refused({"limits: {memory: 2GB}"}).find("--allow memory=2GiB or, in layer1, with [limits] memory"),
            std::string::npos);
  EXPECT_NE(refused({"grants: {clock: real}"}).find("--allow clock=real or, in layer1, with [allow] clock"),
            std::string::npos);
  layers_[0].narrows_only = false;
  layers_[0].allow.limits[0].origin = {Origin::Kind::kVariable, "CAISSON_LIMITS_MEMORY", 0, 0};
  layers_[0].allow.clock->origin = {Origin::Kind::kFlag, "--allow clock=coarse", 0, 0};
  EXPECT_NE(refused({"limits: {memory: 2GB}"}).find("--allow memory=2GiB or change CAISSON_LIMITS_MEMORY"),
            std::string::npos);
  EXPECT_NE(refused({"grants: {clock: real}"}).find("--allow clock=real or change --allow clock=coarse"),
            std::string::npos);
}

TEST_F(PolicyResolve, WhatTheOperatorAllowedAProjectMayRepeatAndDeny) {
  layer({.allow = "grants: {net: ['https://*.a.com'], clock: real}"});
  layer({.allow = "grants: {net: ['https://x.a.com']}",
         .deny = "grants: {net: ['https://y.a.com']}",
         .narrows_only = true});
  EXPECT_TRUE(resolve({"grants: {net: ['https://x.a.com']}"}));
  EXPECT_TRUE(resolve({"grants: {net: ['https://z.a.com']}"}));
  EXPECT_NE(refused({"grants: {net: ['https://y.a.com']}"}).find("denied by layer2:1:"), std::string::npos);
}

TEST_F(PolicyResolve, AModeThatIsLessReplacesOneThatIsMore) {
  layer({.allow = "grants: {clock: virtual, random: denied}"});
  EXPECT_EQ(
      refused({"grants: {clock: coarse}"}),
      "clock coarse is more than what is allowed, virtual (layer1:1:17); allow it with --allow clock=coarse or, in "
      "~/.config/caisson/config.toml, with [allow] clock = \"coarse\"");
  EXPECT_FALSE(resolve({"grants: {random: {seed: 1}}"}));
  EXPECT_EQ(allowed({"grants: {clock: virtual, random: denied}"}).grants.clock, ClockMode::kVirtual);
  layer({.allow = "grants: {clock: real, random: seeded}"});
  EXPECT_TRUE(resolve({"grants: {clock: real, random: seeded}"}));
  EXPECT_FALSE(resolve({"grants: {random: real}"}));
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
  EXPECT_EQ(policy.grants.env, (std::vector<VariableGrant>{{"HOME", "/home/me", true}}));
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
  layers_.clear();
  layer({.deny = "grants: {wasi: false, clock: false, stdin: false}"});  // says nothing
  EXPECT_TRUE(resolve({"grants: {preset: wasi}"}));
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
      resolve({"limits: {memory: 4GB}\ngrants:\n  read: [/etc, none]\n  env: [HOME]\n  net: [https://a.com]"});
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
  EXPECT_EQ(policy.grants.env, (std::vector<VariableGrant>{{"HOME", "/home/me", true}}));
  EXPECT_EQ(allowed({"grants: {env: ['*']}"}).grants.env,
            (std::vector<VariableGrant>{{"API_KEY", "hunter2", true}, {"HOME", "/home/me", true}}));
}

TEST_F(PolicyResolve, LiteralValuesAreData) {
  layer({.deny = "grants: {env: ['*']}"});
  const Policy policy = allowed({"grants: {env: {Z: x, A: ''}}"});
  EXPECT_EQ(policy.grants.env, (std::vector<VariableGrant>{{"A", ""}, {"Z", "x"}}));
  EXPECT_EQ(decision("grants.env").value, "Z=x");
}

TEST_F(PolicyResolve, OriginsThatAreNoFileAreNamedInTheMessage) {
  PolicyRequest asked;
  ASSERT_TRUE(read_limit_flag("memory=3GB", {Origin::Kind::kFlag, "--limit memory=3GB", 0, 0}, asked));
  const PolicyRequest* borrowed = &asked;
  const auto policy = resolve_policy({&borrowed, 1}, make_ceiling({}, environment_), context_);
  ASSERT_FALSE(policy);
  EXPECT_TRUE(policy.error().message.starts_with("--limit memory=3GB: memory 3GiB is above")) << policy.error().message;
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

TEST(PolicyPaths, AreComparedByTheirParts) {
  EXPECT_TRUE(is_within("/a", "/a"));
  EXPECT_TRUE(is_within("/a/b", "/a"));
  EXPECT_TRUE(is_within("/a", "/"));
  EXPECT_FALSE(is_within("/ab", "/a"));
  EXPECT_FALSE(is_within("/", "/a"));
  EXPECT_EQ(absolute_path("b/../c/", "/a"), "/a/c");
  EXPECT_EQ(absolute_path("../../../x", "/a"), "/x");
  EXPECT_EQ(absolute_path("/x//y/.", "/a"), "/x/y");
  EXPECT_EQ(absolute_path("..", "/a"), "/");
}

}  // namespace
}  // namespace caisson::sandbox
