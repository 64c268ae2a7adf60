#include "cli/exit_codes.h"

#include <array>

namespace caisson::cli {

namespace {

constexpr std::array kExitCodes = {
    ExitCode{0, "success"},
    ExitCode{kExitUsage, "the command line is wrong"},
    ExitCode{2, "a definition, a module or an input is wrong"},
    ExitCode{3, "something that was named does not exist"},
    ExitCode{4, "guest code failed by itself"},
    ExitCode{5, "refused: by policy, or by the permissions of a file"},
    ExitCode{6, "a limit was reached: fuel, memory, stack, size"},
    ExitCode{7, "the time limit was reached"},
    ExitCode{8, "not available at the moment; trying again may help"},
    ExitCode{9, "known, and not in this version"},
    ExitCode{10, "stored data is damaged"},
    ExitCode{70, "a fault of Caisson, or of the machine under it"},
    ExitCode{130, "stopped by Ctrl-C or a signal"},
    ExitCode{kExitPipe, "whoever read the output has gone"},
};

}  // namespace

std::span<const ExitCode> exit_codes() noexcept { return kExitCodes; }

}  // namespace caisson::cli
