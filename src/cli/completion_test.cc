#include "cli/command.h"
#include "cli/completion_script.h"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace caisson::cli {
namespace {

namespace fs = std::filesystem;

std::vector<CompletedCommand> all_commands() {
  std::vector<CompletedCommand> out;
  for (const CommandEntry& entry : commands()) {
    out.push_back({describe(entry), entry.summary});
  }
  return out;
}

/// A command whose words would break a script that does not quote them.
std::vector<CompletedCommand> awkward_commands() {
  CommandInfo info;
  info.name = "odd";
  info.operands = {{"THING", "it's [one]: or \\ the other", {"one", "two"}}};
  info.options = {{"--with", "-w", "PATH", "it's a [path]: with \\ in it", {}},
                  {"--which", "", "a|b", "'quoted'", {"a", "b"}},
                  {"--many", "", "N", "[x]:'y'", {}}};
  return {{info, "It's [odd]: a \\ test"}};
}

/// The exit code of a shell that only reads a script; 127 where there is no such shell.
int read_by(std::string shell, std::string file) {
  std::string option = "-n";
  std::array<char*, 4> arguments{shell.data(), option.data(), file.data(), nullptr};
  pid_t child = 0;
  if (::posix_spawnp(&child, shell.c_str(), nullptr, nullptr, arguments.data(), environ) != 0) {
    return 127;
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void expect_shell_reads(const std::string& shell, const std::string& script) {
  std::string name = (fs::temp_directory_path() / "caisson-completion-XXXXXX").native();
  ::close(::mkstemp(name.data()));
  std::ofstream(name) << script;
  const int code = read_by(shell, name);
  fs::remove(name);
  if (code == 127) {
    GTEST_SKIP() << shell << " is not installed";
  }
  EXPECT_EQ(code, 0) << script;
}

TEST(Completion, EveryCommandAndOptionIsInEveryScript) {
  const auto all = all_commands();
  const std::string bash = bash_completion(all);
  const std::string zsh = zsh_completion(all);
  const std::string fish = fish_completion(all);
  for (const CompletedCommand& command : all) {
    EXPECT_NE(bash.find("1," + command.info.name + ")"), std::string::npos);
    EXPECT_NE(zsh.find("'" + command.info.name + ":"), std::string::npos);
    EXPECT_NE(fish.find("-a " + command.info.name + " "), std::string::npos);
    for (const OptionInfo& option : command.info.options) {
      EXPECT_NE(bash.find(option.name), std::string::npos) << option.name;
      EXPECT_NE(zsh.find(option.name), std::string::npos) << option.name;
      EXPECT_NE(fish.find("-l " + option.name.substr(2) + " "), std::string::npos) << option.name;
    }
  }
}

TEST(Completion, BashReadsItsScript) {
  expect_shell_reads("bash", bash_completion(all_commands()));
  expect_shell_reads("bash", bash_completion(awkward_commands()));
}

TEST(Completion, ZshReadsItsScript) {
  expect_shell_reads("zsh", zsh_completion(all_commands()));
  expect_shell_reads("zsh", zsh_completion(awkward_commands()));
}

TEST(Completion, FishReadsItsScript) {
  expect_shell_reads("fish", fish_completion(all_commands()));
  expect_shell_reads("fish", fish_completion(awkward_commands()));
}

}  // namespace
}  // namespace caisson::cli
