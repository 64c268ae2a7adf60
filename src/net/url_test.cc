#include "net/url.h"

#include <gtest/gtest.h>

#include <string>

namespace caisson::net {
namespace {

Url url(std::string_view text) {
  auto parsed = parse_url(text);
  EXPECT_TRUE(parsed.has_value()) << text << (parsed ? "" : ": " + parsed.error().message);
  return parsed ? *parsed : Url{};
}

void expect_refused(std::string_view text) {
  const auto parsed = parse_url(text);
  ASSERT_FALSE(parsed.has_value()) << text << " is read as " << parsed->text();
  EXPECT_EQ(parsed.error().reason, "net.bad_url");
}

TEST(NetUrl, IsTakenApart) {
  EXPECT_EQ(url("https://api.example.com/v1/users?x=1&y=%20"), (Url{.scheme = "https",
                                                                    .host = "api.example.com",
                                                                    .port = 443,
                                                                    .path = "/v1/users",
                                                                    .query = "x=1&y=%20",
                                                                    .has_query = true}));
  EXPECT_EQ(
      url("http://127.0.0.1:8080"),
      (Url{.scheme = "http", .host = "127.0.0.1", .port = 8080, .path = "/", .address = parse_address("127.0.0.1")}));
  EXPECT_EQ(url("http://[::1]/").address, parse_address("::1"));
  EXPECT_EQ(url("http://[0:0::1]:81/x").text(), "http://[::1]:81/x");
}

TEST(NetUrl, OneSpellingForOneThing) {
  EXPECT_EQ(url("HTTPS://API.Example.COM./x").text(), "https://api.example.com/x");
  EXPECT_EQ(url("https://example.com:443/").text(), "https://example.com/");
  EXPECT_EQ(url("http://example.com:80?").text(), "http://example.com/?");
  EXPECT_EQ(url("http://example.com:443/").text(), "http://example.com:443/");
  EXPECT_EQ(url("https://a/b//c;d,e(*)!'~%2F[]|").text(), "https://a/b//c;d,e(*)!'~%2F[]|") << "as it was written";
  for (const char* text : {"https://a.b/?", "http://x:8080/y?z=/../", "http://[2606:4700::1111]:81/"}) {
    EXPECT_EQ(url(text).text(), text);
    EXPECT_EQ(url(url(text).text()), url(text));
  }
}

// SA-092, SA-098
TEST(NetUrl, OtherSchemesAreRefused) {
  for (const char* text :
       {"file:///etc/passwd", "ftp://example.com/", "data:text/plain,x", "gopher://example.com/", "dict://x/",
        "unix:///run/x.sock", "example.com", "//example.com/", "/x", "http:/example.com", "http:example.com",
        "https//x", " https://x/", "javascript:x", "http+unix://x/", "httpss://x/", "", "://x", "ws://x/"}) {
    expect_refused(text);
  }
}

// SA-093
TEST(NetUrl, WhatTwoProgramsReadInTwoWaysIsRefused) {
  for (const std::string_view text : {std::string_view("https://good.com@evil/"),
                                      std::string_view("https://good.com:443@evil/"),
                                      std::string_view("https://good.com#@evil"),
                                      std::string_view("https://good.com\\@evil/"),
                                      std::string_view("https://good.com\\.evil/"),
                                      std::string_view("https://good\t.com/"),
                                      std::string_view("https://go\nod.com/"),
                                      std::string_view("https://good.com%2eevil/"),
                                      std::string_view("https://%67ood.com/"),
                                      std::string_view("https://good.com%00.evil/"),
                                      std::string_view("https://good.com\0.evil/", 23),
                                      std::string_view("https://good.com /"),
                                      std::string_view("https:///good.com/"),
                                      std::string_view("http:///good.com/path"),
                                      std::string_view("https:////good.com/"),
                                      std::string_view("https://?x"),
                                      std::string_view("https://:443/"),
                                      std::string_view("https://good.com:/"),
                                      std::string_view("https://good.com:0/"),
                                      std::string_view("https://good.com:65536/"),
                                      std::string_view("https://good.com:+80/"),
                                      std::string_view("https://good.com:80:81/"),
                                      std::string_view("https://good.com:http/"),
                                      std::string_view("https://good.com:0443/"),
                                      std::string_view("https://good..com/"),
                                      std::string_view("https://.good.com/"),
                                      std::string_view("https://good.com../"),
                                      std::string_view("https://[::1"),
                                      std::string_view("https://[::1]x/"),
                                      std::string_view("https://[v1.x]/"),
                                      std::string_view("https://[fe80::1%25lo]/"),
                                      std::string_view("https://[127.0.0.1]/"),
                                      std::string_view("https://::1/"),
                                      std::string_view("https://go*d.com/"),
                                      std::string_view("https://g\xc3\xb6"
                                                       "d.com/"),
                                      std::string_view("https://good.com\xe3\x80\x82"
                                                       "evil/"),
                                      std::string_view("https://good.com/a/../b"),
                                      std::string_view("https://good.com/.."),
                                      std::string_view("https://good.com/./"),
                                      std::string_view("https://good.com/%2e%2E/x"),
                                      std::string_view("https://good.com/.%2e"),
                                      std::string_view("https://good.com/%"),
                                      std::string_view("https://good.com/%2"),
                                      std::string_view("https://good.com/%zz"),
                                      std::string_view("https://good.com/\xff"),
                                      std::string_view("https://good.com/a b")}) {
    expect_refused(text);
  }
  expect_refused("https://" + std::string(64, 'a') + ".com/");
  expect_refused("https://a.com/" + std::string(4'096, 'a'));
}

// SA-084: an address has one spelling.
TEST(NetUrl, OtherSpellingsOfAddressesAreRefused) {
  for (const char* host :
       {"127.1", "2130706433", "0x7f.1", "0x7f000001", "017700000001", "0", "0177.0.0.1", "127.0.0.01", "127.0.0.1.",
        "1.2.3.4.5", "256.1.1.1", "127.0.0.0x1", "1", "a.1", "a.0x7f", "999999999999"}) {
    expect_refused(std::string("http://") + host + "/");
  }
  EXPECT_EQ(url("http://1.example.com1/").host, "1.example.com1") << "a name that only looks like one";
}

}  // namespace
}  // namespace caisson::net
