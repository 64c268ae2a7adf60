#include "net/resolver.h"

#include "base/testing/fake_environment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <semaphore>
#include <string>

namespace caisson::net {
namespace {

using namespace std::chrono_literals;

/// A system that does not answer until the test lets it. Shared with look-ups that nobody waits for any more.
struct HangingSystem {
  std::counting_semaphore<64> may_answer{0};
};

class NetResolver : public testing::Test {
 protected:
  SystemLookup hanging() {
    return [system = system_](const std::string& /*host*/) -> Result<std::vector<IpAddress>> {
      system->may_answer.acquire();
      return std::vector{*parse_address("192.0.2.1")};
    };
  }
  std::shared_ptr<HangingSystem> system_ = std::make_shared<HangingSystem>();
  base::FakeEnvironment environment_;
};

TEST_F(NetResolver, FindsWhatTheMachineKnows) {
  const auto environment = base::make_environment();
  const auto addresses = make_resolver(*environment)->resolve("localhost", {environment->now() + 20s, {}});
  ASSERT_TRUE(addresses.has_value()) << addresses.error().message;
  EXPECT_TRUE(std::ranges::all_of(*addresses, [](const IpAddress& at) { return special_range(at) == "loopback"; }));
}

TEST_F(NetResolver, SaysThatThereIsNone) {
  const auto answer = ask_system(std::string(300, 'a'));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().reason, "net.unknown_host");
}

TEST_F(NetResolver, ALookUpThatHangsEndsWithPatience) {
  const auto resolver = make_resolver(environment_, hanging());
  const auto late = resolver->resolve("x", {environment_.now(), {}});
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().reason, "net.deadline");
  const auto stopped = resolver->resolve("x", {environment_.now() + 1h, [] { return true; }});
  ASSERT_FALSE(stopped.has_value());
  EXPECT_EQ(stopped.error().reason, "net.stopped");
  system_->may_answer.release(2);
}

TEST_F(NetResolver, OnlySoManyHangAtOnce) {
  const auto resolver = make_resolver(environment_, hanging());
  for (int i = 0; i < 32; ++i) {
    EXPECT_EQ(resolver->resolve("x", {environment_.now(), {}}).error().reason, "net.deadline");
  }
  EXPECT_EQ(resolver->resolve("x", {environment_.now(), {}}).error().reason, "net.busy");
  system_->may_answer.release(64);  // and one whose place has become free is served
  Result<std::vector<IpAddress>> answer = Error{};
  do {
    answer = resolver->resolve("x", {environment_.now() + 1h, {}});
  } while (!answer && answer.error().reason == "net.busy");
  EXPECT_TRUE(answer.has_value());
}

}  // namespace
}  // namespace caisson::net
