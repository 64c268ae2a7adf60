#pragma once

#include <caisson/result.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::cli {

/// What stands in a place of the command line, for help and completion.
struct OperandInfo {
  std::string name;  ///< `FILE`
  std::string help;
  std::vector<std::string> choices{};  ///< what it can be; empty: a file
};

struct OptionInfo {
  std::string name;      ///< `--strategy`
  std::string letter{};  ///< `-h`, or empty
  std::string value{};   ///< what the help calls its value; empty: it takes none
  std::string help;
  std::vector<std::string> choices{};  ///< what the value can be; empty: anything
};

struct Example {
  std::string command;
  std::string what;
};

/// Everything there is to say about the command line of a command. Help, completion and messages are made from it.
struct CommandInfo {
  std::string name;
  std::string usage;  ///< behind the name: `[OPTIONS] FILE... INPUT`
  std::string about;
  std::vector<OperandInfo> operands;
  std::vector<OptionInfo> options;
  std::vector<Example> examples;
};

/// The reason of an Error that says how a command line is wrong. It ends in a message and never leaves the program.
inline constexpr std::string_view kUsage = "usage";
[[nodiscard]] Error usage_error(std::string message);

/// The values of an option that names files.
inline constexpr std::string_view kPathValue = "PATH";

/// The command line of one command: its options, where their values go, and the words that explain them.
///
/// Lifetime: the targets outlive it.
class Arguments {
 public:
  struct Parsed {
    std::vector<std::string> operands;  ///< bytes, as they were given
    bool help = false;                  ///< `--help` was among them; nothing else counts then
  };

  /// `command` as the user types it: `run`.
  explicit Arguments(std::string_view command);
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  ~Arguments();

  Arguments& usage(std::string_view usage);
  Arguments& about(std::string_view text);
  Arguments& operand(std::string_view name, std::string_view help, std::vector<std::string> choices = {});
  Arguments& example(std::string_view command, std::string_view what);

  /// Options are named with their dashes. The last value counts when one is given several times, unless it collects
  /// them.
  Arguments& flag(std::string_view name, std::string_view help, bool& target);
  Arguments& choice(std::string_view name, std::vector<std::string> choices, std::string_view help,
                    std::optional<std::string>& target);
  /// An option that may be given several times, each time with a value; `value` is what the help calls it.
  Arguments& texts(std::string_view name, std::string_view value, std::string_view help,
                   std::vector<std::string>& target);
  Arguments& path(std::string_view name, std::string_view help, std::optional<std::string>& target);
  /// `value_name`: what the help calls the value.
  Arguments& text(std::string_view name, std::string_view value_name, std::string_view help,
                  std::optional<std::string>& target);
  Arguments& number(std::string_view name, std::size_t lowest, std::size_t highest, std::string_view help,
                    std::optional<std::size_t>& target);

  /// Errors: invalid_argument / kUsage: an unknown option (with the likely one), a value that is missing or wrong.
  [[nodiscard]] Result<Parsed> parse(std::span<const std::string> arguments);

  [[nodiscard]] CommandInfo info() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace caisson::cli
