// What an operator grants to every node, asked for or not: `--grant` and `--arg`.

#include "sandbox/policy_read.h"
#include "sandbox/testing/policy_fixture.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {
namespace {

using Lines = std::vector<std::string>;

class PolicyGrant : public testing::PolicyFixture {
 protected:
  /// As `--grant TEXT` in the folder /srv.
  Status grant(std::string_view text) {
    CeilingLayer layer{.folder = "/srv"};
    const Origin origin{Origin::Kind::kFlag, "--grant " + std::string(text), 0, 0};
    const Status read = read_grant_flag(text, origin, layer.folder, request_, layer.allow);
    layers_.push_back(std::move(layer));
    context_.operators = &request_;
    return read;
  }

  Lines directories(const Policy& policy) {
    Lines out;
    for (const DirectoryGrant& grant : policy.grants.directories) {
      out.push_back(grant.host + ":" + grant.guest + (grant.access == Access::kWrite ? " w" : " r"));
    }
    return out;
  }

  PolicyRequest request_;
};

TEST_F(PolicyGrant, NeedsNeitherARequestNorAPermission) {
  ASSERT_TRUE(grant("read=in:/data,env=HOME,clock,random=seeded,stdin=true,net=https://a.com,secrets=k,imports=kv"));
  const Policy policy = allowed({""});
  EXPECT_EQ(directories(policy), Lines{"/srv/in:/data r"});
  EXPECT_EQ(policy.grants.env, (std::vector<VariableGrant>{{"HOME", "/users/me", true}}));
  EXPECT_EQ(policy.grants.clock, ClockMode::kReal);
  EXPECT_EQ(policy.grants.random, RandomMode::kSeeded);
  EXPECT_TRUE(policy.grants.stdin_is_input);
  EXPECT_EQ(policy.grants.net, (std::vector<NetGrant>{{"https://a.com", {}}}));
  EXPECT_EQ(policy.grants.secrets, Lines{"k"});
  EXPECT_EQ(policy.grants.imports, Lines{"kv"});
  EXPECT_EQ(decision("grants.read").value, "/srv/in:/data");
  EXPECT_TRUE(to_string(decision("grants.clock").origin).starts_with("--grant read=in:/data,env=HOME"));
}

TEST_F(PolicyGrant, GivesNoMoreThanItNames) {
  ASSERT_TRUE(grant("read=in,env=HOME"));
  EXPECT_FALSE(resolve({"grants: {write: [/srv/in]}"}));
  EXPECT_FALSE(resolve({"grants: {read: [/srv]}"}));
  EXPECT_FALSE(resolve({"grants: {env: [API_KEY]}"}));
  EXPECT_EQ(allowed({""}).grants.clock, ClockMode::kDenied);
}

TEST_F(PolicyGrant, ListsAddAndTheRestReplaces) {
  ASSERT_TRUE(grant("read=in,env=API_KEY,env=MODE=fast,clock=virtual,args=-v"));
  ASSERT_TRUE(grant("args=--count,args=3"));
  const Policy policy =
      allowed({"grants: {read: [data], env: {MODE: slow, LANG: C}, clock: real, args: [x, y], stdin: true}"});
  EXPECT_EQ(directories(policy), (Lines{"/flow/data:data r", "/srv/in:in r"}));
  EXPECT_EQ(policy.grants.env,
            (std::vector<VariableGrant>{{"API_KEY", "hunter2", true}, {"LANG", "C"}, {"MODE", "fast"}}));
  EXPECT_EQ(policy.grants.clock, ClockMode::kVirtual);
  EXPECT_EQ(policy.grants.args, (Lines{"-v", "--count", "3"}));
  EXPECT_TRUE(policy.grants.stdin_is_input);
  EXPECT_EQ(explained("grants.clock"),
            (Lines{"virtual from --grant read=in,env=API_KEY,env=MODE=fast,clock=virtual,args=-v",
                   "real from flow1:1:59: a nearer request replaces it"}));
}

TEST_F(PolicyGrant, TheOperatorsDirectoryHasTheName) {
  ASSERT_TRUE(grant("read=in:data"));
  EXPECT_EQ(directories(allowed({"grants: {read: [data]}"})), Lines{"/srv/in:data r"});
  EXPECT_EQ(explained("grants.read")[1], "data from flow1:1:17: a nearer request replaces it");
  // Both at once cannot be told apart by the guest.
  ASSERT_TRUE(grant("write=secret:data"));
  const auto both = resolve({""});
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().reason, "policy.bad_value");
}

