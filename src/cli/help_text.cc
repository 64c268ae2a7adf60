#include "cli/help_text.h"

#include "cli/command.h"
#include "cli/exit_codes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::cli {

namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kWidth = 100;
constexpr std::size_t kMargin = 2;

/// `text` in lines of at most `width`, the further ones indented by `indent`.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (column > 0 && column + 1 + word.size() > width) {
      out += '\n' + std::string(indent, ' ');
      column = 0;
    } else if (column > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

/// Two columns.
std::string table(const Rows& rows) {
  std::size_t first = 0;
  for (const auto& [name, text] : rows) {
    first = std::max(first, name.size());
  }
  const std::size_t indent = kMargin + first + 2;
  std::string out;
  for (const auto& [name, text] : rows) {
    out += fmt::format("{:{}}{:{}}  {}\n", "", kMargin, name, first, wrapped(text, kWidth - indent, indent));
  }
  return out;
}

std::string option_names(const OptionInfo& option) {
  std::string out = option.letter.empty() ? option.name : fmt::format("{}, {}", option.letter, option.name);
  if (!option.value.empty()) {
    out += ' ' + option.value;
  }
  return out;
}

std::string examples(const std::vector<Example>& list) {
  std::string out;
  for (const Example& example : list) {
    out += fmt::format("  {}\n      {}\n", example.command, wrapped(example.what, kWidth - 6, 6));
  }
  return out;
}

std::string usage_line(const CommandInfo& info) {
  return fmt::format("usage: caisson {}{}{}\n", info.name, info.usage.empty() ? "" : " ", info.usage);
}

}  // namespace

std::string program_help() {
  Rows rows;
  for (const CommandEntry& entry : commands()) {
    rows.emplace_back(entry.name, entry.summary);
  }
  std::string out =
      "Caisson runs code that nobody vouches for, each piece in a WebAssembly sandbox of its own, as nodes of\n"
      "workflows.\n\nusage: caisson COMMAND [OPTIONS] ...\n\ncommands:\n";
  out += table(rows);
  out += "\noptions:\n";
  out += table({{"-h, --help", "Prints this text; `caisson COMMAND --help` explains a command"},
                {"--version", "Prints the version"}});
  out += "\nexamples:\n";
  out += examples({{"caisson run examples/04-wasm-integration.yaml \"hello world\"",
                    "Runs a workflow whose second node is a sandboxed module."},
                   {"caisson validate examples/*.yaml", "Says what is wrong with definitions, and where."}});
  rows.clear();
  for (const ExitCode& row : exit_codes()) {
    rows.emplace_back(fmt::format("{:3}", row.code), row.meaning);
  }
  out += "\nexit codes:\n";
  out += table(rows);
  return out;
}

std::string command_help(const CommandInfo& info) {
  std::string out = wrapped(info.about, kWidth, 0) + "\n\n" + usage_line(info);
  Rows rows;
  for (const OperandInfo& operand : info.operands) {
    rows.emplace_back(operand.name, operand.choices.empty()
                                        ? operand.help
                                        : fmt::format("{}: {}", operand.help, fmt::join(operand.choices, ", ")));
  }
  if (!rows.empty()) {
    out += '\n' + table(rows);
  }
  rows.clear();
  for (const OptionInfo& option : info.options) {
    rows.emplace_back(option_names(option), option.help);
  }
  out += "\noptions:\n" + table(rows);
  if (!info.examples.empty()) {
    out += "\nexamples:\n" + examples(info.examples);
  }
  return out;
}

std::string short_usage(const CommandInfo& info) {
  std::string out = usage_line(info);
  if (!info.examples.empty()) {
    out += fmt::format("example: {}\n", info.examples.front().command);
  }
  return out;
}

}  // namespace caisson::cli
