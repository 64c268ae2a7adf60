#pragma once

#include "engine/engine.h"
#include "engine/profile.h"

#include <caisson/result.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::engine {

// Between Compiler and the program it starts. Arguments say under which settings to compile; standard input is the
// WebAssembly; standard output is one line, a JSON object, and behind it the machine code if the line says
// `{"code_bytes": N}`, or nothing if it says `{"reason": ..., "message": ...}`.

/// The first argument of such a program.
inline constexpr std::string_view kCompileChild = "compile-child";

/// The arguments behind it.
[[nodiscard]] std::vector<std::string> compile_arguments(const Profile& profile, Effort effort);

/// What such a program does from its first line to its end. Returns its exit code, which is 0 also when the module was
/// refused.
[[nodiscard]] int run_compile_child(std::span<const std::string> arguments);

/// The machine code in what the program wrote, or the error it wrote instead; the bytes may be anything. Only errors of
/// the engine about a module come through. Errors: internal / engine.compile_crashed when it is no answer.
[[nodiscard]] Result<std::string> read_compile_answer(std::string_view output);

}  // namespace caisson::engine
