#include "cli/program.h"

#include "base/suggest.h"
#include "cli/exit_codes.h"
#include "cli/help_text.h"
#include "cli/input.h"
#include "cli/messages.h"

#include <caisson/runtime.h>

#include <fmt/format.h>

#include <vector>

namespace caisson::cli {

namespace {

int run_command(const CommandEntry& entry, std::span<const std::string> arguments, Context& context) {
  const std::unique_ptr<Command> command = entry.make();
  Arguments line(entry.name);
  command->describe(line);
  const Result<Arguments::Parsed> parsed = line.parse(arguments);
  if (!parsed) {
    return fail_usage(context, entry.name, parsed.error().message);
  }
  if (parsed->help) {
    context.output.out(command_help(line.info()));
    return 0;
  }
  return command->run(context, parsed->operands);
}

int dispatch(std::span<const std::string> arguments, Context& context) {
  if (arguments.empty()) {
    context.output.error(
        "usage: caisson COMMAND [OPTIONS] ...\n"
        "example: caisson run examples/04-wasm-integration.yaml \"hello world\"\n"
        "`caisson --help` lists the commands\n");
    return kExitUsage;
  }
  const std::string& first = arguments.front();
  if (first == "--help" || first == "-h") {
    context.output.out(program_help());
    return 0;
  }
  if (first == "--version") {
    context.output.out(fmt::format("caisson {}\n", version()));
    return 0;
  }
  const CommandEntry* const entry = find_command(first);
  return entry == nullptr ? fail_unknown_command(context, first) : run_command(*entry, arguments.subspan(1), context);
}

}  // namespace

int fail_unknown_command(Context& context, std::string_view name) {
  std::vector<std::string_view> known{"--help", "--version"};
  for (const CommandEntry& entry : commands()) {
    known.push_back(entry.name);
  }
  std::string hint = base::did_you_mean(name, known);
  if (is_definition_file(std::string(name))) {
    hint = fmt::format("; to run a definition: caisson run {} INPUT", name);
  }
  print_message(context,
                fmt::format("there is no {} '{}'{}", name.starts_with('-') ? "option" : "command", name, hint));
  context.output.error("caisson: `caisson --help` lists the commands\n");
  return kExitUsage;
}

int run_program(std::span<const std::string> arguments, Context& context) {
  const int status = dispatch(arguments, context);
  const Status written = context.output.flush();
  if (written) {
    return status;
  }
  if (written.error().reason == kReaderGone) {
    return kExitPipe;
  }
  const int failed = fail(context, written.error());
  return status == 0 ? failed : status;
}

}  // namespace caisson::cli
