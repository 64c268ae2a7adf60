// What is asked and what is refused to be asked, against real servers on loopback. No packet leaves the machine: what
// must not be reached is asked for with a hook that records the address and makes no connection. Servers that do what
// servers should not: hostile_server_test.cc.

#include "net/testing/http_client_fixture.h"

#include <cstdlib>

namespace caisson::net {
namespace {

using namespace std::chrono_literals;

TEST_F(HttpClientTest, AnAnswerIsGivenAsItCame) {
  HttpServer server(&hello);
  const auto response = get(server.url("/x?y=1"));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->headers, (std::vector<Header>{{"content-length", "5"}, {"x-a", "b"}, {"x-c", "d"}}));
  EXPECT_EQ(response->address, address("127.0.0.1"));
  const std::string request = server.requests().at(0);
  EXPECT_TRUE(request.starts_with("GET /x?y=1 HTTP/1.1\r\nHost: 127.0.0.1:")) << request;
  EXPECT_EQ(session().traffic().requests, 1U);
  EXPECT_EQ(session().traffic().connections, 1U);
  EXPECT_EQ(session().traffic().received_bytes, std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b "
                                                            "\r\nx-c: d\r\n\r\nhello")
                                                    .size());
}

TEST_F(HttpClientTest, ARequestIsSentAsItIs) {
  HttpServer server(&hello);
  HttpRequest request{.method = "POST",
                      .url = parse_url(server.url("/")).value(),
                      .headers = {{"X-Empty", ""}, {"x-key", " v "}, {"User-Agent", "test"}},
                      .body = std::string("a\0b", 3)};
  ASSERT_TRUE(fetch(request).has_value());
  const std::string sent = server.requests().at(0);
  for (const char* line : {"POST / HTTP/1.1\r\n", "\r\nX-Empty:\r\n", "\r\nx-key: v\r\n", "\r\nUser-Agent: test\r\n",
                           "\r\nContent-Length: 3\r\n", "\r\nAccept-Encoding: identity\r\n"}) {
    EXPECT_NE(sent.find(line), std::string::npos) << line << sent;
  }
  EXPECT_EQ(sent.find("Content-Type"), std::string::npos);
  EXPECT_EQ(sent.find("Expect"), std::string::npos);
  EXPECT_TRUE(sent.ends_with(request.body));
}

TEST_F(HttpClientTest, EveryMethodIsSentAsItself) {
  HttpServer server([](HttpServer::Exchange& exchange) { exchange.send("HTTP/1.1 204 No Content\r\n\r\n"); });
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    const auto response = fetch({.method = method, .url = parse_url(server.url("/")).value()});
    ASSERT_TRUE(response.has_value()) << method << response.error().message;
    EXPECT_TRUE(server.requests().back().starts_with(std::string(method) + " / ")) << server.requests().back();
  }
  const auto with_body = fetch({.method = "GET", .url = parse_url(server.url("/")).value(), .body = "x"});
  ASSERT_FALSE(with_body.has_value());
  EXPECT_EQ(with_body.error().reason, "net.bad_body");
  EXPECT_EQ(server.connections(), 1U) << "kept for the next request";
  EXPECT_EQ(session().traffic().connections, 1U);
}

TEST_F(HttpClientTest, WhatCannotBeSentIsNotSent) {
  HttpServer server(&hello);
  const Url url = parse_url(server.url("/")).value();
  EXPECT_EQ(fetch({.url = url, .headers = {{"x", "a\r\nHost: b"}}}).error().reason, "net.bad_header");
  EXPECT_EQ(fetch({.method = "GET / HTTP/1.0\r\n", .url = url}).error().reason, "net.bad_method");
  EXPECT_EQ(server.connections(), 0U);
}

