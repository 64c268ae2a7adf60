#include "cli/completion_script.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace caisson::cli {

namespace {

constexpr std::string_view kHead = R"(#compdef caisson
# zsh completion for caisson; write it to a file _caisson in a folder of $fpath

_caisson() {
  if ((CURRENT == 2)); then
    local -a commands=(
)";

constexpr std::string_view kTail = R"(  esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _caisson "$@"
else
  compdef _caisson caisson
fi
)";

/// `text` inside a single-quoted word of a specification, where colons and brackets would end a part.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c == ':' || c == '[' || c == ']' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    }
  }
  return out;
}

/// What completes a value: its choices, or files.
std::string action(const std::vector<std::string>& choices) {
  return choices.empty() ? "_files" : fmt::format("({})", fmt::join(choices, " "));
}

std::string option_spec(const OptionInfo& option) {
  std::string names = option.name;
  if (!option.letter.empty()) {
    names = fmt::format("'({0} {1})'{{{0},{1}}}", option.letter, option.name);
  }
  if (option.value.empty()) {
    return fmt::format("{}'[{}]'", names, escaped(option.help));
  }
  const std::string values = option.choices.empty() && option.value != kPathValue ? " " : action(option.choices);
  return fmt::format("{}'=[{}]:{}:{}'", names, escaped(option.help), escaped(option.value), values);
}

}  // namespace

std::string zsh_completion(std::span<const CompletedCommand> commands) {
  std::string out(kHead);
  for (const CompletedCommand& command : commands) {
    out += fmt::format("      '{}:{}'\n", command.info.name, escaped(command.summary));
  }
  out += "    )\n    _describe command commands\n    return\n  fi\n";
  out += "  local command=$words[2]\n  shift words\n  ((CURRENT--))\n  case $command in\n";
  for (const CompletedCommand& command : commands) {
    out += fmt::format("    {})\n      _arguments", command.info.name);
    for (const OptionInfo& option : command.info.options) {
      out += fmt::format(" \\\n        {}", option_spec(option));
    }
    if (!command.info.operands.empty()) {
      // Of several operands the first has a place of its own when it is one of a few words.
      const std::vector<OperandInfo>& operands = command.info.operands;
      const bool placed = operands.size() > 1 && !operands.front().choices.empty();
      if (placed) {
        out += fmt::format(" \\\n        '1:{}:{}'", operands[0].name, action(operands[0].choices));
      }
      const OperandInfo& rest = operands[placed ? 1 : 0];
      out += fmt::format(" \\\n        '*:{}:{}'", rest.name, action(rest.choices));
    }
    out += "\n      ;;\n";
  }
  out += kTail;
  return out;
}

}  // namespace caisson::cli
