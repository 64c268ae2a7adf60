#pragma once

#include "base/testing/fake_environment.h"
#include "sandbox/policy_resolve.h"
#include "sandbox/testing/requests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox::testing {

/// Layers of configuration, written as YAML: what is allowed, denied, the ceiling of limits, defaults, locks.
struct Layer {
  std::string_view allow = "grants:";
  std::string_view deny = "grants:";
  std::string_view defaults = "limits:";
  std::vector<std::string> locks{};
  bool narrows_only = false;
};

class PolicyFixture : public ::testing::Test {
 protected:
  PolicyFixture() {
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

}  // namespace caisson::sandbox::testing
