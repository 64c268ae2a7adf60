// Layers of configuration: what counts more, what is locked, and what a project may not do.

#include "sandbox/policy_ceiling.h"

#include "sandbox/testing/policy_fixture.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::sandbox {
namespace {

using PolicyCeiling = testing::PolicyFixture;
using Lines = std::vector<std::string>;

TEST_F(PolicyCeiling, ALaterLayerReplacesALimitBothWays) {
  layer({.allow = "limits: {memory: 1GB}"});
  layer({.allow = "limits: {memory: 2GB}"});
  EXPECT_EQ(allowed({"limits: {memory: 2GB}"}).limits.memory_bytes, 2ULL << 30);
  layer({.allow = "limits: {memory: 512MB}"});
  EXPECT_FALSE(resolve({"limits: {memory: 513MB}"}));
  EXPECT_TRUE(resolve({"limits: {memory: 512MB}"}));
}

TEST_F(PolicyCeiling, WhatIsLockedCanOnlyBeNarrowed) {
  layer({.allow = "limits: {memory: 1GB}", .locks = {"limits.memory"}});
  layer({.allow = "limits: {memory: 2GB, timeout: 600s}"});
  EXPECT_EQ(refused({"limits: {memory: 2GB}"}),
            "memory 2GiB is above what is allowed, 1GiB (layer1:1:18); this is locked by layer1:9:1, and only a change "
            "there allows it");
  EXPECT_TRUE(resolve({"limits: {timeout: 600s}"}));
  EXPECT_TRUE(resolve({"limits: {memory: 1GB}"}));
  EXPECT_EQ(explained("limits.memory"), (Lines{"1GiB from flow1:1:18", "2GiB from built-in: layer1:1:18 says less",
                                               "2GiB from layer2:1:18: locked by layer1:9:1"}));
  layer({.allow = "limits: {memory: 512MB}"});
  EXPECT_FALSE(resolve({"limits: {memory: 513MB}"}));
}

TEST_F(PolicyCeiling, AWholeSectionIsLocked) {
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

TEST_F(PolicyCeiling, ALayersOwnValuesComeBeforeItsLocks) {
  layer({.allow = "limits: {result: 1GB}\ngrants: {net: ['https://a.com']}", .locks = {"limits.result", "allow.net"}});
  EXPECT_TRUE(resolve({"limits: {result: 1GB}\ngrants: {net: ['https://a.com']}"}));
}

TEST_F(PolicyCeiling, LocksOfOneNameLeaveTheOthersOpen) {
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

TEST_F(PolicyCeiling, LockNames) {
  for (const std::string_view name : {"limits", "allow", "defaults", "limits.memory", "defaults.cpu", "allow.random"}) {
    EXPECT_TRUE(is_lock_name(name)) << name;
  }
  for (const std::string_view name :
       {"", "deny", "limits.", "limits.read", "allow.memory", "allow.preset", "x.memory"}) {
    EXPECT_FALSE(is_lock_name(name)) << name;
  }
}

TEST_F(PolicyCeiling, AProjectNeverWidens) {
  layer({.allow = "limits: {result: 1GB, timeout: 10s}\ngrants: {read: [/etc], write: [/etc], env: [HOME], net: "
                  "['https://a.com'], secrets: [s], clock: coarse}",
         .defaults = "limits: {memory: 128MB, stdout: 1KB}",
         .narrows_only = true});
  for (const std::string_view text :
       {"limits: {result: 65MB}", "limits: {timeout: 11s}", "grants: {read: [/etc]}", "grants: {write: [/etc]}",
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

TEST_F(PolicyCeiling, AdviceNamesThePlaceWhereAChangeHelps) {
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

TEST_F(PolicyCeiling, WhatTheOperatorAllowedAProjectMayRepeatAndDeny) {
  layer({.allow = "grants: {net: ['https://*.a.com'], clock: real}"});
  layer({.allow = "grants: {net: ['https://x.a.com']}",
         .deny = "grants: {net: ['https://y.a.com']}",
         .narrows_only = true});
  EXPECT_TRUE(resolve({"grants: {net: ['https://x.a.com']}"}));
  EXPECT_TRUE(resolve({"grants: {net: ['https://z.a.com']}"}));
  EXPECT_NE(refused({"grants: {net: ['https://y.a.com']}"}).find("denied by layer2:1:"), std::string::npos);
}

TEST_F(PolicyCeiling, AModeThatIsLessReplacesOneThatIsMore) {
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
