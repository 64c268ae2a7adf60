// Real servers on loopback that do what servers should not, by HTTP and by HTTPS alike.

#include "net/testing/http_client_fixture.h"

#include <atomic>

namespace caisson::net {
namespace {

using namespace std::chrono_literals;

/// The parameter is the scheme.
class HostileServer : public HttpClientTest, public testing::WithParamInterface<const char*> {
 protected:
  HostileServer() {
    if (is_https()) {
      trust(identity_);
    }
  }
  static bool is_https() { return std::string_view(GetParam()) == "https"; }
  std::unique_ptr<HttpServer> serve(HttpServer::Handler handler, const std::string& at = "127.0.0.1") const {
    return std::make_unique<HttpServer>(std::move(handler), HttpServer::Options{is_https() ? &identity_ : nullptr, at});
  }

 private:
  const ServerIdentity identity_{{.names = {"127.0.0.1", "localhost", "rebind.example.com"}}};
};

INSTANTIATE_TEST_SUITE_P(By, HostileServer, testing::Values("http", "https"),
                         [](const auto& scheme) { return std::string(scheme.param); });

// SA-089: the name has another address after the first request, and then one that was named by the operator.
TEST_P(HostileServer, ANameThatIsReboundIsCheckedAgain) {
  const auto outside = serve(&hello, "127.0.0.3");
  options_.reach = {.ranges = {parse_range("127.0.0.3").value()}};
  resolver_.set("rebind.example.com", {{"127.0.0.3"}, {"127.0.0.1"}, {"127.0.0.3", "127.0.0.1"}, {"127.0.0.3"}});
  const std::string url = outside->url("/", "rebind.example.com");
  EXPECT_EQ(get(url).value().address, address("127.0.0.3"));
  EXPECT_EQ(reason(url), "net.address_denied");
  EXPECT_EQ(reason(url), "net.address_denied");
  EXPECT_EQ(get(url).value().address, address("127.0.0.3"));
  EXPECT_EQ(outside->requests().size(), 2U);
}

// What it was told comes back in whatever it answers: that is no matter of the client's, which gives it as it came.
TEST_P(HostileServer, WhatItEchoesIsGivenAsItCame) {
  const auto server = serve([](HttpServer::Exchange& exchange) {
    const std::string& request = exchange.request();
    const std::size_t begin = request.find("X-Told: ") + 8;
    exchange.answer("200 OK", "X-Echo: " + request.substr(begin, request.find("\r\n", begin) - begin) + "\r\n",
                    request);
  });
  const auto response = fetch({.url = parse_url(server->url("/")).value(), .headers = {{"X-Told", "a b"}}});
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->headers.back(), (Header{"x-echo", "a b"}));
  EXPECT_EQ(response->body, server->requests().at(0));
}

// SA-090, SA-091
TEST_P(HostileServer, RedirectsAreAnswersLikeAnyOther) {
  const auto inside = serve(&hello);
  const auto server = serve([&](HttpServer::Exchange& exchange) {
    const std::string target = exchange.target();
    const std::string to = target == "/http" ? inside->url("/") : target.substr(1) + ":///etc/passwd";
    exchange.answer("302 Found", "Location: " + to + "\r\n", "moved");
  });
  for (const char* scheme : {"/http", "/file", "/gopher", "/dict"}) {
    const auto response = get(server->url(scheme));
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 302);
    EXPECT_EQ(response->body, "moved");
    EXPECT_EQ(response->headers.back().name, "location");
  }
  EXPECT_EQ(inside->connections(), 0U);
  EXPECT_EQ(server->requests().size(), 4U);
}

// SA-099
TEST_P(HostileServer, ASlowServerEndsAtTheDeadline) {
  const auto server = serve([](HttpServer::Exchange& exchange) {
    if (exchange.target() == "/some") {
      exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
    }
    exchange.stall();
  });
  for (const char* path : {"/none", "/some"}) {
    const auto begin = environment_->now();
    const HttpRequest request{.url = parse_url(server->url(path)).value()};
    const auto response = session().fetch(request, {{begin + 60ms, {}}, 1'000});
    ASSERT_FALSE(response.has_value());
    EXPECT_EQ(response.error().reason, "net.deadline");
    const auto took = environment_->now() - begin;
    EXPECT_GE(took, 60ms);
    EXPECT_LT(took, 5s);
  }
}

TEST_P(HostileServer, ATransferCanBeStopped) {
  std::atomic<bool> stop = false;
  const auto server = serve([&](HttpServer::Exchange& exchange) {
    stop = true;
    exchange.stall();
  });
  const HttpRequest request{.url = parse_url(server->url("/")).value()};
  const auto response = session().fetch(request, {{environment_->now() + 20s, [&] { return stop.load(); }}, 1'000});
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().reason, "net.stopped");
}

// SA-100: what floods is cut at the cap, whatever it says of its length.
TEST_P(HostileServer, AFloodEndsAtTheCap) {
  const auto server = serve([](HttpServer::Exchange& exchange) {
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
    EXPECT_EQ(reason(server->url(path), 100'000), "net.too_large") << path;
  }
  EXPECT_LT(session().traffic().received_bytes, 5 * 400'000U);
}

TEST_P(HostileServer, NothingIsUnpacked) {
  // A gzip member of "hello\n".
  const std::string packed(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x20\x30\x3a\x36\x06"
      "\x00\x00\x00",
      26);
  const auto server =
      serve([&](HttpServer::Exchange& exchange) { exchange.answer("200 OK", "Content-Encoding: gzip\r\n", packed); });
  const auto response = get(server->url("/"));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->body, packed);
  EXPECT_EQ(response->headers.back(), (Header{"content-encoding", "gzip"}));
}

TEST_P(HostileServer, AnswersThatAreNoneAreErrors) {
  const auto server = serve([](HttpServer::Exchange& exchange) {
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
    EXPECT_EQ(reason(server->url(path)), "net.bad_answer") << path;
  }
}

TEST_P(HostileServer, MoreThanWasAnnouncedIsNotRead) {
  const auto server = serve([](HttpServer::Exchange& exchange) {
    exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, world HTTP/1.1 200 OK\r\n\r\nsmuggled");
    exchange.close();
  });
  EXPECT_EQ(get(server->url("/")).value().body, "hello");
}

TEST_P(HostileServer, EarlyAnswersAndTrailersAreLeftOut) {
  const auto server = serve([](HttpServer::Exchange& exchange) {
    exchange.send(
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\nA: b\r\nFolded: c\r\n\td\r\n"
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n");
  });
  const auto response = get(server->url("/"));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->headers, (std::vector<Header>{{"a", "b"}, {"folded", "c d"}, {"transfer-encoding", "chunked"}}));
}

}  // namespace
}  // namespace caisson::net
