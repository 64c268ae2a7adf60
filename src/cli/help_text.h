#pragma once

#include "cli/arguments.h"

#include <string>

namespace caisson::cli {

/// What `caisson --help` prints: every command, the ways to begin, the exit codes.
[[nodiscard]] std::string program_help();

/// What `caisson COMMAND --help` prints.
[[nodiscard]] std::string command_help(const CommandInfo& info);

/// The usage line and the first example, for a command line that lacks something.
[[nodiscard]] std::string short_usage(const CommandInfo& info);

}  // namespace caisson::cli
