// Links of the machine must not lead a grant out of what is allowed.

#include "base/environment.h"
#include "base/testing/temporary_folder.h"
#include "sandbox/policy_resolve.h"
#include "sandbox/testing/requests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace caisson::sandbox {
namespace {

namespace fs = std::filesystem;
using testing::request;

class PolicyLinks : public ::testing::Test {
 protected:
  PolicyLinks() {
    for (const char* name : {"project/data", "outside/secret", "allowed/deep"}) {
      fs::create_directories(folder_ / name);
    }
    root_ = environment_->real_directory(folder_.path()).value();
  }

  Result<Policy> resolve(const std::string& grants, const CeilingLayer& layer = {}) {
    const PolicyRequest asked = request("grants: {" + grants + "}");
    const PolicyRequest* borrowed = &asked;
    const ResolveContext context{environment_.get(), root_ + "/project", ""};
    return resolve_policy({&borrowed, 1}, make_ceiling({&layer, 1}, *environment_), context);
  }

  CeilingLayer words(const std::string& allow, const std::string& deny = "") {
    CeilingLayer layer;
    layer.allow = request("grants: {" + allow + "}", RequestUse::kAllow);
    layer.deny = request("grants: {" + deny + "}", RequestUse::kDeny);
    layer.folder = root_;
    return layer;
  }

  void link(const std::string& target, const std::string& name) {
    fs::create_directory_symlink(target, fs::path(root_) / name);
  }

  base::TemporaryFolder folder_;
  std::unique_ptr<base::Environment> environment_ = base::make_environment();
  std::string root_;
};

TEST_F(PolicyLinks, ALinkInTheProjectDoesNotLeadOut) {
  link("../outside", "project/out");
  link(root_ + "/outside/secret", "project/data/absolute");
  link("data", "project/inside");
  for (const std::string text :
       {"read: [out]", "read: [out/secret]", "read: [data/absolute]", "read: [inside/absolute]"}) {
    const auto policy = resolve(text);
    ASSERT_FALSE(policy) << text;
    EXPECT_EQ(policy.error().reason, "policy.refused");
    EXPECT_NE(policy.error().message.find("which leads to '" + root_ + "/outside"), std::string::npos)
        << policy.error().message;
  }
  // A link that stays inside is another name: the policy has the real one.
  EXPECT_EQ(resolve("read: [inside]").value().grants.directories[0].host, root_ + "/project/data");
  // Dots are taken out before links are followed.
  EXPECT_EQ(resolve("read: ['out/../data']").value().grants.directories[0].host, root_ + "/project/data");
}

TEST_F(PolicyLinks, LinksThatLeadNowhereAreRefused) {
  link("nowhere", "project/dangling");
  link("loop", "project/loop");
  EXPECT_EQ(resolve("read: [dangling]").error().reason, "policy.no_directory");
  EXPECT_EQ(resolve("read: [loop]").error().reason, "policy.no_directory");
  link("../outside/none", "project/gone");
  EXPECT_FALSE(resolve("read: [gone/x]"));
}

TEST_F(PolicyLinks, WhatTheOperatorNamesIsFollowedToo) {
  link("allowed", "alias");
  EXPECT_TRUE(resolve("read: ['" + root_ + "/allowed/deep']", words("read: [alias]")));
  EXPECT_TRUE(resolve("read: ['" + root_ + "/alias/deep']", words("read: [allowed]")));
  EXPECT_FALSE(resolve("read: ['" + root_ + "/outside']", words("read: [alias]")));
  link("../outside", "allowed/out");
  EXPECT_FALSE(resolve("read: ['" + root_ + "/allowed/out']", words("read: [allowed]")));
}

TEST_F(PolicyLinks, WhatIsDeniedIsDeniedUnderEveryName) {
  link("outside", "alias");
  EXPECT_FALSE(resolve("read: ['" + root_ + "/alias/secret']", words("read: [.]", "read: [outside/secret]")));
  EXPECT_FALSE(resolve("read: ['" + root_ + "/outside']", words("read: [.]", "read: [alias/secret]")));
  EXPECT_FALSE(resolve("read: ['" + root_ + "/outside']", words("read: [.]", "read: [alias/not/there/yet]")));
  EXPECT_TRUE(resolve("read: ['" + root_ + "/allowed']", words("read: [.]", "read: [alias/secret]")));
}

TEST_F(PolicyLinks, ALinkDoesNotChooseWhatIsAllowed) {
  link("../outside", "project/out");
  const CeilingLayer absolute = words("write: ['" + root_ + "/project/out']");
  const auto refused = resolve("write: [out]", absolute);
  ASSERT_FALSE(refused);
  const std::string& message = refused.error().message;
  EXPECT_NE(message.find("does not allow it, because a link leads there; allow it with --allow write=" + root_ +
                         "/outside or"),
            std::string::npos)
      << message;
  EXPECT_FALSE(resolve("write: ['" + root_ + "/outside']", absolute));
  EXPECT_TRUE(resolve("write: [out]", words("write: ['" + root_ + "/outside']")));
  // The same of a link in the folder where a relative path begins, wherever the definition is.
  link("../outside", "allowed/out");
  CeilingLayer relative = words("read: [out]");
  relative.folder = root_ + "/allowed";
  EXPECT_FALSE(resolve("read: ['" + root_ + "/outside']", relative));
  relative.allow = request("grants: {read: [../outside]}", RequestUse::kAllow);
  EXPECT_TRUE(resolve("read: ['" + root_ + "/outside']", relative));
  relative.allow = request("grants: {read: ['" + root_ + "/allowed/out']}", RequestUse::kAllow);
  EXPECT_TRUE(resolve("read: ['" + root_ + "/outside']", relative));
  // What is denied is denied through any link.
  relative.deny = request("grants: {read: [out]}", RequestUse::kDeny);
  EXPECT_FALSE(resolve("read: ['" + root_ + "/outside']", relative));
}

TEST_F(PolicyLinks, ADeniedLinkToAFileIsFollowed) {
  std::ofstream(fs::path(root_) / "outside/secret/key") << "k";
  fs::create_symlink("../outside/secret/key", fs::path(root_) / "project/key");
  const std::string asks = "read: ['" + root_ + "/outside/secret']";
  EXPECT_TRUE(resolve(asks, words("read: [outside]")));
  EXPECT_FALSE(resolve(asks, words("read: [outside]", "read: [project/key]")));
}

TEST_F(PolicyLinks, TheRealPathIsExplained) {
  link("data", "project/inside");
  const PolicyRequest asked = request("grants: {read: [inside, data]}");
  const PolicyRequest* borrowed = &asked;
  std::vector<Decision> decisions;
  const ResolveContext context{environment_.get(), root_ + "/project", ""};
  ASSERT_TRUE(resolve_policy({&borrowed, 1}, make_ceiling({}, *environment_), context, &decisions));
  const auto first = std::ranges::find(decisions, "grants.read", &Decision::key);
  ASSERT_NE(first, decisions.end());
  EXPECT_EQ(first->value, "inside, which is '" + root_ + "/project/data'");
  EXPECT_EQ((first + 1)->value, "data");
}

TEST_F(PolicyLinks, TheProjectItselfMayBeALink) {
  link("project", "flow");
  const PolicyRequest asked = request("grants: {read: [data]}");
  const PolicyRequest* borrowed = &asked;
  const ResolveContext context{environment_.get(), root_ + "/flow", ""};
  const auto policy = resolve_policy({&borrowed, 1}, make_ceiling({}, *environment_), context);
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->grants.directories[0].host, root_ + "/project/data");
}

}  // namespace
}  // namespace caisson::sandbox
