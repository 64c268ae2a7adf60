#include "base/domain_name.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::base {
namespace {

TEST(DomainName, OneTextForAllSpellings) {
  const std::vector<std::pair<std::string_view, std::string_view>> table = {
      {"Example.COM", "example.com"},
      {"example.com.", "example.com"},
      {"b\u00fccher.example", "xn--bcher-kva.example"},
      {"BU\u0308CHER.example", "xn--bcher-kva.example"},
      {"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
      {"\uff47ood.com", "good.com"},         // a full-width letter
      {"good\u3002com", "good.com"},         // an ideographic full stop
      {"go\u00adod.com", "good.com"},        // a soft hyphen, which nobody sees
      {"\uff11\uff12\uff17.1", "127.1"},     // full-width digits
      {"g\u043eod.com", "xn--god-sed.com"},  // a Cyrillic letter that looks like `o`
      {"fa\u00df.de", "xn--fa-hia.de"},      // nontransitional
      {"_dmarc.a-b.c--d.example", "_dmarc.a-b.c--d.example"},
      {"a.-b-.example", "a.-b-.example"},
  };
  for (const auto& [name, ascii] : table) {
    const auto read = to_ascii_domain(name);
    ASSERT_TRUE(read) << name << ": " << read.error().message;
    EXPECT_EQ(*read, ascii);
    EXPECT_EQ(to_ascii_domain(*read).value(), *read);
  }
}

TEST(DomainName, WhatIsNoName) {
  const std::string label(64, 'a');
  std::string longest(63, 'a');
  for (int i = 0; i < 3; ++i) {
    longest += '.' + std::string(63, 'b');
  }
  for (const std::string& name : std::vector<std::string>{"",
                                                          ".",
                                                          "a..b",
                                                          ".a",
                                                          "a b",
                                                          "a\tb",
                                                          "a%2eb",
                                                          "a/b",
                                                          "a\\b",
                                                          "a@b",
                                                          "a:1",
                                                          "[::1]",
                                                          "a*b",
                                                          "a\nb",
                                                          "\xff.com",
                                                          std::string("a\0b", 3),
                                                          label + ".com",
                                                          longest,
                                                          "xn--a\u00fc.com",
                                                          "xn--999999999.com",
                                                          "a\u2024.",
                                                          "a..",
                                                          "\u202egood.com",
                                                          std::string(5'000, 'a')}) {
    const auto read = to_ascii_domain(name);
    ASSERT_FALSE(read) << name << " " << *read;
    EXPECT_EQ(read.error().reason, "text.bad_domain");
  }
}

}  // namespace
}  // namespace caisson::base
