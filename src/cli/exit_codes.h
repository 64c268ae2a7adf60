#pragma once

#include <span>
#include <string_view>

namespace caisson::cli {

struct ExitCode {
  int code = 0;
  std::string_view meaning;
};

inline constexpr int kExitUsage = 1;
/// 128 + SIGPIPE, as if the signal had ended the process.
inline constexpr int kExitPipe = 141;

/// Every exit code of the program with what it means, in order. docs/reference/cli.md repeats it; a test compares the
/// two, and both with caisson::exit_code.
[[nodiscard]] std::span<const ExitCode> exit_codes() noexcept;

}  // namespace caisson::cli
