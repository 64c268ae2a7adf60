#pragma once

#include "base/environment.h"

#include <caisson/result.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::cli {

/// What is made of a source file.
enum class BuildAs : std::uint8_t {
  kProcessor,  ///< a module of the ABI `buffer`
  kComponent,  ///< a component of the world caisson:node
  kProgram,    ///< a WASI program: standard input in, standard output out
};

/// A compiler and what it is given. No shell reads it.
struct BuildStep {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::vector<std::string> variables{};  ///< `NAME=value`, on top of those that every compiler gets
};

/// What a recipe works with.
struct BuildPlace {
  const base::Environment& environment;
  std::filesystem::path source;   ///< absolute
  std::filesystem::path scratch;  ///< absolute; a folder of this build's own, removed at its end
  std::filesystem::path output;   ///< absolute, in `scratch`: what the last step has to make
  BuildAs as = BuildAs::kProcessor;
};

/// How a source file of some language becomes a module.
struct SourceRecipe {
  std::string_view language;  ///< `Rust`
  std::span<const std::string_view> endings;
  /// Puts what the compiler reads besides the source, the SDK, into the scratch folder.
  /// Errors: not_found / cli.no_toolchain: what is missing, and how to get it; unimplemented / cli.cannot_build: this
  /// language does not become that; those of writing files.
  Result<std::vector<BuildStep>> (*plan)(const BuildPlace& place);
};

/// All of them.
[[nodiscard]] std::span<const SourceRecipe> source_recipes() noexcept;

/// By the ending of a file's name, whatever its case; nullptr when no recipe has it.
[[nodiscard]] const SourceRecipe* find_source_recipe(const std::filesystem::path& file);

}  // namespace caisson::cli
