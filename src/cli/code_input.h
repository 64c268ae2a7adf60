#pragma once

#include <caisson/code.h>
#include <caisson/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace caisson::cli {

/// What `--input` gives to code: the members of an object are its inputs, everything is its payload, both as they are
/// written, so that no number loses a digit.
/// Errors: those of document::parse_json.
[[nodiscard]] Result<CodeInput> code_input(const std::string& json);

/// The names of `a,b,c`, without empty ones.
[[nodiscard]] std::vector<std::string> split_names(std::string_view text);

}  // namespace caisson::cli
