// caisson config: what it says of settings and where they come from. The scenarios show it to people; here are the
// cases.

#include "cli/exit_codes.h"
#include "cli/testing/program_run.h"
#include "document/parse.h"

namespace caisson::cli {
namespace {

constexpr const char* kSystem = "/etc/caisson/config.toml";

class ConfigCommandTest : public testing::Test {
 protected:
  ProgramRun config(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "config");
    return run_with(machine_, arguments);
  }
  base::FakeEnvironment machine_;
};

TEST_F(ConfigCommandTest, WantsOneOfItsActions) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, std::vector<std::string>{"list"}, std::vector<std::string>{"show", "path"}}) {
    const ProgramRun run = config(arguments);
    EXPECT_EQ(run.status, kExitUsage);
    EXPECT_EQ(run.out, "");
    EXPECT_NE(run.error, "");
  }
}

TEST_F(ConfigCommandTest, ShowsASettingWithItsPlaceItsLockAndWhatLost) {
  machine_.add_file(kSystem, "lock = [\"limits.memory\"]\n[limits]\nmemory = \"1GiB\"\n");
  const ProgramRun run = config({"show", "--allow", "memory=2GiB"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_NE(run.out.find("1GiB             /etc/caisson/config.toml:3:10; locked by /etc/caisson/config.toml:1:9\n"),
            std::string::npos)
      << run.out;
  EXPECT_NE(run.out.find("2GiB             --allow memory=2GiB: locked by"), std::string::npos) << run.out;
}

TEST_F(ConfigCommandTest, JsonHasTheSameSettings) {
  machine_.add_file(kSystem, "[deny]\nclock = true\nenv = [\"AWS_*\"]\n");
  const auto all = document::parse_json(config({"show", "--json"}).out, "out");
  ASSERT_TRUE(all.has_value());
  std::size_t denied = 0;
  for (const document::Value& setting : *all->as_list()) {
    denied += setting.find("key")->as_string()->starts_with("deny.") ? 1U : 0U;
    EXPECT_NE(setting.find("lost")->as_list(), nullptr);
    EXPECT_FALSE(setting.find("origin")->as_string()->empty());
  }
  EXPECT_EQ(denied, 2U);
}

TEST_F(ConfigCommandTest, SaysWhereItLooksAndWhatIsThere) {
  machine_.set_variable("HOME", "/home/me");
  machine_.add_file("/home/me/.config/caisson/config.toml", "");
  const ProgramRun run = config({"path"});
  EXPECT_EQ(run.status, 0);
  EXPECT_NE(run.out.find("system     none   /etc/caisson/config.toml\n"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("user       found  /home/me/.config/caisson/config.toml\n"), std::string::npos) << run.out;
}

TEST_F(ConfigCommandTest, CheckNamesEveryProblemWithItsPlace) {
  machine_.add_file(kSystem, "[limits]\nmemory = \"many\"\ntimeout = \"-1s\"\n");
  const ProgramRun text = config({"check"});
  EXPECT_NE(text.status, 0);
  EXPECT_NE(text.error.find("/etc/caisson/config.toml:2:10: error:"), std::string::npos) << text.error;
  EXPECT_NE(text.error.find("/etc/caisson/config.toml:3:11: error:"), std::string::npos) << text.error;
  const ProgramRun json = config({"check", "--json"});
  EXPECT_EQ(json.status, text.status);
  const auto verdict = document::parse_json(json.out, "out");
  ASSERT_TRUE(verdict.has_value()) << json.out;
  EXPECT_FALSE(*verdict->find("valid")->as_bool());
  EXPECT_EQ(verdict->find("diagnostics")->as_list()->size(), 2U);
}

TEST_F(ConfigCommandTest, AConfigurationThatHoldsIsCounted) {
  EXPECT_EQ(config({"check"}).out, "ok, 0 files\n");
  machine_.add_file(kSystem, "[limits]\nmemory = \"1GiB\"\n");
  EXPECT_EQ(config({"check"}).out, "ok, 1 file\n");
}

}  // namespace
}  // namespace caisson::cli
