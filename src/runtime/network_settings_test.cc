#include "runtime/configuration.h"

#include "base/testing/fake_environment.h"

#include <gtest/gtest.h>

#include <string>

namespace caisson::runtime {
namespace {

std::string problems(std::string_view text) {
  const auto read = read_configuration(text, "c.toml", "/etc/caisson");
  std::string out;
  if (!read) {
    for (const Diagnostic& d : read.error().diagnostics) {
      out += to_string(d) + "\n";
    }
  }
  return out;
}

TEST(NetworkSettings, AreReadFromAnOperatorsFile) {
  const auto read = read_configuration(R"(
[net]
addresses = ["10.1.0.0/16", "fd00::1"]
certificates = "own.pem"

[secrets.api-key]
hosts = ["api.example.com", "http://127.0.0.1:8080/v1/*"]
file = "key"

[secrets.other]
hosts = ["https://*.example.com"]
env = "OTHER_KEY"

[secrets.third]
hosts = ["x.example.com"]
command = ["/usr/bin/pass", "show", "third"]
)",
                                       "c.toml", "/etc/caisson");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  const NetworkSettings& network = read->network;
  ASSERT_EQ(network.addresses.size(), 2U);
  EXPECT_EQ(to_string(network.addresses[0].value), "10.1.0.0/16");
  EXPECT_EQ(to_string(network.addresses[1].value), "fd00::1/128");
  EXPECT_EQ(network.certificates->value, "/etc/caisson/own.pem");
  ASSERT_EQ(network.secrets.size(), 3U);
  EXPECT_EQ(network.secrets[0].name, "api-key");
  EXPECT_EQ(describe(network.secrets[0]), "file /etc/caisson/key");
  EXPECT_EQ(network.secrets[0].hosts, (std::vector<sandbox::NetGrant>{{"https://api.example.com", {"*"}},
                                                                      {"http://127.0.0.1:8080/v1/*", {"*"}}}));
  EXPECT_EQ(describe(network.secrets[1]), "variable OTHER_KEY");
  EXPECT_EQ(describe(network.secrets[2]), "command /usr/bin/pass show third");
}

TEST(NetworkSettings, WhatIsWrongIsNamed) {
  EXPECT_EQ(problems("[net]\naddresses = [\"10.0.0.1/8\"]\n").substr(0, 53),
            "c.toml:2:14: error: net.addresses: \"10.0.0.1/8\" is no");
  EXPECT_NE(problems("[net]\nadresses = []\n").find("did you mean 'addresses'?"), std::string::npos);
  EXPECT_NE(problems("[net]\ncertificates = 1\n"), "");
  EXPECT_NE(problems("[secrets.k]\nfile = \"x\"\n").find("must have hosts"), std::string::npos);
  EXPECT_NE(problems("[secrets.k]\nhosts = [\"a.com\"]\n").find("one of file, env and command"), std::string::npos);
  EXPECT_NE(problems("[secrets.k]\nhosts = [\"a.com\"]\nfile = \"x\"\nenv = \"X\"\n").find("one of"),
            std::string::npos);
  EXPECT_NE(problems("[secrets.k]\nhosts = [\"a.com@b\"]\nfile = \"x\"\n"), "");
  EXPECT_NE(problems("[secrets.k]\nhosts = [\"a.com\"]\ncommand = [\"pass\"]\n").find("absolute path"),
            std::string::npos);
  EXPECT_NE(problems("[secrets.k]\nhosts = [\"a.com\"]\nvalue = \"x\"\n").find("secrets.k.value"), std::string::npos);
  EXPECT_NE(problems("[secrets.\"a b\"]\nhosts = [\"a.com\"]\nfile = \"x\"\n").find("is no name"), std::string::npos);
}

TEST(NetworkSettings, ALaterFileReplacesASecretAndAddsRanges) {
  NetworkSettings settings;
  settings.add({.addresses = {{net::parse_range("10.0.0.0/8").value(), {}}}, .secrets = {{.name = "a", .from = "/1"}}});
  settings.add({.addresses = {{net::parse_range("127.0.0.1").value(), {}}},
                .secrets = {{.name = "a", .from = "/2"}, {.name = "b", .from = "/3"}}});
  EXPECT_EQ(settings.addresses.size(), 2U);
  ASSERT_EQ(settings.secrets.size(), 2U);
  EXPECT_EQ(settings.secrets[0].from, "/2");
}

TEST(NetworkSettings, AProjectHasNone) {
  base::FakeEnvironment environment;
  environment.add_file("/project/caisson.toml",
                       "[secrets.k]\nhosts = [\"evil.com\"]\nenv = \"AWS_SECRET_ACCESS_KEY\"\n");
  const auto configurations = Configurations::load(environment, {});
  ASSERT_TRUE(configurations.has_value());
  const auto with = configurations->with_project("/project/caisson.toml", environment);
  ASSERT_FALSE(with.has_value());
  EXPECT_NE(with.error().message.find("an operator's to say"), std::string::npos) << with.error().message;
}

}  // namespace
}  // namespace caisson::runtime
