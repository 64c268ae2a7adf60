#include "base/environment.h"
#include "cli/output.h"
#include "cli/program.h"
#include "engine/compile_child.h"

#include <caisson/error.h>

#include <fcntl.h>
#include <unistd.h>

#include <exception>
#include <span>
#include <string>
#include <vector>

namespace {

/// A standard stream that is closed would give its number to the next file that is opened, and what is printed would go
/// into that file. In its place goes a descriptor that every use of fails.
bool fill_standard_streams() noexcept {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const int fault = caisson::exit_code(caisson::Category::kInternal);
  if (!fill_standard_streams()) {
    return fault;
  }
  caisson::cli::Output output(STDOUT_FILENO, STDERR_FILENO);
  try {
    const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    if (!arguments.empty() && arguments.front() == caisson::engine::kCompileChild) {
      return caisson::engine::run_compile_child(std::span(arguments).subspan(1));
    }
    const auto environment = caisson::base::make_environment();
    caisson::cli::Context context{output, *environment};
    return caisson::cli::run_program(arguments, context);
  } catch (const std::exception& error) {
    // Memory or threads ran out; nothing else is thrown.
    output.error(std::string("caisson: cannot go on: ") + error.what() + '\n');
    return fault;
  }
}
