#include "cli/command.h"
#include "cli/completion_script.h"
#include "cli/messages.h"

#include "base/suggest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace caisson::cli {

namespace {

struct Shell {
  std::string_view name;
  std::string (*script)(std::span<const CompletedCommand>);
};

constexpr std::array kShells = {
    Shell{"bash", bash_completion},
    Shell{"zsh", zsh_completion},
    Shell{"fish", fish_completion},
};

std::vector<std::string> shell_names() {
  std::vector<std::string> names(kShells.size());
  std::ranges::transform(kShells, names.begin(), [](const Shell& shell) { return std::string(shell.name); });
  return names;
}

class CompletionCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("SHELL")
        .about("Prints a script that lets a shell complete commands, options and their values.")
        .operand("SHELL", "The shell", shell_names())
        .example("source <(caisson completion bash)", "For this shell; put the line into ~/.bashrc for all.")
        .example("caisson completion zsh > \"${fpath[1]}/_caisson\"", "For zsh.")
        .example("caisson completion fish > ~/.config/fish/completions/caisson.fish", "For fish.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    if (operands.size() != 1) {
      return fail_usage(context, "completion", operands.empty() ? "for which shell?" : "one shell at a time");
    }
    const auto* const shell = std::ranges::find(kShells, operands.front(), &Shell::name);
    if (shell == kShells.end()) {
      const std::vector<std::string> names = shell_names();
      return fail_usage(
          context, "completion",
          fmt::format("'{}' is none of {}{}", operands.front(), fmt::join(names, ", "),
                      base::did_you_mean(operands.front(), std::vector<std::string_view>(names.begin(), names.end()))));
    }
    std::vector<CompletedCommand> all;
    for (const CommandEntry& entry : commands()) {
      all.push_back({cli::describe(entry), entry.summary});
    }
    context.output.out(shell->script(all));
    return 0;
  }
};

}  // namespace

std::unique_ptr<Command> make_completion_command() { return std::make_unique<CompletionCommand>(); }

}  // namespace caisson::cli
