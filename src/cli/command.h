#pragma once

#include "base/environment.h"
#include "cli/arguments.h"
#include "cli/output.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::cli {

/// What a command works with.
struct Context {
  Output& output;
  base::Environment& environment;
};

/// One subcommand: says what its command line is, then does it.
class Command {
 public:
  Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  virtual ~Command() = default;

  /// Called once, before `run`.
  virtual void describe(Arguments& arguments) = 0;

  /// Returns the exit code.
  [[nodiscard]] virtual int run(Context& context, const std::vector<std::string>& operands) = 0;
};

/// A row of the table of commands.
struct CommandEntry {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<Command> (*make)();
};

/// All commands, in the order of the help.
[[nodiscard]] std::span<const CommandEntry> commands() noexcept;

/// nullptr when there is none of that name.
[[nodiscard]] const CommandEntry* find_command(std::string_view name) noexcept;

/// How the command line of a command looks.
[[nodiscard]] CommandInfo describe(const CommandEntry& entry);

[[nodiscard]] std::unique_ptr<Command> make_run_command();
[[nodiscard]] std::unique_ptr<Command> make_exec_command();
[[nodiscard]] std::unique_ptr<Command> make_repl_command();
[[nodiscard]] std::unique_ptr<Command> make_validate_command();
[[nodiscard]] std::unique_ptr<Command> make_graph_command();
[[nodiscard]] std::unique_ptr<Command> make_convert_command();
[[nodiscard]] std::unique_ptr<Command> make_examples_command();
[[nodiscard]] std::unique_ptr<Command> make_schema_command();
[[nodiscard]] std::unique_ptr<Command> make_demo_command();
[[nodiscard]] std::unique_ptr<Command> make_new_command();
[[nodiscard]] std::unique_ptr<Command> make_build_command();
[[nodiscard]] std::unique_ptr<Command> make_inspect_command();
[[nodiscard]] std::unique_ptr<Command> make_image_command();
[[nodiscard]] std::unique_ptr<Command> make_audit_command();
[[nodiscard]] std::unique_ptr<Command> make_attack_command();
[[nodiscard]] std::unique_ptr<Command> make_policy_command();
[[nodiscard]] std::unique_ptr<Command> make_config_command();
[[nodiscard]] std::unique_ptr<Command> make_version_command();
[[nodiscard]] std::unique_ptr<Command> make_doctor_command();
[[nodiscard]] std::unique_ptr<Command> make_completion_command();
[[nodiscard]] std::unique_ptr<Command> make_help_command();

}  // namespace caisson::cli
