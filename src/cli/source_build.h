#pragma once

#include "base/environment.h"
#include "cli/source_recipes.h"

#include <caisson/result.h>

#include <stop_token>
#include <string>
#include <string_view>

namespace caisson::cli {

struct SourceBuild {
  std::string_view language;  ///< `Rust`
  std::string module;         ///< its bytes
  std::string messages;       ///< of the compiler, escaped: warnings
};

/// Builds a module from one source file with a compiler of this machine. The compiler is the user's and gets
/// of the user's variables those that say where tools, caches and temporary files are; it is told where to write, and
/// the folder is removed.
///
/// Errors: invalid_argument / cli.unknown_source: no language has such files; those of SourceRecipe::plan;
/// invalid_argument / cli.build_failed, with what the compiler said; cancelled / cli.build_stopped; those of reading
/// the file.
[[nodiscard]] Result<SourceBuild> build_source(const base::Environment& environment, const std::string& file,
                                               BuildAs as, const std::stop_token& stop);

}  // namespace caisson::cli
