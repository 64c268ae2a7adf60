#pragma once

#include "workflow/local_options.h"
#include "workflow/node_runner.h"

#include <memory>

namespace caisson::workflow {

/// token_counter: `count_type` says what is counted: `words` (unless given), `characters` (code points) or `lines`. The
/// payload is that number as text; the metadata has all three: `word_count`, `char_count`, `line_count` (at least 1).
[[nodiscard]] std::unique_ptr<NodeRunner> make_token_counter(OptionReader& options);

/// word_frequency_analyzer: how often each word occurs. No options.
///
/// A word is what stands between white space, in lower case, without the punctuation at its ends; what is nothing but
/// punctuation is no word (`"Hello, hello!" -- C++` has `hello` twice and `c++`). The payload is a JSON object, sorted
/// by the bytes of the words. The metadata has `total_unique_words`, and `word_freq_<word>` for the thousand most
/// frequent words, most frequent first; `listed_words` says how many that are when there are more.
[[nodiscard]] std::unique_ptr<NodeRunner> make_word_frequency_analyzer(OptionReader& options);

}  // namespace caisson::workflow
