#pragma once

#include "base/testing/fake_environment.h"
#include "cli/program.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

namespace caisson::cli {

/// What a command line printed, and its exit code.
struct ProgramRun {
  int status = 0;
  std::string out;
  std::string error;
};

/// Everything that was written to a file in memory, which is closed then.
inline std::string take_text(int descriptor) {
  std::string text(static_cast<std::size_t>(::lseek(descriptor, 0, SEEK_END)), '\0');
  EXPECT_EQ(::pread(descriptor, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  ::close(descriptor);
  return text;
}

/// Runs the program on a machine that is made up, with its output where no terminal is.
inline ProgramRun run_with(base::FakeEnvironment& environment, const std::vector<std::string>& arguments) {
  const int out = ::memfd_create("out", MFD_CLOEXEC);
  const int error = ::memfd_create("error", MFD_CLOEXEC);
  ProgramRun run;
  {
    Output output(out, error);
    Context context{output, environment};
    run.status = run_program(arguments, context);
  }
  run.out = take_text(out);
  run.error = take_text(error);
  return run;
}

}  // namespace caisson::cli
