#pragma once

#include "engine/compiler.h"

#include <optional>
#include <string>
#include <string_view>

namespace caisson::engine {

/// The bytes of a file that remembers of a module that compiling it reached one of these caps, and which one: plain
/// text.
[[nodiscard]] std::string write_refusal_file(const CompileCaps& caps, std::string_view why);

/// Why a module reached its caps, where compiling it under `caps` would reach them again: none of them is larger than
/// it was then. Nothing otherwise, or when the bytes, which may be anything, are no such file.
[[nodiscard]] std::optional<std::string> read_refusal_file(const CompileCaps& caps, std::string_view bytes);

}  // namespace caisson::engine
