#pragma once

#include "cli/command.h"

#include <span>
#include <string>
#include <string_view>

namespace caisson::cli {

/// The whole program: finds the command, runs it, and makes sure that all of its output arrived. `arguments` are those
/// behind the program's name. Returns the exit code.
[[nodiscard]] int run_program(std::span<const std::string> arguments, Context& context);

/// Says that there is no command of that name, which one was probably meant, and how to run a definition if it is one.
/// Returns the exit code.
[[nodiscard]] int fail_unknown_command(Context& context, std::string_view name);

}  // namespace caisson::cli