// SA-085, SA-086: a host that is an address, of each range that is refused.
TEST_F(HttpClientTest, AddressesThatAreNotPublicAreRefused) {
  const std::vector<std::string> hosts = {
      "0.0.0.0",          "10.0.0.5",           "100.64.0.1",       "127.0.0.2",      "169.254.1.1",
      "169.254.169.254",  "172.16.0.1",         "192.0.0.1",        "192.168.0.1",    "198.18.0.1",
      "224.0.0.1",        "240.0.0.1",          "255.255.255.255",  "[::]",           "[::1]",
      "[fc00::1]",        "[fe80::1]",          "[ff02::1]",        "[2002:a00:1::]", "[2001:0:1::]",
      "[64:ff9b::a00:1]", "[::ffff:127.0.0.1]", "[::ffff:8.8.8.8]", "[fd00:ec2::254]"};
  record_connections();
  for (const std::string& host : hosts) {
    EXPECT_EQ(reason("http://" + host + "/"), "net.address_denied") << host;
  }
  EXPECT_TRUE(connected_.empty());
}

// The same with the control off: every one of them would have been connected to.
TEST_F(HttpClientTest, WithoutTheCheckTheyWouldBeReached) {
  options_.reach.ranges = {parse_range("0.0.0.0/0").value(), parse_range("::/0").value()};
  record_connections();
  resolver_.set("metadata.google.internal", {{"169.254.169.254"}});
  for (const char* host : {"10.0.0.5", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "metadata.google.internal"}) {
    EXPECT_EQ(reason(std::string("http://") + host + "/"), "net.connect") << host;
  }
  EXPECT_EQ(connected_,
            (std::vector<std::string>{"10.0.0.5", "169.254.169.254", "::1", "::ffff:127.0.0.1", "169.254.169.254"}));
}

// SA-084, SA-087, SA-088
TEST_F(HttpClientTest, NamesWithAddressesThatAreNotPublicAreRefused) {
  record_connections();
  resolver_.set("localhost", {{"127.0.0.1", "::1"}});
  resolver_.set("private.example.com", {{"10.0.0.5"}});
  resolver_.set("mixed.example.com", {{"93.184.216.34", "::1"}});
  resolver_.set("mapped.example.com", {{"::ffff:10.0.0.1"}});
  resolver_.set("metadata.google.internal", {{"169.254.169.254"}});
  for (const char* host : {"localhost", "localhost.", "private.example.com", "mixed.example.com", "mapped.example.com",
                           "metadata.google.internal"}) {
    EXPECT_EQ(reason(std::string("https://") + host + "/"), "net.address_denied") << host;
  }
  EXPECT_TRUE(connected_.empty());
  resolver_.set("public.example.com", {{"93.184.216.34"}});
  EXPECT_EQ(reason("https://public.example.com/"), "net.connect");
  EXPECT_EQ(connected_, (std::vector<std::string>{"93.184.216.34"})) << "what is public would have been reached";
}

TEST_F(HttpClientTest, AnOperatorMayNameThem) {
  HttpServer server(&hello);
  resolver_.set("inside.example.com", {{"127.0.0.1"}});
  resolver_.set("localhost", {{"127.0.0.1"}});
  EXPECT_EQ(reason(server.url("/", "inside.example.com")), "net.address_denied")
      << "an address that is named as a host is not named for others";
  EXPECT_EQ(reason(server.url("/", "localhost")), "net.address_denied");
  session_.reset();
  options_.reach.hosts = {"localhost"};
  EXPECT_EQ(reason(server.url("/", "localhost")), "");
  EXPECT_EQ(reason(server.url("/", "inside.example.com")), "net.address_denied");
  EXPECT_EQ(reason(server.url("/")), "net.address_denied");
  session_.reset();
  options_.reach = {.ranges = {parse_range("127.0.0.0/8").value()}};
  EXPECT_EQ(reason(server.url("/", "inside.example.com")), "");
  EXPECT_EQ(reason(server.url("/")), "");
  EXPECT_EQ(server.connections(), 3U);
}

