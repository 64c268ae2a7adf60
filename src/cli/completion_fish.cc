#include "cli/completion_script.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace caisson::cli {

namespace {

/// `text` as a single-quoted word.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
  }
  return out + "'";
}

std::string option_line(const std::string& condition, const OptionInfo& option) {
  std::string out = fmt::format("complete -c caisson -n {} -l {}", condition, option.name.substr(2));
  if (!option.letter.empty()) {
    out += fmt::format(" -s {}", option.letter.substr(1));
  }
  if (!option.choices.empty()) {
    out += fmt::format(" -x -a {}", quoted(fmt::format("{}", fmt::join(option.choices, " "))));
  } else if (option.value == kPathValue) {
    out += " -r -F";
  } else if (!option.value.empty()) {
    out += " -x";
  }
  return out + fmt::format(" -d {}\n", quoted(option.help));
}

}  // namespace

std::string fish_completion(std::span<const CompletedCommand> commands) {
  std::string out = "# fish completion for caisson; write it to ~/.config/fish/completions/caisson.fish\n";
  for (const CompletedCommand& command : commands) {
    out += fmt::format("complete -c caisson -n __fish_use_subcommand -f -a {} -d {}\n", command.info.name,
                       quoted(command.summary));
  }
  for (const CompletedCommand& command : commands) {
    const std::string condition = quoted(fmt::format("__fish_seen_subcommand_from {}", command.info.name));
    for (const OptionInfo& option : command.info.options) {
      out += option_line(condition, option);
    }
    for (const OperandInfo& operand : command.info.operands) {
      if (!operand.choices.empty()) {
        out += fmt::format("complete -c caisson -n {}{} -a {}\n", condition,
                           command.info.operands.size() == 1 ? " -f" : "",
                           quoted(fmt::format("{}", fmt::join(operand.choices, " "))));
      }
    }
  }
  return out;
}

}  // namespace caisson::cli
