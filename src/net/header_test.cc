#include "net/header.h"

#include <gtest/gtest.h>

namespace caisson::net {
namespace {

std::string reason(const std::vector<Header>& headers) {
  const Status status = check_request_headers(headers);
  return status ? "" : status.error().reason;
}

TEST(NetHeader, OrdinaryOnesAreGood) {
  EXPECT_EQ(reason({}), "");
  EXPECT_EQ(reason({{"Accept", "application/json"}, {"X-Api_Key!", ""}, {"authorization", "Bearer \t~"}}), "");
}

// SA-096
TEST(NetHeader, NothingGetsOutOfItsField) {
  for (const Header& header :
       {Header{"x", "a\r\nHost: b"}, Header{"x", "a\nb"}, Header{"x", "a\rb"}, Header{"x", std::string("a\0b", 3)},
        Header{"x", "a\x7f"}, Header{"x", "\xc3\xa4"}, Header{"x\r\ny", "z"}, Header{"x:", "y"}, Header{"x y", "z"},
        Header{"", "z"}, Header{" x", "z"}, Header{std::string("x\0", 2), "z"}, Header{"x;", "z"},
        Header{"\xc3\xa4", "z"}}) {
    EXPECT_EQ(reason({header}), "net.bad_header") << header.name << ": " << header.value;
  }
}

// SA-097
TEST(NetHeader, TheFrameIsNotTheSenders) {
  for (const char* name : {"Host", "HOST", "Content-Length", "transfer-encoding", "TE", "Trailer", "Upgrade", "Expect",
                           "Connection", "Keep-Alive", "HTTP2-Settings", "Proxy-Authorization", "proxy-connection",
                           "Proxy-", "Accept-Encoding", "Via", "Alt-Used"}) {
    EXPECT_EQ(reason({{name, "x"}}), "net.bad_header") << name;
  }
  EXPECT_EQ(reason({{"Hostess", "x"}, {"Proxy", "x"}}), "") << "only those";
}

TEST(NetHeader, OnceEachAndNotTooMany) {
  EXPECT_EQ(reason({{"a", "1"}, {"b", "2"}, {"A", "3"}}), "net.bad_header");
  std::vector<Header> many;
  for (int i = 0; i < 100; ++i) {
    many.push_back({"x" + std::to_string(i), "y"});
  }
  EXPECT_EQ(reason(many), "");
  many.push_back({"one-more", "y"});
  EXPECT_EQ(reason(many), "net.bad_header");
  EXPECT_EQ(reason({{"x", std::string(32 << 10, 'y')}}), "net.bad_header");
}

TEST(NetHeader, AnErrorDoesNotShowTheValue) {
  const Status status = check_request_headers({{"x", "hunter2\n"}});
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().message.find("hunter2"), std::string::npos);
}

TEST(NetHeader, Methods) {
  for (const char* method : {"GET", "POST", "DELETE", "VERSION-CONTROL"}) {
    EXPECT_TRUE(check_method(method).has_value()) << method;
  }
  for (const std::string& method :
       {std::string(), std::string("get"), std::string("GET "), std::string("GET\r\n"), std::string("CONNECT"),
        std::string("TRACE"), std::string("*"), std::string(21, 'A')}) {
    const Status status = check_method(method);
    ASSERT_FALSE(status.has_value()) << method;
    EXPECT_EQ(status.error().reason, "net.bad_method");
  }
}

}  // namespace
}  // namespace caisson::net
