#pragma once

#include <caisson/runtime.h>

#include <memory>

namespace caisson::cli {

/// This program's own file, whatever it is called and wherever it moved.
inline constexpr const char* kOwnProgram = "/proc/self/exe";

/// Runtime::create for commands of this program, which compiles modules by starting itself.
[[nodiscard]] inline Result<std::unique_ptr<Runtime>> create_runtime(RuntimeOptions options) {
  options.compile_program = kOwnProgram;
  return Runtime::create(std::move(options));
}

}  // namespace caisson::cli
