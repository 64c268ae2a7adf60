// http.fetch as a component sees it: by `call` of caisson:node/host, with the grants, limits and secrets of modules.

#include "sandbox/testing/http_fixture.h"

namespace caisson::sandbox {
namespace {

using namespace std::chrono_literals;

class ComponentHttp : public HttpTest {
 protected:
  Outcome ask(std::string_view head, std::string_view body = {}) {
    static const Guest guest = bind("node_probe").value();
    return call(guest, cat("!call http.fetch ", head, "\n", body));
  }
  Outcome get_path(std::string_view path) { return ask(cat(R"({"url":")", server_.url(path), R"("})")); }
  static std::string message(const Outcome& outcome) { return outcome.error ? outcome.error->message : ""; }
};

TEST_F(ComponentHttp, AnAnswerIsAHeadAndBytes) {
  const Outcome outcome =
      ask(cat(R"({"method":"POST","url":")", server_.url("/x"), R"(","headers":{"x-a":"b"}})"), "some bytes");
  EXPECT_EQ(outcome.output.bytes(), "{\"status\":200,\"headers\":[[\"content-length\",\"5\"],[\"x-a\",\"b\"]]}\nhello")
      << message(outcome);
  const std::string request = server_.requests().at(0);
  EXPECT_TRUE(request.starts_with("POST /x HTTP/1.1\r\n")) << request;
  EXPECT_TRUE(request.ends_with("\r\n\r\nsome bytes")) << request;
  EXPECT_EQ(outcome.usage.http_requests, 1U);
}

TEST_F(ComponentHttp, WhyThereIsNoAnswerIsACaseOfFailure) {
  EXPECT_NE(message(ask("{}")).find("invalid "), std::string::npos) << "3";
  grants_.net = {{"http://127.0.0.1:1", {"*"}}};
  const Outcome nobody = ask(R"({"url":"http://127.0.0.1:1/"})");
  EXPECT_NE(message(nobody).find("unknown net.connect"), std::string::npos) << "6: " << message(nobody);
  const Outcome denied = get_path("/");
  EXPECT_NE(message(denied).find("denied not granted: GET"), std::string::npos) << "2: " << message(denied);
  ASSERT_EQ(denied.violations.size(), 1U);
  EXPECT_EQ(denied.violations[0].kind, ViolationKind::kCapability);
  EXPECT_EQ(server_.connections(), 0U);
  grants_.net = {{server_.url(""), {"*"}}};
  limits_.http_requests = 0;
  const Outcome limited = get_path("/");
  EXPECT_NE(message(limited).find("limit "), std::string::npos) << "4: " << message(limited);
  EXPECT_EQ(server_.connections(), 0U);
}

TEST_F(ComponentHttp, ASecretIsFilledInAndReplacedWhereItComesBack) {
  values_.set("KEY", "correct-horse-battery-staple", server_.url(""));
  handler_ = [](net::HttpServer::Exchange& exchange) { exchange.answer("200 OK", "", exchange.request()); };
  const Outcome outcome =
      ask(cat(R"({"url":")", server_.url("/"), R"(","headers":{"Authorization":{"secret":"KEY"}}})"));
  EXPECT_NE(server_.requests().at(0).find("\r\nAuthorization: correct-horse-battery-staple\r\n"), std::string::npos);
  EXPECT_EQ(outcome.output.bytes().find("horse"), std::string::npos) << outcome.output.bytes();
  EXPECT_NE(outcome.output.bytes().find("Authorization: [secret KEY]"), std::string::npos) << outcome.output.bytes();
}

TEST_F(ComponentHttp, AServerThatStallsEndsAtTheDeadlineOfTheCall) {
  handler_ = [](net::HttpServer::Exchange& exchange) { exchange.stall(); };
  limits_.timeout = 200ms;
  const auto begin = shared().environment->now();
  const Outcome outcome = get_path("/");
  EXPECT_EQ(reason(outcome), "sandbox.deadline");
  EXPECT_LT(shared().environment->now() - begin, 200ms + kSlack);
  EXPECT_EQ(server_.connections(), 1U);
}

}  // namespace
}  // namespace caisson::sandbox
