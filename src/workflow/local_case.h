#pragma once

#include "workflow/local_options.h"
#include "workflow/node_runner.h"

#include <memory>

namespace caisson::workflow {

// change_text_case_*: the text in another case, by the rules of Unicode without those of any language. No options. The
// first two change letters only; the other two also leave one space between words and none around them (text.h).

[[nodiscard]] std::unique_ptr<NodeRunner> make_upper_case(OptionReader& options);
[[nodiscard]] std::unique_ptr<NodeRunner> make_lower_case(OptionReader& options);
[[nodiscard]] std::unique_ptr<NodeRunner> make_proper_case(OptionReader& options);
[[nodiscard]] std::unique_ptr<NodeRunner> make_title_case(OptionReader& options);

}  // namespace caisson::workflow
