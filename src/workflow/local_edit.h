#pragma once

#include "workflow/local_options.h"
#include "workflow/node_runner.h"

#include <memory>

namespace caisson::workflow {

/// reverse_text: the text backwards, by the characters a reader sees (base/text_segments.h). No options.
[[nodiscard]] std::unique_ptr<NodeRunner> make_reverse_text(OptionReader& options);

/// prefix_suffix_adder: the text between `prefix` (`[` unless given) and `suffix` (`]`).
[[nodiscard]] std::unique_ptr<NodeRunner> make_prefix_suffix_adder(OptionReader& options);

/// regex_replace: every match of `pattern` replaced by `replacement`; both are needed (base/regex_replacer.h has their
/// syntax). `flags`: one or a list of `ignore_case`, `multiline`, `dot_all`.
///
/// Errors of the runner: resource_exhausted / workflow.regex_limit when the pattern needs too much time or memory on
/// its input, or makes too much output.
[[nodiscard]] std::unique_ptr<NodeRunner> make_regex_replace(OptionReader& options);

}  // namespace caisson::workflow
