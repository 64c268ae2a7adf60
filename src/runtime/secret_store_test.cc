#include "runtime/secret_store.h"

#include "base/environment.h"
#include "base/testing/fake_environment.h"
#include "base/testing/temporary_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace caisson::runtime {
namespace {

using namespace std::chrono_literals;
using Kind = SecretSource::Kind;

class SecretStoreTest : public testing::Test {
 protected:
  Result<std::string> read(SecretSource source) {
    source.name = "KEY";
    const SecretStore store({std::move(source)}, *environment_);
    return store.read("KEY", {environment_->now() + 20s, {}});
  }
  std::string reason(SecretSource source) {
    const auto value = read(std::move(source));
    return value ? "" : value.error().reason;
  }
  std::string file(std::string_view bytes, std::filesystem::perms mode = std::filesystem::perms(0600)) {
    const std::string path = (folder_ / "key").native();
    std::filesystem::remove(path);
    std::ofstream(path) << bytes;
    std::filesystem::permissions(path, mode);
    return path;
  }
  static SecretSource shell(const std::string& script) {
    return {.kind = Kind::kCommand, .from = "/bin/sh", .arguments = {"-c", script}};
  }

  std::unique_ptr<base::Environment> environment_ = base::make_environment();
  base::TemporaryFolder folder_;
};

TEST_F(SecretStoreTest, AFileIsReadWithoutItsLineBreak) {
  EXPECT_EQ(read({.from = file("correct-horse\n")}).value(), "correct-horse");
  EXPECT_EQ(read({.from = file("correct-horse\r\n")}).value(), "correct-horse");
  EXPECT_EQ(read({.from = file("correct horse")}).value(), "correct horse");
}

TEST_F(SecretStoreTest, AFileThatOthersMayReadIsRefused) {
  for (const unsigned mode : {0640U, 0604U, 0644U, 0666U, 0610U, 0602U}) {
    EXPECT_EQ(reason({.from = file("correct-horse", std::filesystem::perms(mode))}), "file.unsafe_file") << mode;
  }
  EXPECT_EQ(reason({.from = file("correct-horse", std::filesystem::perms(0400))}), "");
  const std::string link = (folder_ / "link").native();
  std::filesystem::create_symlink(file("correct-horse"), link);
  EXPECT_EQ(reason({.from = link}), "") << "a link is what it leads to";
  std::filesystem::permissions(link, std::filesystem::perms(0644));
  EXPECT_EQ(reason({.from = link}), "file.unsafe_file");
  EXPECT_EQ(reason({.from = folder_.path().native()}), "file.not_a_file");
  EXPECT_EQ(reason({.from = (folder_ / "none").native()}), "file.missing");
}

TEST_F(SecretStoreTest, AVariableOfTheHostIsRead) {
  base::FakeEnvironment environment;
  environment.set_variable("API_KEY", "correct-horse");
  const SecretStore store({{.name = "a", .kind = Kind::kVariable, .from = "API_KEY"},
                           {.name = "b", .kind = Kind::kVariable, .from = "NOT_SET"}},
                          environment);
  EXPECT_EQ(store.read("a", {}).value(), "correct-horse");
  EXPECT_EQ(store.read("b", {}).error().reason, "secrets.unreadable");
  EXPECT_EQ(store.read("c", {}).error().reason, "secrets.unknown");
}

TEST_F(SecretStoreTest, ACommandIsRun) {
  EXPECT_EQ(read(shell("echo correct-horse; echo something else >&2")).value(), "correct-horse");
  for (const char* script : {"echo correct-horse; exit 3", "kill -9 $$", "head -c 20000 /dev/zero"}) {
    const auto value = read(shell(script));
    ASSERT_FALSE(value.has_value()) << script;
    EXPECT_EQ(value.error().reason, "secrets.unreadable") << script;
  }
  EXPECT_NE(reason({.kind = Kind::kCommand, .from = "/no/such/program"}), "");
}

TEST_F(SecretStoreTest, ACommandEndsWithTheCallThatWantsIt) {
  SecretSource source = shell("exec tail -f /dev/null");
  source.name = "KEY";
  const SecretStore store({source}, *environment_);
  const auto begin = environment_->now();
  EXPECT_EQ(store.read("KEY", {begin + 50ms, {}}).error().reason, "secrets.unreadable");
  EXPECT_EQ(store.read("KEY", {begin + 1h, [] { return true; }}).error().reason, "secrets.unreadable");
  EXPECT_LT(environment_->now() - begin, 8s);
}

// SA-196
TEST_F(SecretStoreTest, AValueThatCannotBeUsedIsNotShown) {
  for (const std::string& value :
       {std::string(), std::string("short"), std::string("two\nlines-of"), std::string("control\x1b[2J"),
        std::string("nul\0in-the-middle", 17), std::string("h\xc3\xb6rse-battery"), std::string(" in-front"),
        std::string("behind-it "), std::string(17'000, 'x')}) {
    const auto read_value = read({.from = file(value)});
    ASSERT_FALSE(read_value.has_value());
    EXPECT_TRUE(value.size() < 5 || read_value.error().message.find(value.substr(0, 5)) == std::string::npos);
  }
}

TEST_F(SecretStoreTest, ASecretIsForItsHosts) {
  const SecretStore store(
      {{.name = "KEY", .hosts = {{"https://api.example.com", {"*"}}, {"https://*.example.org/v1/*", {"*"}}}}},
      *environment_);
  const auto bound = [&](std::string_view url) { return store.is_bound_to("KEY", net::parse_url(url).value()); };
  EXPECT_TRUE(bound("https://api.example.com/any?x"));
  EXPECT_TRUE(bound("https://a.example.org/v1/x"));
  for (const char* url : {"http://api.example.com/", "https://api.example.com:444/", "https://evilapi.example.com/",
                          "https://api.example.com.evil/", "https://example.org/v1/x", "https://a.example.org/v2"}) {
    EXPECT_FALSE(bound(url)) << url;
  }
  EXPECT_FALSE(store.is_bound_to("OTHER", net::parse_url("https://api.example.com/").value()));
}

}  // namespace
}  // namespace caisson::runtime
