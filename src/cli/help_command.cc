#include "cli/help_text.h"

#include "cli/command.h"
#include "cli/messages.h"
#include "cli/program.h"

#include <fmt/format.h>

namespace caisson::cli {

namespace {

class HelpCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    std::vector<std::string> names;
    for (const CommandEntry& entry : commands()) {
      names.emplace_back(entry.name);
    }
    arguments.usage("[COMMAND]")
        .about("Explains a command, or lists all of them.")
        .operand("COMMAND", "The command", std::move(names))
        .example("caisson help run", "Explains `run`, as `caisson run --help` does.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    if (operands.size() > 1) {
      return fail_usage(context, "help", "one command at a time");
    }
    if (operands.empty()) {
      context.output.out(program_help());
      return 0;
    }
    const CommandEntry* const entry = find_command(operands.front());
    if (entry == nullptr) {
      return fail_unknown_command(context, operands.front());
    }
    context.output.out(command_help(cli::describe(*entry)));
    return 0;
  }
};

}  // namespace

std::unique_ptr<Command> make_help_command() { return std::make_unique<HelpCommand>(); }

}  // namespace caisson::cli
