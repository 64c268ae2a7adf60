#include "cli/completion_script.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace caisson::cli {

namespace {

constexpr std::string_view kHead = R"(# bash completion for caisson; load it with: source <(caisson completion bash)
_caisson() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=
  # `--option=value` arrives as three words.
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
)";

constexpr std::string_view kTail = R"(  # Without an answer of ours, readline completes file names.
  [[ -n $words ]] && COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _caisson caisson
)";

std::string option_names(const CommandInfo& info) {
  std::vector<std::string_view> names;
  names.reserve(info.options.size());
  for (const OptionInfo& option : info.options) {
    names.push_back(option.name);
  }
  return fmt::format("{}", fmt::join(names, " "));
}

/// What follows an option with a value.
std::string values_case(const CommandInfo& info) {
  std::string out;
  for (const OptionInfo& option : info.options) {
    if (!option.choices.empty()) {
      out += fmt::format("        {}) words='{}' ;;\n", option.name, fmt::join(option.choices, " "));
    } else if (!option.value.empty()) {
      out += fmt::format("        {}) return ;;\n", option.name);
    }
  }
  return out;
}

std::string command_case(const CommandInfo& info) {
  std::string words = fmt::format("[[ $current == -* ]] && words='{}'", option_names(info));
  for (const OperandInfo& operand : info.operands) {
    if (!operand.choices.empty()) {
      // With others behind it, it is the first word; files may follow.
      const bool alone = info.operands.size() == 1;
      words += fmt::format(" || {}words='{}'{}", alone ? "" : "{ ((COMP_CWORD == 2)) && ",
                           fmt::join(operand.choices, " "), alone ? "" : "; }");
    }
  }
  const std::string values = values_case(info);
  if (values.empty()) {
    return fmt::format("    1,{}) {} ;;\n", info.name, words);
  }
  return fmt::format("    1,{})\n      case $previous in\n{}        *) {} ;;\n      esac\n      ;;\n", info.name,
                     values, words);
}

}  // namespace

std::string bash_completion(std::span<const CompletedCommand> commands) {
  std::string names;
  std::string cases;
  for (const CompletedCommand& command : commands) {
    names += command.info.name + ' ';
    cases += command_case(command.info);
  }
  std::string out(kHead);
  out += "  case $((COMP_CWORD > 1)),${COMP_WORDS[1]} in\n";
  out += fmt::format("    0,*) words='{}--help --version' ;;\n", names);
  out += cases + "  esac\n";
  out += kTail;
  return out;
}

}  // namespace caisson::cli
