#include "sandbox/net_pattern.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace caisson::sandbox {
namespace {

NetGrant net(std::string_view text) {
  auto grant = parse_net(text);
  EXPECT_TRUE(grant) << text << ": " << (grant ? "" : grant.error().message);
  return grant ? *std::move(grant) : NetGrant{};
}

TEST(NetPattern, IsTakenApart) {
  EXPECT_EQ(parse_net_pattern("https://API.Example.com").value(), (NetPattern{"https", "api.example.com", "443", ""}));
  EXPECT_EQ(parse_net_pattern("http://*.example.com:8080/v1/*").value(),
            (NetPattern{"http", "*.example.com", "8080", "/v1/*"}));
  EXPECT_EQ(parse_net_pattern("http://[::1]:*/").value(), (NetPattern{"http", "[::1]", "*", ""}));
  EXPECT_EQ(parse_net_pattern("https://*/*").value(), (NetPattern{"https", "*", "443", ""}));
  EXPECT_EQ(parse_net_pattern("http://127.0.0.1/a/").value(), (NetPattern{"http", "127.0.0.1", "80", "/a/"}));
}

TEST(NetPattern, MethodsBehindItAreSaidToStandBefore) {
  EXPECT_EQ(parse_net("https://a.com GET").error().message,
            "\"https://a.com GET\" is no pattern of URLs: methods stand before it, as in 'GET|POST "
            "https://api.example.com'");
}

TEST(NetPattern, WhatCanBeReadInTwoWaysIsRefused) {
  for (const std::string_view text : {"",
                                      "example.com",
                                      "ftp://example.com",
                                      "HTTPS://example.com",
                                      "https://",
                                      "https:///x",
                                      "https://a b",
                                      "https://user@example.com",
                                      "https://good.com@evil.com",
                                      "https://good.com\\@evil",
                                      "https://example.com:",
                                      "https://example.com:0",
                                      "https://example.com:65536",
                                      "https://example.com:080",
                                      "https://example.com:8x",
                                      "https://exa*mple.com",
                                      "https://*.*.com",
                                      "https://a..b",
                                      "https://.a",
                                      "https://*.",
                                      "https://example.com/a?b",
                                      "https://example.com/a#b",
                                      "https://example.com/../a",
                                      "https://example.com/a/..",
                                      "https://example.com/./a",
                                      "https://example.com//a",
                                      "https://example.com/a//",
                                      "https://example.com/%2e%2E/a",
                                      "https://example.com/a%2Fb",
                                      "https://example.com/a%5cb",
                                      "https://example.com/*/a",
                                      "https://example.com/a\tb",
                                      "https://[::1",
                                      "https://[::g]",
                                      "https://[]",
                                      "https://example.com/a\\b"}) {
    const auto pattern = parse_net_pattern(text);
    ASSERT_FALSE(pattern) << text;
    EXPECT_EQ(pattern.error().reason, "policy.bad_value");
  }
  EXPECT_FALSE(parse_net_pattern("https://a.com/" + std::string(3'000, 'a')));
}

TEST(NetPattern, Methods) {
  EXPECT_EQ(net("post|get|POST https://a.com").methods, (std::vector<std::string>{"GET", "POST"}));
  EXPECT_EQ(print_net(net("post|get  https://a.com/x")), "GET|POST https://a.com/x");
  EXPECT_EQ(print_net(net("https://a.com")), "https://a.com");
  EXPECT_EQ(net("* https://a.com").methods, std::vector<std::string>{"*"});
  for (const std::string_view text : {"GET| https://a.com", "|GET https://a.com", "G\tT https://a.com", "GET", "GET ",
                                      "GET POST https://a.com", "** https://a.com", " https://a.com\n"}) {
    EXPECT_FALSE(parse_net(text)) << text;
  }
}

TEST(NetPattern, CoversOnlyWhatIsWithin) {
  const auto covers = [](std::string_view outer, std::string_view inner) { return net_covers(net(outer), net(inner)); };
  for (const auto& [outer, inner] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"https://a.com", "https://a.com"},
           {"https://a.com", "https://a.com/x/*"},
           {"https://*", "https://a.com"},
           {"https://*", "https://[::1]/x"},
           {"https://*.a.com", "https://b.a.com"},
           {"https://*.a.com", "https://*.b.a.com"},
           {"https://*.a.com", "https://*.a.com"},
           {"https://a.com:*", "https://a.com:8443"},
           {"https://a.com/v1/*", "https://a.com/v1/x"},
           {"https://a.com/v1/*", "https://a.com/v1/x/*"},
           {"https://a.com/v1*", "https://a.com/v1"},
           {"* https://a.com", "DELETE|GET https://a.com"},
           {"GET|HEAD|POST https://a.com", "https://a.com"},
       }) {
    EXPECT_TRUE(covers(outer, inner)) << outer << " " << inner;
  }
  for (const auto& [outer, inner] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"https://a.com", "http://a.com"},          {"http://a.com:443", "https://a.com"},
           {"https://a.com", "https://a.com:444"},     {"https://a.com", "https://a.com:*"},
           {"https://a.com", "https://b.com"},         {"https://a.com", "https://*"},
           {"https://a.com", "https://*.a.com"},       {"https://*.a.com", "https://a.com"},
           {"https://*.a.com", "https://evila.com"},   {"https://*.a.com", "https://a.com.evil"},
           {"https://*.a.com", "https://*"},           {"https://*.a.com", "https://*.com"},
           {"https://a.com/v1", "https://a.com/v1/x"}, {"https://a.com/v1/*", "https://a.com"},
           {"https://a.com/v1/*", "https://a.com/v1"}, {"https://a.com/v1/x", "https://a.com/v1/*"},
           {"https://a.com", "POST https://a.com"},    {"POST https://a.com", "https://a.com"},
           {"GET https://a.com", "* https://a.com"},
       }) {
    EXPECT_FALSE(covers(outer, inner)) << outer << " " << inner;
  }
  EXPECT_FALSE(net_covers(NetGrant{"nonsense", {}}, net("https://a.com")));
  EXPECT_FALSE(net_covers(net("https://*"), NetGrant{"nonsense", {}}));
}

TEST(NetPattern, MeetsWhateverBothAllow) {
  const auto meets = [](std::string_view deny, std::string_view asked) { return net_meets(net(deny), net(asked)); };
  EXPECT_TRUE(meets("https://admin.a.com", "https://*.a.com"));
  EXPECT_TRUE(meets("https://*.a.com", "https://x.a.com/y"));
  EXPECT_TRUE(meets("https://a.com/admin/*", "https://a.com"));
  EXPECT_TRUE(meets("https://a.com", "DELETE https://a.com"));
  EXPECT_TRUE(meets("POST https://a.com", "* https://a.com"));
  EXPECT_TRUE(meets("* https://a.com", "https://a.com"));
  EXPECT_TRUE(meets("https://a.com:*", "https://a.com"));
  EXPECT_FALSE(meets("POST https://a.com", "https://a.com"));
  EXPECT_FALSE(meets("https://a.com", "https://b.com"));
  EXPECT_FALSE(meets("http://a.com", "https://a.com"));
  EXPECT_FALSE(meets("https://a.com:8443", "https://a.com"));
  EXPECT_FALSE(meets("https://a.com/x", "https://a.com/y/*"));
  EXPECT_TRUE(net_meets(NetGrant{"nonsense", {}}, net("https://a.com")));
}

}  // namespace
}  // namespace caisson::sandbox
