#include "net/address.h"

#include <gtest/gtest.h>

namespace caisson::net {
namespace {

std::string_view special(std::string_view text) {
  const auto address = parse_address(text);
  EXPECT_TRUE(address.has_value()) << text;
  return address ? special_range(*address) : "";
}

TEST(NetAddress, PrintsWhatItReads) {
  for (const char* text : {"192.0.2.1", "0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::1", "::ffff:10.0.0.1"}) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(to_string(*address), text);
  }
  for (const std::string_view text :
       {std::string_view(""), std::string_view("127.1"), std::string_view("0x7f.0.0.1"), std::string_view("2130706433"),
        std::string_view("127.0.0.1 "), std::string_view("fe80::1%lo"), std::string_view("[::1]"),
        std::string_view("127.0.0.1\0x", 11), std::string_view("1.2.3.4.5")}) {
    EXPECT_FALSE(parse_address(text).has_value()) << text;
  }
}

TEST(NetAddress, ARangeContainsWhatBeginsLikeIt) {
  const auto range = parse_range("10.128.0.0/9").value();
  EXPECT_TRUE(range.contains(*parse_address("10.128.0.0")));
  EXPECT_TRUE(range.contains(*parse_address("10.255.255.255")));
  EXPECT_FALSE(range.contains(*parse_address("10.127.255.255")));
  EXPECT_FALSE(range.contains(*parse_address("11.128.0.0")));
  EXPECT_FALSE(range.contains(*parse_address("::ffff:10.128.0.0"))) << "another address";
  EXPECT_TRUE(parse_range("0.0.0.0/0").value().contains(*parse_address("203.0.113.9")));
  EXPECT_FALSE(parse_range("0.0.0.0/0").value().contains(*parse_address("::")));
  EXPECT_TRUE(parse_range("fd00::/8").value().contains(*parse_address("fdff::1")));
  EXPECT_TRUE(parse_range("127.0.0.1").value().contains(*parse_address("127.0.0.1")));
  EXPECT_FALSE(parse_range("127.0.0.1").value().contains(*parse_address("127.0.0.2")));
  EXPECT_EQ(to_string(range), "10.128.0.0/9");
}

TEST(NetAddress, RefusesRangesThatAreNone) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8x",
                           "10.0.0.1/8", "::/129", "fd00::1/8", "example.com/8", "10.0.0.0/8/8"}) {
    const auto range = parse_range(text);
    ASSERT_FALSE(range.has_value()) << text;
    EXPECT_EQ(range.error().reason, "net.bad_range");
  }
}

// SA-085, SA-086: the first and the last address of every range that is none of the public internet.
TEST(NetAddress, SpecialRangesAreKnown) {
  struct Row {
    const char* first;
    const char* last;
    std::string_view name;
  };
  for (const Row& row : {Row{"0.0.0.0", "0.255.255.255", "this network"},
                         Row{"10.0.0.0", "10.255.255.255", "private"},
                         Row{"100.64.0.0", "100.127.255.255", "shared by a provider's customers"},
                         Row{"127.0.0.0", "127.255.255.255", "loopback"},
                         Row{"169.254.0.0", "169.254.255.255", "link-local"},
                         Row{"168.63.129.16", "168.63.129.16", "metadata"},
                         Row{"169.254.169.254", "169.254.169.254", "metadata"},
                         Row{"172.16.0.0", "172.31.255.255", "private"},
                         Row{"192.0.0.0", "192.0.0.255", "reserved"},
                         Row{"192.168.0.0", "192.168.255.255", "private"},
                         Row{"198.18.0.0", "198.19.255.255", "benchmarking"},
                         Row{"224.0.0.0", "239.255.255.255", "multicast"},
                         Row{"240.0.0.0", "255.255.255.255", "reserved"},
                         Row{"::", "::", "this network"},
                         Row{"::1", "::1", "loopback"},
                         Row{"::2", "::ffff:ffff", "IPv4 inside IPv6"},
                         Row{"::ffff:0:0", "::ffff:ffff:ffff", "IPv4 inside IPv6"},
                         Row{"64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "IPv4 inside IPv6"},
                         Row{"100::", "100::ffff", "reserved"},
                         Row{"2001::", "2001:0:ffff::", "reserved"},
                         Row{"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "documentation"},
                         Row{"2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "IPv4 inside IPv6"},
                         Row{"4000::", "5fff::", "reserved"},
                         Row{"fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "private"},
                         Row{"fd00:ec2::254", "fd00:ec2::254", "metadata"},
                         Row{"fe80::", "febf:ffff::", "link-local"},
                         Row{"fec0::", "feff::", "private"},
                         Row{"ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "multicast"}}) {
    EXPECT_EQ(special(row.first), row.name) << row.first;
    EXPECT_EQ(special(row.last), row.name) << row.last;
  }
}

TEST(NetAddress, WhatLiesBesideARangeIsPublic) {
  for (const char* text :
       {"1.0.0.0",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255", "100.128.0.0",     "126.255.255.255",
        "128.0.0.0",       "169.253.255.255", "169.255.0.0",     "172.15.255.255", "172.32.0.0",      "192.0.1.0",
        "192.167.255.255", "192.169.0.0",     "198.17.255.255",  "198.20.0.0",     "223.255.255.255", "2000::",
        "2001:200::",      "2003::",          "2606:4700::1111", "3fff:1000::"}) {
    EXPECT_EQ(special(text), "") << text;
  }
}

TEST(NetAddress, Nat64IsWhatItStandsFor) {
  EXPECT_EQ(special("64:ff9b::8.8.8.8"), "");
  EXPECT_EQ(special("64:ff9b::10.0.0.1"), "private");
  EXPECT_EQ(special("64:ff9b::127.0.0.1"), "loopback");
}

}  // namespace
}  // namespace caisson::net
