#pragma once

#include "cli/arguments.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::cli {

/// A command with its line in the list of commands.
struct CompletedCommand {
  CommandInfo info;
  std::string_view summary;
};

/// Scripts that complete the commands, their options and the values of these, and files everywhere else. Made from what
/// the commands say of themselves.
[[nodiscard]] std::string bash_completion(std::span<const CompletedCommand> commands);
[[nodiscard]] std::string zsh_completion(std::span<const CompletedCommand> commands);
[[nodiscard]] std::string fish_completion(std::span<const CompletedCommand> commands);

}  // namespace caisson::cli
