// Against real servers on loopback that do what servers should not. No packet leaves the machine: what must not be
// reached is asked for with a hook that records the address and makes no connection.

#include "net/http_client.h"
#include "net/http_server.h"
#include "net/server_identity.h"

#include "base/testing/temporary_folder.h"
#include "net/testing/fake_resolver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>

namespace caisson::net {
namespace {

using namespace std::chrono_literals;

IpAddress address(std::string_view text) { return parse_address(text).value(); }

class HttpClientTest : public testing::Test {
 protected:
  HttpClientTest() { options_.reach.hosts = {"127.0.0.1"}; }

  HttpSession& session() {
    if (session_ == nullptr) {
      options_.environment = environment_.get();
      options_.resolver = &resolver_;
      client_ = make_http_client(options_);
      session_ = client_->open(4);
    }
    return *session_;
  }

  Result<HttpResponse> fetch(HttpRequest request, std::uint64_t most = 1 << 20) {
    const HttpAllowance allowance{{environment_->now() + 20s, {}}, most};
    return session().fetch(request, allowance);
  }
  Result<HttpResponse> get(const std::string& url, std::uint64_t most = 1 << 20) {
    auto parsed = parse_url(url);
    if (!parsed) {
      return std::move(parsed).error();
    }
    return fetch({.url = std::move(parsed).value()}, most);
  }
  std::string reason(const std::string& url, std::uint64_t most = 1 << 20) {
    const auto response = get(url, most);
    return response ? "" : response.error().reason;
  }

  /// From now on connections are recorded and not made.
  void record_connections() {
    options_.on_connect = [this](const IpAddress& to, std::uint16_t /*port*/) {
      connected_.push_back(to_string(to));
      return false;
    };
  }

  std::unique_ptr<base::Environment> environment_ = base::make_environment();
  FakeResolver resolver_;
  HttpClientOptions options_;
  std::vector<std::string> connected_;
  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<HttpSession> session_;
};

void hello(HttpServer::Exchange& exchange) { exchange.answer("200 OK", "X-A:  b \r\nx-c: d\r\n", "hello"); }

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

// SA-090, SA-091
TEST_F(HttpClientTest, RedirectsAreAnswersLikeAnyOther) {
  HttpServer inside(&hello);
  HttpServer server([&](HttpServer::Exchange& exchange) {
    const std::string target = exchange.target();
    const std::string to = target == "/http" ? inside.url("/") : target.substr(1) + ":///etc/passwd";
    exchange.answer("302 Found", "Location: " + to + "\r\n", "moved");
  });
  for (const char* scheme : {"/http", "/file", "/gopher", "/dict"}) {
    const auto response = get(server.url(scheme));
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 302);
    EXPECT_EQ(response->body, "moved");
    EXPECT_EQ(response->headers.back().name, "location");
  }
  EXPECT_EQ(inside.connections(), 0U);
  EXPECT_EQ(server.requests().size(), 4U);
}

// SA-099
TEST_F(HttpClientTest, ASlowServerEndsAtTheDeadline) {
  HttpServer server([](HttpServer::Exchange& exchange) {
    if (exchange.target() == "/some") {
      exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
    }
    exchange.stall();
  });
  for (const char* path : {"/none", "/some"}) {
    const auto begin = environment_->now();
    const HttpRequest request{.url = parse_url(server.url(path)).value()};
    const auto response = session().fetch(request, {{begin + 60ms, {}}, 1'000});
    ASSERT_FALSE(response.has_value());
    EXPECT_EQ(response.error().reason, "net.deadline");
    const auto took = environment_->now() - begin;
    EXPECT_GE(took, 60ms);
    EXPECT_LT(took, 5s);
  }
}

TEST_F(HttpClientTest, ATransferCanBeStopped) {
  std::atomic<bool> stop = false;
  HttpServer server([&](HttpServer::Exchange& exchange) {
    stop = true;
    exchange.stall();
  });
  const HttpRequest request{.url = parse_url(server.url("/")).value()};
  const auto response = session().fetch(request, {{environment_->now() + 20s, [&] { return stop.load(); }}, 1'000});
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().reason, "net.stopped");
}

// SA-100: what floods is cut at the cap, whatever it says of its length.
TEST_F(HttpClientTest, AFloodEndsAtTheCap) {
  HttpServer server([](HttpServer::Exchange& exchange) {
    const std::string target = exchange.target();
    const std::string block(1 << 16, 'x');
    if (target == "/long") {
      exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n");
    } else if (target == "/endless") {
      exchange.send("HTTP/1.1 200 OK\r\n\r\n");
    } else if (target == "/chunked") {
      exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n");
    } else if (target == "/head") {
      exchange.send("HTTP/1.1 200 OK\r\n");
      while (exchange.send("X-Header: " + std::string(1'000, 'x') + "\r\n")) {
      }
    } else {
      while (exchange.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")) {
      }
    }
    while (exchange.send(block)) {
    }
  });
  for (const char* path : {"/long", "/endless", "/chunked", "/head", "/early"}) {
    EXPECT_EQ(reason(server.url(path), 100'000), "net.too_large") << path;
  }
  EXPECT_LT(session().traffic().received_bytes, 5 * 400'000U);
}

TEST_F(HttpClientTest, NothingIsUnpacked) {
  // A gzip member of "hello\n".
  const std::string packed(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x20\x30\x3a\x36\x06"
      "\x00\x00\x00",
      26);
  HttpServer server(
      [&](HttpServer::Exchange& exchange) { exchange.answer("200 OK", "Content-Encoding: gzip\r\n", packed); });
  const auto response = get(server.url("/"));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->body, packed);
  EXPECT_EQ(response->headers.back(), (Header{"content-encoding", "gzip"}));
}

TEST_F(HttpClientTest, AnswersThatAreNoneAreErrors) {
  HttpServer server([](HttpServer::Exchange& exchange) {
    const std::string target = exchange.target();
    if (target == "/short") {
      exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    } else if (target == "/old") {
      exchange.send("hello, this is HTTP/0.9");
    } else if (target == "/chunk") {
      exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    } else if (target == "/negative") {
      exchange.send("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello");
    }
    exchange.close();
  });
  for (const char* path : {"/short", "/old", "/chunk", "/negative", "/nothing"}) {
    EXPECT_EQ(reason(server.url(path)), "net.bad_answer") << path;
  }
}

TEST_F(HttpClientTest, MoreThanWasAnnouncedIsNotRead) {
  HttpServer server([](HttpServer::Exchange& exchange) {
    exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, world HTTP/1.1 200 OK\r\n\r\nsmuggled");
    exchange.close();
  });
  EXPECT_EQ(get(server.url("/")).value().body, "hello");
}

TEST_F(HttpClientTest, EarlyAnswersAndTrailersAreLeftOut) {
  HttpServer server([](HttpServer::Exchange& exchange) {
    exchange.send(
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\nA: b\r\nFolded: c\r\n\td\r\n"
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n");
  });
  const auto response = get(server.url("/"));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->headers, (std::vector<Header>{{"a", "b"}, {"folded", "c d"}, {"transfer-encoding", "chunked"}}));
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

class HttpsTest : public HttpClientTest {
 protected:
  void trust(const ServerIdentity& identity) {
    const std::string file = (folder_ / "authorities.pem").native();
    std::ofstream(file) << identity.certificate();
    options_.certificates = file;
  }
  base::TemporaryFolder folder_;
};

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
