#pragma once

#include "language/program.h"
#include "sandbox/executor.h"
#include "sandbox/guest.h"

#include <caisson/error.h>

namespace caisson::language {

/// Whether the code parses and names nothing that it may not import, without running it; the language itself looks, in
/// a sandbox without grants. `guest`: what Images::bind gave for the program.
/// Errors: code.syntax, code.import_denied; sandbox.*.
[[nodiscard]] Status check(const Program& program, const sandbox::Guest& guest, const sandbox::Executor& executor);

}  // namespace caisson::language
