#include "attack/network.h"

#include "attack/internal/steps.h"
#include "base/environment.h"
#include "net/http_client.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace caisson::attack {
namespace {

using namespace std::chrono_literals;

class NetworkTest : public testing::Test {
 protected:
  net::HttpResponse get(std::string url) {
    const auto client = net::make_http_client(
        {.environment = environment_.get(),
         .resolver = &network_,
         .reach = {.hosts = {"127.0.0.1"}},
         .on_connect = [this](const net::IpAddress& to, std::uint16_t port) { return network_.connect(to, port); }});
    net::HttpRequest request{.url = net::parse_url(network_.expand(std::move(url))).value(),
                             .headers = {{"Authorization", "abc"}}};
    return client->open(1)->fetch(request, {{environment_->now() + 20s, {}}, 1 << 20}).value_or(net::HttpResponse{});
  }

  std::unique_ptr<base::Environment> environment_ = base::make_environment();
  Network network_;
};

TEST_F(NetworkTest, ServersDoWhatTheirScriptsSay) {
  ASSERT_TRUE(network_.start("a"));
  ASSERT_TRUE(network_.start("b"));
  network_.set_script("a", {{.text = "HTTP/1.1 201 Made\r\nContent-Length: 6\r\n\r\n"}, {.text = "xy", .times = 3}});
  network_.set_script("b", {{Network::Act::Kind::kEchoBase64}});
  const net::HttpResponse a = get("http://{a}/path");
  EXPECT_EQ(a.status, 201);
  EXPECT_EQ(a.body, "xyxyxy");
  EXPECT_EQ(get("http://127.0.0.1:{b.port}/").body, "YWJj");
  const auto served = network_.served();
  ASSERT_EQ(served.size(), 2U);
  EXPECT_TRUE(served[0].starts_with("a GET /path HTTP/1.1\r\n")) << served[0];
  EXPECT_EQ(network_.connected(), (std::vector{network_.expand("{a}"), network_.expand("{b}")}));
  EXPECT_EQ(network_.expand("{c} {a"), "{c} {a");
}

TEST_F(NetworkTest, NothingBeyondLoopbackIsConnectedTo) {
  network_.set_name("good.com", {{net::parse_address("93.184.216.34").value()}, {net::parse_address("::1").value()}});
  EXPECT_EQ(get("http://good.com/").status, 0);
  EXPECT_EQ(network_.connected(), std::vector<std::string>{"93.184.216.34:80"});
  EXPECT_EQ(network_.resolve("good.com", {}).value().at(0), net::parse_address("::1"));
  EXPECT_EQ(network_.resolve("example.com", {}).error().reason, "net.unknown_host");
  EXPECT_TRUE(network_.connect(net::parse_address("127.0.0.2").value(), 1));
  EXPECT_FALSE(network_.connect(net::parse_address("10.0.0.1").value(), 1));
}

TEST(Steps, AreFoundByTheirNames) {
  for (const char* name : {"certify", "environ", "names", "plant", "run", "serve", "tamper", "verify_audit"}) {
    EXPECT_NE(find_step(name), nullptr) << name;
  }
  EXPECT_EQ(find_step("nothing"), nullptr);
}

}  // namespace
}  // namespace caisson::attack
