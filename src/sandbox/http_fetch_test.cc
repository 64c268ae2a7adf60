// http.fetch as a guest sees it: what is granted, what is refused, what it costs and how it ends.

#include "sandbox/testing/http_fixture.h"

namespace caisson::sandbox {
namespace {

using namespace std::chrono_literals;

enum : unsigned { kOk = 0, kDenied = 2, kInvalid = 3, kLimit = 4, kFailed = 6 };

class HttpFetch : public HttpTest {
 protected:
  /// The last decision an observer was told of.
  std::string decision() const {
    std::string out;
    for (const std::string& event : observer_.events()) {
      out = event.starts_with("sandbox.http{") ? event : out;
    }
    return out;
  }
};

TEST_F(HttpFetch, AnAnswerIsAHeadAndBytes) {
  const Fetched fetched = get(server_.url("/x"));
  EXPECT_EQ(fetched.status, kOk);
  EXPECT_EQ(fetched.result, "{\"status\":200,\"headers\":[[\"content-length\",\"5\"],[\"x-a\",\"b\"]]}\nhello");
  const Usage& usage = fetched.outcome.usage;
  EXPECT_EQ(usage.http_requests, 1U);
  EXPECT_EQ(usage.http_connections, 1U);
  EXPECT_GT(usage.http_sent_bytes, 0U);
  EXPECT_GT(usage.http_received_bytes, 5U);
  EXPECT_EQ(usage.http_requests_by_origin,
            (std::vector<std::pair<std::string, std::uint64_t>>{{"GET " + server_.url(""), 1}}));
  EXPECT_TRUE(fetched.outcome.violations.empty()) << violations(fetched.outcome);
}

TEST_F(HttpFetch, ARequestHasAMethodHeadersAndABody) {
  const Fetched fetched = fetch(cat(R"({"method":"POST","url":")", server_.url("/x?y"),
                                    R"(","headers":{"x-a":"b","Content-Type":"text/plain"}})"),
                                "some bytes");
  EXPECT_EQ(fetched.status, kOk);
  const std::string request = server_.requests().at(0);
  EXPECT_TRUE(request.starts_with("POST /x?y HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("\r\nx-a: b\r\nContent-Type: text/plain\r\n"), std::string::npos) << request;
  EXPECT_TRUE(request.ends_with("\r\n\r\nsome bytes")) << request;
}

// SA-083
TEST_F(HttpFetch, NothingIsGrantedUnlessItIs) {
  grants_.net.clear();
  const Fetched fetched = get(server_.url("/"));
  EXPECT_EQ(fetched.status, kDenied);
  EXPECT_EQ(fetched.result,
            cat("not granted: GET ", server_.url("/"), "; `grants: {net: ['", server_.url(""), "']}` would allow it"));
  EXPECT_EQ(violations(fetched.outcome), cat("capability medium Capability not granted: GET ", server_.url("/"),
                                             "; `grants: {net: ['", server_.url(""), "']}` would allow it\n"));
  EXPECT_EQ(server_.connections(), 0U);
}

TEST_F(HttpFetch, AGrantIsSchemeHostPortMethodAndPath) {
  const std::string here = server_.url("");
  struct Row {
    NetGrant grant;
    const char* method;
    const char* path;
    unsigned status;
  };
  for (const Row& row :
       {Row{{here, {}}, "GET", "/any", kOk}, Row{{here, {}}, "HEAD", "/any", kOk},
        Row{{here, {}}, "POST", "/any", kDenied}, Row{{here, {"POST"}}, "POST", "/any", kOk},
        Row{{here, {"POST"}}, "GET", "/any", kDenied}, Row{{here + "/v1/*", {"GET"}}, "GET", "/v1/x?q=/v2", kOk},
        Row{{here + "/v1/*", {"GET"}}, "GET", "/v2/x", kDenied}, Row{{here + "/v1/*", {"GET"}}, "GET", "/v1", kDenied},
        Row{{here + "/v1", {"GET"}}, "GET", "/v1?x", kOk}, Row{{here + "/v1", {"GET"}}, "GET", "/v1/x", kDenied},
        Row{{here + "/v1/*", {"GET"}}, "GET", "/V1/x", kDenied},
        Row{{here + "/v1/*", {"GET"}}, "GET", "/v1/a%2f..%2fb", kDenied}, Row{{here, {"GET"}}, "GET", "/a%2Fb", kOk},
        Row{{"https://127.0.0.1", {"*"}}, "GET", "/", kDenied}, Row{{"http://127.0.0.1:1", {"*"}}, "GET", "/", kDenied},
        Row{{"http://127.0.0.2:*", {"*"}}, "GET", "/", kDenied}, Row{{"http://127.0.0.1:*", {"*"}}, "GET", "/", kOk},
        Row{{"http://*:*", {"*"}}, "GET", "/", kOk}}) {
    grants_.net = {row.grant};
    const Fetched fetched = fetch(cat(R"({"method":")", row.method, R"(","url":")", server_.url(row.path), R"("})"));
    EXPECT_EQ(fetched.status, row.status) << row.method << " " << row.path << " with " << print_net(row.grant);
  }
}

// SA-092, SA-093, SA-094, SA-095
TEST_F(HttpFetch, SpellingsDoNotGetAround) {
  grants_.net = {{"https://*.good.com", {"*"}}, {"https://good.com", {"*"}}};
  on_connect_ = [](const net::IpAddress& /*address*/, std::uint16_t /*port*/) {
    ADD_FAILURE() << "somebody is connected to";
    return false;
  };
  use_client({});
  for (const char* url :
       {"https://evilgood.com/", "https://good.com.evil/", "https://evil/good.com", "http://good.com/",
        "https://good.com:22/", "https://good.com:6379/", "https://good.com:4222/"}) {
    EXPECT_EQ(get(url).status, kDenied) << url;
  }
  for (const char* url :
       {"file:///etc/passwd", "ftp://good.com/", "data:,x", "unix:/run/x", "https://good.com@evil/", "good.com",
        "https://good.com#@evil", R"(https://good.com\\@evil/)", R"(https://good.com\t/)", "https://good.com%2eevil/",
        R"(https://g\u00f6od.com/)", R"(https://good.com\u3002evil/)", "https://xn--/../", ""}) {
    const Fetched fetched = get(url);
    EXPECT_EQ(fetched.status, kInvalid) << url;
    EXPECT_NE(fetched.result, "");
    EXPECT_EQ(fetched.outcome.violations.size(), 1U);
  }
}

// SA-084 to SA-086, seen from the guest: granted, but not named by the operator.
TEST_F(HttpFetch, APatternOfTheGuestNamesNoAddress) {
  use_client({});
  grants_.net = {{"http://*:*", {"*"}}, {"https://*:*", {"*"}}};
  for (const std::string& url : {server_.url("/"), std::string("http://169.254.169.254/latest/meta-data"),
                                 std::string("http://[::1]/"), std::string("http://localhost./"),
                                 std::string("http://[::ffff:127.0.0.1]/"), std::string("http://10.0.0.5/")}) {
    const Fetched fetched = get(url);
    EXPECT_EQ(fetched.status, kDenied) << url;
    EXPECT_EQ(fetched.result, "") << "where it leads is not the guest's to know";
    EXPECT_TRUE(violations(fetched.outcome).starts_with("capability high ")) << violations(fetched.outcome);
  }
  EXPECT_EQ(server_.connections(), 0U);
}

// SA-096, SA-097
TEST_F(HttpFetch, HeadersThatAreNotTheGuestsAreRefused) {
  for (const char* headers : {R"({"x":"a\r\nHost: b"})", R"({"x":"a\nb"})", R"({"x":"a\u0000b"})", R"({"x\r\ny":"a"})",
                              R"({"Host":"evil"})", R"({"content-length":"0"})", R"({"Transfer-Encoding":"chunked"})",
                              R"({"TE":"trailers"})", R"({"Connection":"close"})", R"({"Proxy-Authorization":"x"})",
                              R"({"a":"1","A":"2"})", R"({"a":1})", R"(["a"])"}) {
    const Fetched fetched = fetch(cat(R"({"url":")", server_.url("/"), R"(","headers":)", headers, "}"));
    EXPECT_EQ(fetched.status, kInvalid) << headers;
    EXPECT_NE(fetched.result, "") << "why";
  }
  EXPECT_EQ(server_.connections(), 0U);
}

TEST_F(HttpFetch, HeadsThatAreNoneAreInvalid) {
  const std::string url = server_.url("/");
  for (const std::string& head :
       {std::string("{}"), std::string(R"({"url":1})"), cat(R"({"url":")", url, R"(","method":1})"),
        cat(R"({"url":")", url, R"(","method":"get"})"), cat(R"({"url":")", url, R"(","method":"CONNECT"})"),
        cat(R"({"url":")", url, R"(","follow":true})"), cat(R"({"url":")", url, R"(","headers":{"x":{}}})"),
        cat(R"({"url":")", url, R"(","headers":{"x":{"secret":"KEY","value":"y"}}})"),
        cat(R"({"url":")", url, R"(","headers":{"x":{"secret":"KEY","user":"a","prefix":"b"}}})"),
        cat(R"({"url":")", url, R"(","headers":{"x":{"secret":"KEY","user":"a:b"}}})"),
        cat(R"({"url":")", url, R"(","url":")", url, R"("})")}) {
    EXPECT_EQ(fetch(head).status, kInvalid) << head;
  }
  const Fetched names = fetch(cat(R"({"url":")", url, R"(","headers":{"\u001b[2J\n":1}})"));
  EXPECT_EQ(violations(names.outcome).find('\x1b'), std::string::npos) << "what a guest chose is escaped";
  EXPECT_EQ(fetch(cat(R"({"url":")", url, R"("})"), "a body").status, kInvalid) << "a GET has none";
  EXPECT_EQ(server_.connections(), 0U);
}

// SA-090
TEST_F(HttpFetch, ARedirectIsTheGuestsToFollow) {
  handler_ = [](net::HttpServer::Exchange& exchange) {
    exchange.answer("302 Found", "Location: http://127.0.0.2/\r\n", "");
  };
  const Fetched fetched = get(server_.url("/"));
  EXPECT_EQ(fetched.status, kOk);
  EXPECT_TRUE(fetched.result.starts_with(R"({"status":302,)")) << fetched.result;
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(HttpFetch, RequestsAreLimited) {
  limits_.http_requests = 2;
  const std::string one = script(cat(R"({"url":")", server_.url("/"), R"("})"));
  const Outcome outcome = probe(one + one + one + one);
  EXPECT_EQ(server_.requests().size(), 2U);
  EXPECT_EQ(server_.connections(), 1U) << "kept for the next request";
  EXPECT_EQ(outcome.usage.http_requests, 2U);
  EXPECT_EQ(violations(outcome), "network_limit medium http: a call may make at most 2 HTTP requests (2 times)\n");
  limits_.http_requests = 0;
  EXPECT_EQ(get(server_.url("/")).status, kLimit);
  limits_ = {.http_connections = 0};
  EXPECT_EQ(get(server_.url("/")).status, kLimit);
  EXPECT_EQ(server_.requests().size(), 2U);
}

// SA-100
TEST_F(HttpFetch, BytesAreLimitedBothWays) {
  handler_ = [](net::HttpServer::Exchange& exchange) {
    exchange.send("HTTP/1.1 200 OK\r\n\r\n");
    while (exchange.send(std::string(1 << 16, 'x'))) {
    }
  };
  limits_.http_bytes = 10'000;
  const Fetched flood = get(server_.url("/"));
  EXPECT_EQ(flood.status, kLimit);
  EXPECT_EQ(flood.result, "a call may move at most 10000 bytes over HTTP");
  EXPECT_EQ(violations(flood.outcome), "network_limit medium http: a call may move at most 10000 bytes over HTTP\n");
  const std::string head = cat(R"({"method":"PUT","url":")", server_.url("/"), R"("})");
  EXPECT_EQ(fetch(head, std::string(9'990, 'x')).status, kLimit);
  EXPECT_EQ(fetch(head, std::string(10'001, 'x')).status, kLimit);
  EXPECT_EQ(server_.requests().size(), 1U) << "what does not fit is not sent";
  handler_ = nullptr;
  EXPECT_EQ(fetch(head, std::string(9'000, 'x')).status, kOk);
}

// SA-099
TEST_F(HttpFetch, TheDeadlineOfTheCallIsTheTransfers) {
  handler_ = [](net::HttpServer::Exchange& exchange) { exchange.stall(); };
  limits_.timeout = 80ms;
  const Fetched fetched = get(server_.url("/"));
  EXPECT_EQ(reason(fetched.outcome), "sandbox.deadline");
  EXPECT_GE(fetched.outcome.usage.wall, 80ms);
  EXPECT_LT(fetched.outcome.usage.wall, 80ms + kSlack);
  EXPECT_EQ(fetched.outcome.usage.http_requests, 1U);
  limits_ = {.idle = 50ms};
  EXPECT_EQ(reason(get(server_.url("/")).outcome), "sandbox.idle");
}

TEST_F(HttpFetch, AKilledCallEndsInItsTransfer) {
  CallRegistry calls;
  calls_ = &calls;
  handler_ = [&](net::HttpServer::Exchange& exchange) {
    for (const RunningCall& call : calls.list(*shared().environment)) {
      calls.kill(call.id);
    }
    exchange.stall();
  };
  EXPECT_EQ(reason(get(server_.url("/")).outcome), "sandbox.killed");
  handler_ = [&](net::HttpServer::Exchange& exchange) {
    stop_.request_stop();
    exchange.stall();
  };
  EXPECT_EQ(reason(get(server_.url("/")).outcome), "sandbox.cancelled");
}

TEST_F(HttpFetch, WhatFailsOutsideIsAReasonAndNoMore) {
  std::uint16_t port = 0;
  {
    const net::HttpServer gone([](net::HttpServer::Exchange& /*exchange*/) {});
    port = gone.port();
  }
  grants_.net = {{"http://*:*", {}}, {"https://*:*", {}}};
  const Fetched nobody = get(cat("http://127.0.0.1:", port, "/"));
  EXPECT_EQ(nobody.status, kFailed);
  EXPECT_EQ(nobody.result, "net.connect");
  handler_ = [](net::HttpServer::Exchange& exchange) { exchange.close(); };
  EXPECT_EQ(get(server_.url("/")).result, "net.bad_answer");
  http_ = nullptr;
  EXPECT_EQ(get(server_.url("/")).result, "sandbox.no_http");
}

TEST_F(HttpFetch, EveryDecisionIsTold) {
  (void)get(server_.url("/path"));
  EXPECT_EQ(decision(),
            cat("sandbox.http{node=node,method=GET,origin=", server_.url(""), ",verdict=ok,reason=,status=200,why=}"));
  (void)get("http://10.0.0.5/");
  EXPECT_EQ(decision(),
            "sandbox.http{node=node,method=GET,origin=http://10.0.0.5,verdict=denied,reason=sandbox.not_granted,"
            "status=0,why=GET http://10.0.0.5/ is not granted}");
  (void)get("file:///etc/passwd");
  EXPECT_NE(decision().find("verdict=invalid"), std::string::npos);
}

}  // namespace
}  // namespace caisson::sandbox
