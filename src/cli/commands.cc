#include "cli/command.h"

#include <algorithm>
#include <array>

namespace caisson::cli {

namespace {

constexpr std::array kCommands = {
    CommandEntry{"run", "Runs workflows on an input and prints what happened", make_run_command},
    CommandEntry{"exec", "Runs a piece of Python, JavaScript or Lua in a sandbox", make_exec_command},
    CommandEntry{"repl", "Runs code line by line in a sandbox that keeps its variables", make_repl_command},
    CommandEntry{"validate", "Checks workflow definitions and the modules they name", make_validate_command},
    CommandEntry{"graph", "Prints the graph of a workflow for Mermaid or Graphviz", make_graph_command},
    CommandEntry{"convert", "Writes a workflow in another format: YAML, JSON, Lua, blueprint", make_convert_command},
    CommandEntry{"new", "Begins a project: a processor in a language of your choice", make_new_command},
    CommandEntry{"build", "Builds a WebAssembly module from one source file", make_build_command},
    CommandEntry{"inspect", "Shows what a WebAssembly module is, and what it needs", make_inspect_command},
    CommandEntry{"image", "Lists the images of languages, and installs numpy and pandas", make_image_command},
    CommandEntry{"policy", "Explains what the nodes of a workflow may do, and why", make_policy_command},
    CommandEntry{"config", "Shows what is configured, and where", make_config_command},
    CommandEntry{"audit", "Shows or verifies an audit log", make_audit_command},
    CommandEntry{"attack", "Attacks your own sandbox, and shows what held", make_attack_command},
    CommandEntry{"examples", "Lists the example workflows, or prints one", make_examples_command},
    CommandEntry{"demo", "Shows five workflows, one after the other", make_demo_command},
    CommandEntry{"schema", "Prints the JSON Schema of definitions", make_schema_command},
    CommandEntry{"version", "Prints the version of Caisson and of what is inside", make_version_command},
    CommandEntry{"doctor", "Checks that sandboxes work on this machine", make_doctor_command},
    CommandEntry{"completion", "Prints a script that completes commands in a shell", make_completion_command},
    CommandEntry{"help", "Explains a command", make_help_command},
};

}  // namespace

std::span<const CommandEntry> commands() noexcept { return kCommands; }

const CommandEntry* find_command(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(kCommands, name, &CommandEntry::name);
  return found == kCommands.end() ? nullptr : found;
}

CommandInfo describe(const CommandEntry& entry) {
  const std::unique_ptr<Command> command = entry.make();
  Arguments arguments(entry.name);
  command->describe(arguments);
  return arguments.info();
}

}  // namespace caisson::cli
