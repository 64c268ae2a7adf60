// What each control of outbound HTTP is for: with it off, the harm is seen; with it on, it is not.

#include "base/control.h"
#include "net/http_client.h"
#include "net/testing/fake_resolver.h"
#include "net/testing/http_server.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace caisson::net {
namespace {

using namespace std::chrono_literals;
using base::Control;

class NetControls : public testing::Test {
 protected:
  ~NetControls() override {
    for (const Control control : base::all_controls()) {
      base::switch_control(control, true);
    }
  }

  Result<HttpResponse> fetch(const HttpRequest& request, std::chrono::milliseconds time = 20s) {
    options_.environment = environment_.get();
    options_.resolver = &resolver_;
    const auto client = make_http_client(options_);
    return client->open(4)->fetch(request, {{environment_->now() + time, {}}, 1 << 20});
  }
  Result<HttpResponse> get(const std::string& url, std::chrono::milliseconds time = 20s) {
    return fetch({.url = parse_url(url).value()}, time);
  }
  static void hello(HttpServer::Exchange& exchange) { exchange.answer("200 OK", "", "hello"); }

  std::unique_ptr<base::Environment> environment_ = base::make_environment();
  FakeResolver resolver_;
  HttpClientOptions options_;
};

TEST_F(NetControls, WithoutTheAddressCheckLoopbackIsReached) {
  HttpServer server(&hello);
  EXPECT_FALSE(get(server.url("/")).has_value());
  EXPECT_EQ(server.connections(), 0U);
  base::switch_control(Control::kHttpAddress, false);
  EXPECT_TRUE(get(server.url("/")).has_value());
  EXPECT_EQ(server.connections(), 1U);
}

// SA-089
TEST_F(NetControls, WithoutThePinAReboundNameIsReached) {
  HttpServer server(&hello);
  for (const bool pinned : {true, false}) {
    base::switch_control(Control::kHttpPin, pinned);
    resolver_.set("rebind.example.com", {{"93.184.216.34"}, {"127.0.0.1"}});
    options_.on_connect = [](const IpAddress& to, std::uint16_t /*port*/) {
      return special_range(to) == "loopback";  // no packet leaves the machine
    };
    EXPECT_EQ(get(server.url("/", "rebind.example.com")).has_value(), !pinned);
    EXPECT_EQ(server.connections(), pinned ? 0U : 1U);
  }
}

// SA-090
TEST_F(NetControls, WithoutTheRedirectControlTheHostFollows) {
  HttpServer inside(&hello);
  HttpServer server([&](HttpServer::Exchange& exchange) {
    exchange.answer("302 Found", "Location: " + inside.url("/") + "\r\n", "");
  });
  options_.reach.hosts = {"127.0.0.1"};
  EXPECT_EQ(get(server.url("/")).value().status, 302);
  EXPECT_EQ(inside.connections(), 0U);
  base::switch_control(Control::kHttpRedirect, false);
  EXPECT_EQ(get(server.url("/")).value().body, "hello");
  EXPECT_EQ(inside.connections(), 1U);
}

// SA-096
TEST_F(NetControls, WithoutTheHeaderCheckALineIsAdded) {
  HttpServer server(&hello);
  options_.reach.hosts = {"127.0.0.1"};
  const HttpRequest request{.url = parse_url(server.url("/")).value(), .headers = {{"x", "a\r\nInjected: b"}}};
  EXPECT_FALSE(fetch(request).has_value());
  EXPECT_EQ(server.connections(), 0U);
  base::switch_control(Control::kHttpHeaders, false);
  EXPECT_TRUE(fetch(request).has_value());
  EXPECT_NE(server.requests().at(0).find("\r\nInjected: b\r\n"), std::string::npos);
}

// SA-099
TEST_F(NetControls, WithoutTheDeadlineASlowServerIsWaitedFor) {
  HttpServer server([](HttpServer::Exchange& exchange) { exchange.stall(); });
  options_.reach.hosts = {"127.0.0.1"};
  for (const bool on : {true, false}) {
    base::switch_control(Control::kHttpDeadline, on);
    const auto begin = environment_->now();
    EXPECT_EQ(get(server.url("/"), 50ms).error().reason, "net.deadline");
    EXPECT_EQ(environment_->now() - begin < 1'500ms, on);
  }
}

// SA-101
TEST_F(NetControls, WithoutTheProxyControlAProxyGetsTheRequest) {
  HttpServer proxy(&hello);
  HttpServer server(&hello);
  options_.reach.hosts = {"127.0.0.1"};
  setenv("http_proxy", proxy.url("").c_str(), 1);  // NOLINT(concurrency-mt-unsafe): no other thread reads variables
  EXPECT_TRUE(get(server.url("/")).has_value());
  EXPECT_EQ(proxy.connections(), 0U);
  base::switch_control(Control::kHttpProxy, false);
  EXPECT_TRUE(get(server.url("/")).has_value());
  unsetenv("http_proxy");  // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(proxy.connections(), 1U);
}

}  // namespace
}  // namespace caisson::net