// SA-089: the name has another address the next time it is asked for; only what was checked is connected to.
TEST_F(HttpClientTest, AReboundNameIsCheckedAgain) {
  record_connections();
  resolver_.set("rebind.example.com", {{"93.184.216.34"}, {"127.0.0.1"}});
  EXPECT_EQ(reason("http://rebind.example.com/"), "net.connect");
  EXPECT_EQ(reason("http://rebind.example.com/"), "net.address_denied");
  EXPECT_EQ(connected_, (std::vector<std::string>{"93.184.216.34"}));
}

TEST_F(HttpClientTest, TheConnectionGoesToTheCheckedAddress) {
  HttpServer server(&hello, {.address = "127.0.0.3"});
  options_.reach.ranges = {parse_range("127.0.0.3").value()};
  // The system knows another address for this name, or none.
  resolver_.set("localhost", {{"127.0.0.3"}});
  resolver_.set("no-such-name.invalid", {{"127.0.0.3"}});
  EXPECT_EQ(get(server.url("/", "localhost")).value().address, address("127.0.0.3"));
  EXPECT_EQ(get(server.url("/", "no-such-name.invalid")).value().address, address("127.0.0.3"));
}

// SA-101
TEST_F(HttpClientTest, ProxiesOfTheEnvironmentAreIgnored) {
  HttpServer proxy(&hello);
  HttpServer server(&hello);
  for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) {
    setenv(name, proxy.url("").c_str(), 1);  // NOLINT(concurrency-mt-unsafe): no other thread reads variables here
  }
  EXPECT_EQ(reason(server.url("/")), "");
  for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) {
    unsetenv(name);  // NOLINT(concurrency-mt-unsafe)
  }
  EXPECT_EQ(proxy.connections(), 0U);
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(HttpClientTest, NobodyListens) {
  std::uint16_t port = 0;
  {
    const HttpServer server(&hello);
    port = server.port();
  }
  EXPECT_EQ(reason("http://127.0.0.1:" + std::to_string(port) + "/"), "net.connect");
  EXPECT_EQ(reason("http://nowhere.invalid/"), "net.unknown_host");
}

class HttpsTest : public HttpClientTest {};

TEST_F(HttpsTest, ATrustedServerIsReached) {
  const ServerIdentity identity({.names = {"api.example.com"}});
  HttpServer server(&hello, {.identity = &identity});
  trust(identity);
  options_.reach.ranges = {parse_range("127.0.0.1").value()};
  resolver_.set("api.example.com", {{"127.0.0.1"}});
  EXPECT_EQ(get(server.url("/", "api.example.com")).value().body, "hello");
  EXPECT_EQ(reason(server.url("/", "api.example.com.")), "") << "the dot is no part of the name";
}

TEST_F(HttpsTest, CertificatesThatDoNotFitAreRefused) {
  const ServerIdentity other_name({.names = {"other.example.com"}});
  const ServerIdentity expired({.names = {"api.example.com"}, .expired = true});
  const ServerIdentity untrusted({.names = {"api.example.com"}});
  const ServerIdentity trusted({.names = {"api.example.com"}});
  resolver_.set("api.example.com", {{"127.0.0.1"}});
  options_.reach.ranges = {parse_range("127.0.0.1").value()};
  for (const auto& [identity, authority] :
       {std::pair(&other_name, &other_name), std::pair(&expired, &expired), std::pair(&untrusted, &trusted)}) {
    HttpServer server(&hello, {.identity = identity});
    trust(*authority);
    session_.reset();
    EXPECT_EQ(reason(server.url("/", "api.example.com")), "net.tls");
    EXPECT_TRUE(server.requests().empty()) << "nothing was said to it";
  }
}

TEST_F(HttpsTest, AServerWithoutTlsIsNotTalkedTo) {
  HttpServer server(&hello);
  options_.connect_timeout = 100ms;  // it waits for a request, and the client for its certificate
  EXPECT_EQ(reason("https://127.0.0.1:" + std::to_string(server.port()) + "/"), "net.connect");
  EXPECT_TRUE(server.requests().empty());
}

}  // namespace
}  // namespace caisson::net
