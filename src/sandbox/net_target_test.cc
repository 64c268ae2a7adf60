// No other spelling of a target gets around a pattern (SA-084, SA-093, SA-094).

#include "sandbox/net_target.h"

#include "sandbox/net_pattern.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::sandbox {
namespace {

using Table = std::vector<std::pair<std::string, std::string_view>>;

NetTarget target(std::string_view host, std::string_view path = "/", std::string_view method = "GET") {
  return {std::string(method), "https", std::string(host), 443, std::string(path)};
}

NetGrant net(std::string_view text) { return parse_net(text).value(); }

/// Whether a grant allows what is asked for; what has no canonical form is asked of nobody.
bool allows(std::string_view grant, const NetTarget& asked) {
  const auto canonical = canonical_target(asked);
  return canonical && net_allows(net(grant), *canonical);
}

TEST(NetTarget, HostsHaveOneForm) {
  const Table table = {
      {"Example.COM", "example.com"},
      {"example.com.", "example.com"},
      {"B\u00dcCHER.example", "xn--bcher-kva.example"},
      {"\uff45xample.com", "example.com"},
      {"127.0.0.1", "127.0.0.1"},
      {"127.0.0.1.", "127.0.0.1"},
      {"127.1", "127.0.0.1"},
      {"127.0.1", "127.0.0.1"},
      {"2130706433", "127.0.0.1"},
      {"0x7f.1", "127.0.0.1"},
      {"0X7F000001", "127.0.0.1"},
      {"017700000001", "127.0.0.1"},
      {"0177.0.0x0.01", "127.0.0.1"},
      {"\uff11\uff12\uff17.0.0.1", "127.0.0.1"},
      {"127\u30020\u30020\u30021", "127.0.0.1"},
      {"0", "0.0.0.0"},
      {"0x", "0.0.0.0"},
      {"4294967295", "255.255.255.255"},
      {"255.16777215", "255.255.255.255"},
      {"::1", "[::1]"},
      {"[::1]", "[::1]"},
      {"[0:0:0:0:0:0:0:1]", "[::1]"},
      {"[2001:DB8:0:0::0001]", "[2001:db8::1]"},
      {"[::ffff:127.0.0.1]", "127.0.0.1"},
      {"[::FFFF:7f00:1]", "127.0.0.1"},
      {"localhost", "localhost"},
      {"1password.example", "1password.example"},
      {"127.0.0.1.example", "127.0.0.1.example"},
  };
  for (const auto& [host, canonical] : table) {
    const auto read = canonical_host(host);
    ASSERT_TRUE(read) << host << ": " << read.error().message;
    EXPECT_EQ(*read, canonical) << host;
    EXPECT_EQ(canonical_host(*read).value(), *read);
    EXPECT_EQ(is_address(*read), canonical.find_first_not_of("0123456789.:[]abdf") == std::string_view::npos) << host;
  }
}

TEST(NetTarget, HostsThatAreNone) {
  for (const std::string& host : std::vector<std::string>{"",
                                                          ".",
                                                          "a..b",
                                                          "256.0.0.1",
                                                          "1.2.3.4.5",
                                                          "1.2.3.08",
                                                          "4294967296",
                                                          "1.2.65536",
                                                          "0x1ffffffff",
                                                          "a.0x1",
                                                          "a.1",
                                                          "good.com@evil",
                                                          "a:b@c",
                                                          "ev%69l.com",
                                                          "a%2ecom",
                                                          "good.com\\evil",
                                                          "good.com/evil",
                                                          "a?b",
                                                          "a#b",
                                                          "a b",
                                                          "a\tb",
                                                          "a\nb",
                                                          "[::1",
                                                          "::1]",
                                                          "[]",
                                                          "[::1%25eth0]",
                                                          "fe80::1%eth0",
                                                          "[::g]",
                                                          "[1.2.3.4]",
                                                          "a:80",
                                                          "[::1]:80",
                                                          "\xff",
                                                          std::string("a\0b", 3),
                                                          std::string("::1\0", 4),
                                                          "*",
                                                          "*.a.com"}) {
    const auto read = canonical_host(host);
    ASSERT_FALSE(read) << host << " " << *read;
    EXPECT_EQ(read.error().reason, "policy.bad_target");
  }
}

TEST(NetTarget, PathsHaveOneForm) {
  const Table table = {
      {"", "/"},          {"/", "/"},           {"/a/b", "/a/b"},     {"/a/./b", "/a/b"},     {"/a/../b", "/b"},
      {"/../../b", "/b"}, {"/a/b/..", "/a/"},   {"/a/b/.", "/a/b/"},  {"/a/%2e%2E/b", "/b"},  {"/%61dmin", "/admin"},
      {"/%7Eme", "/~me"}, {"/a%2fb", "/a%2Fb"}, {"/a%3fb", "/a%3Fb"}, {"/\u00e9", "/%C3%A9"}, {"/%c3%a9", "/%C3%A9"},
      {"/A", "/A"},       {"//a", "//a"},       {"/...", "/..."},
  };
  for (const auto& [path, canonical] : table) {
    const auto read = canonical_path(path);
    ASSERT_TRUE(read) << path << ": " << read.error().message;
    EXPECT_EQ(*read, canonical) << path;
    EXPECT_EQ(canonical_path(*read).value(), *read);
  }
  for (const std::string& path :
       std::vector<std::string>{"a", "/a b", "/a\tb", "/a\\b", "/a?b", "/a#b", "/%", "/%4", "/%4g", "/%-1", "/\x7f",
                                std::string("/\0", 2), "/" + std::string(9'000, 'a')}) {
    EXPECT_FALSE(canonical_path(path)) << path;
  }
}

TEST(NetTarget, TheOtherParts) {
  const auto read = canonical_target({"get", "HTTPS", "A.com.", 443, ""});
  EXPECT_EQ(read.value(), (NetTarget{"GET", "https", "a.com", 443, "/"}));
  for (const NetTarget& wrong : std::vector<NetTarget>{{"GET", "ftp", "a.com", 21, "/"},
                                                       {"GET", "", "a.com", 80, "/"},
                                                       {"", "http", "a.com", 80, "/"},
                                                       {"G T", "http", "a.com", 80, "/"},
                                                       {"*", "http", "a.com", 80, "/"},
                                                       {"GET", "http", "a.com", 0, "/"},
                                                       {"GET", "http", "", 80, "/"},
                                                       {"GET", "http", "a.com", 80, "x"}}) {
    EXPECT_FALSE(canonical_target(wrong));
  }
}

TEST(NetTarget, OnlyWhatAPatternNamesIsAllowed) {
  EXPECT_TRUE(allows("https://a.com", target("A.COM.", "/x")));
  EXPECT_TRUE(allows("https://a.com/", target("a.com", "/x")));
  EXPECT_TRUE(allows("https://a.com/v1/*", target("a.com", "/v1/x")));
  EXPECT_TRUE(allows("https://a.com/v1/*", target("a.com", "/x/../v1/%61")));
  EXPECT_TRUE(allows("https://a.com/%61/*", target("a.com", "/a/b")));
  EXPECT_TRUE(allows("https://b\u00fccher.example", target("XN--BCHER-KVA.example")));
  EXPECT_TRUE(allows("https://*", target("[::1]")));
  EXPECT_TRUE(allows("https://127.1", target("[::ffff:127.0.0.1]")));
  EXPECT_TRUE(allows("POST https://a.com", target("a.com", "/", "post")));
  EXPECT_TRUE(allows("* https://a.com", target("a.com", "/", "DELETE")));
  EXPECT_FALSE(allows("https://a.com", target("a.com", "/", "POST")));
  EXPECT_FALSE(allows("http://a.com:443", target("a.com")));
  EXPECT_FALSE(allows("https://a.com:8443", target("a.com")));
  EXPECT_TRUE(allows("https://a.com:*", target("a.com")));
  EXPECT_FALSE(allows("https://a.com/v1/*", target("a.com", "/v1/../admin")));
  EXPECT_FALSE(allows("https://a.com/v1/*", target("a.com", "/v1")));
  EXPECT_FALSE(net_allows(NetGrant{"nonsense", {}}, target("a.com")));
}

TEST(NetTarget, PathsThatServersReadInSeveralWaysFitNoPath) {
  for (const std::string_view path :
       {"/v1/..%2fadmin", "/v1/..%5cadmin", "/v1//admin", "/v1/..;/admin", "/v1/%252e%252e/x", "/v1/a%00"}) {
    EXPECT_FALSE(allows("https://a.com/v1/*", target("a.com", path))) << path;
    EXPECT_TRUE(allows("https://a.com", target("a.com", path))) << path;
  }
}

TEST(NetTarget, NamesThatLookAlikeAreOthers) {
  for (const std::string_view host : {"evilgood.com", "good.com.evil", "good.com", "g\u043eod.com", "a.g\u043eod.com",
                                      "a.good.com.evil.com", "agood.com"}) {
    EXPECT_FALSE(allows("https://*.good.com", target(host))) << host;
  }
  for (const std::string_view host : {"a.good.com", "A.GOOD.com.", "a.b.good.com", "a\u3002good.com"}) {
    EXPECT_TRUE(allows("https://*.good.com", target(host))) << host;
  }
}

TEST(NetTarget, ADenialMeetsEverySpelling) {
  for (const std::string_view asked :
       {"https://127.1", "https://2130706433", "https://0x7f.1", "https://017700000001", "https://[::ffff:127.0.0.1]",
        "https://127.0.0.1.", "https://127.0.0.1:443", "https://[::FFFF:7F00:1]/x/*"}) {
    EXPECT_TRUE(net_meets(net("https://127.0.0.1"), net(asked))) << asked;
    EXPECT_TRUE(net_meets(net(asked), net("https://127.0.0.1/x/*"))) << asked;
  }
  for (const std::string_view asked : {"https://EVIL.com", "https://evil.com.", "https://\uff45vil.com",
                                       "https://evil\u3002com", "https://ev\u00adil.com"}) {
    EXPECT_TRUE(net_meets(net("https://evil.com"), net(asked))) << asked;
    EXPECT_FALSE(net_meets(net("https://good.com"), net(asked))) << asked;
  }
  for (const std::string_view asked : {"https://a.com/admin/x", "https://a.com/%61dmin/x", "https://a.com/ADMIN/x",
                                       "https://a.com/adm%69n/*", "https://a.com/*"}) {
    EXPECT_TRUE(net_meets(net("https://a.com/admin/*"), net(asked))) << asked;
  }
  EXPECT_TRUE(net_meets(net("https://[::1]"), net("https://[0::0:1]")));
}

TEST(NetTarget, PatternsOfAddresses) {
  for (const std::string_view text :
       {"https://*.0.0.1", "https://*.1", "https://a.1", "https://256.1.1.1", "https://[::1%25lo]", "https://a.com/a;b",
        "https://a.com/%25", "https://a.com/%zz", "https://a.com/%", "https://ev%69l.com"}) {
    EXPECT_FALSE(parse_net_pattern(text)) << text;
  }
  EXPECT_EQ(parse_net_pattern("https://0x7f.1:8443").value(), (NetPattern{"https", "127.0.0.1", "8443", ""}));
  EXPECT_EQ(parse_net_pattern("http://[::1]:*/").value(), (NetPattern{"http", "[::1]", "*", ""}));
}

}  // namespace
}  // namespace caisson::sandbox