TEST_F(PolicyGrant, APresetAdds) {
  ASSERT_TRUE(grant("preset=compute,clock=coarse"));
  const Policy policy = allowed({"grants: {read: [data]}"});
  EXPECT_EQ(directories(policy), Lines{"/flow/data:data r"});
  EXPECT_EQ(policy.grants.clock, ClockMode::kCoarse);
  EXPECT_EQ(policy.grants.random, RandomMode::kSeeded);
  EXPECT_TRUE(policy.grants.wasi && policy.grants.stdin_is_input);
}

TEST_F(PolicyGrant, DenialsAndLocksCountMore) {
  layer({.allow = "grants: {read: [in]}", .locks = {"allow.read"}});
  layer({.deny = "grants: {env: [API_*], args: x}"});
  ASSERT_TRUE(grant("read=secret"));
  EXPECT_NE(refused({""}).find("--grant read=secret: read '/srv/secret' is not allowed; this is locked by layer1"),
            std::string::npos)
      << refused({""});
  request_ = {};
  ASSERT_TRUE(grant("env=API_KEY"));
  EXPECT_NE(refused({""}).find("env API_KEY is denied by layer2"), std::string::npos);
  request_ = {};
  ASSERT_TRUE(read_argument_flag("x", {}, request_));
  EXPECT_NE(refused({""}).find("args is denied by layer2"), std::string::npos);
}

TEST_F(PolicyGrant, ArgumentsAreTakenAsTheyAre) {
  for (const std::string_view text : {"a,b=c", "", "--x=y,stdin"}) {
    ASSERT_TRUE(read_argument_flag(text, {}, request_)) << text;
  }
  context_.operators = &request_;
  EXPECT_EQ(allowed({"grants: {args: [z]}"}).grants.args, (Lines{"a,b=c", "", "--x=y,stdin"}));
  EXPECT_FALSE(read_argument_flag(std::string_view("a\0b", 3), {}, request_));
}

TEST_F(PolicyGrant, LimitsOfTheOperatorAreTheNearest) {
  ASSERT_TRUE(read_limit_flag("memory=16MB", {Origin::Kind::kFlag, "--limit memory=16MB", 0, 0}, request_));
  context_.operators = &request_;
  EXPECT_EQ(allowed({"limits: {memory: 128MB}"}).limits.memory_bytes, 16U << 20);
}

TEST_F(PolicyGrant, SomeWordsStandAlone) {
  ASSERT_TRUE(grant("clock,read=in,stdin,random"));
  EXPECT_TRUE(request_.clock && request_.stdin_is_input && request_.random);
  EXPECT_EQ(request_.read->front().value.host, "/srv/in");
  request_ = {};
  ASSERT_TRUE(grant("read=in,clocks"));
  EXPECT_EQ(request_.read->front().value.host, "/srv/in,clocks");
  EXPECT_FALSE(grant("clocks"));
}

TEST_F(PolicyGrant, WhatCannotBeGranted) {
  for (const auto& [text, why] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"", "NAME=VALUE"},
           {"reed=x", "no grant called \"reed\" (did you mean 'read'?)"},
           {"memory=1MB", "no grant called \"memory\"; limits are set by --limit"},
           {"preset=none", "grants nothing"},
           {"preset=all", "is none of"},
           {"env=A*", "one by one"},
           {"secrets=*", "one by one"},
           {"env==x", "no name of a variable"},
           {"net=ftp://a.com", "must begin with"},
           {"clock=maybe", "clock"},
           {"read=", "nothing behind"},
           {"imports=fs", "is none of"},
       }) {
    const Status read = grant(text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().message.find(why), std::string::npos) << read.error().message;
  }
}

TEST_F(PolicyGrant, WhatNobodyHasToAllowIsNotAllowedAway) {
  for (const std::string_view text : {"stdin=false", "wasi=false", "args=x"}) {
    PolicyRequest out;
    const Status read = read_allow_flag(text, {}, out);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().message.find("in `deny`"), std::string::npos) << read.error().message;
  }
  PolicyRequest out;
  EXPECT_TRUE(read_allow_flag("stdin,wasi=true,clock=denied", {}, out));
  EXPECT_TRUE(read_allow_flag("clock,args=true", {}, out, RequestUse::kDeny));
}

}  // namespace
}  // namespace caisson::sandbox
