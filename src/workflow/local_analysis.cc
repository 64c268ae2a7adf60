#include "workflow/local_analysis.h"

#include "base/text_case.h"
#include "base/text_segments.h"
#include "document/print.h"
#include "workflow/local_text_runner.h"
#include "workflow/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace caisson::workflow {

namespace {

using document::Value;

constexpr std::array<std::string_view, 3> kCountTypes = {"words", "characters", "lines"};
constexpr std::size_t kMostListedWords = 1'000;

struct WordCount {
  std::string_view word;
  std::int64_t count;
};

/// The words of a text that is in lower case, sorted. They point into it.
std::vector<WordCount> count_words(std::string_view lower_text) {
  std::vector<std::string_view> words;
  base::WordCursor cursor(lower_text);
  while (const auto word = cursor.next()) {
    if (const std::string_view bare = base::strip_punctuation(*word); !bare.empty()) {
      words.push_back(bare);
    }
  }
  // Sorted rather than hashed: the result is sorted anyway, and no input makes sorting quadratic.
  std::ranges::sort(words);
  std::vector<WordCount> counts;
  for (const std::string_view word : words) {
    if (counts.empty() || counts.back().word != word) {
      counts.push_back({word, 0});
    }
    ++counts.back().count;
  }
  return counts;
}

/// Written piece by piece: as a Value, many short words would take many times their size.
std::string to_json(const std::vector<WordCount>& counts) {
  std::string out = "{";
  for (const WordCount& entry : counts) {
    out += out.size() > 1 ? "," : "";
    out += document::to_json(Value(entry.word)) + ':' + std::to_string(entry.count);
  }
  return out + '}';
}

Value frequency_metadata(std::vector<WordCount> counts) {
  const auto total = static_cast<std::int64_t>(counts.size());
  const std::size_t listed = std::min(counts.size(), kMostListedWords);
  std::ranges::partial_sort(counts, counts.begin() + static_cast<std::ptrdiff_t>(listed), {},
                            [](const WordCount& entry) { return std::tuple(-entry.count, entry.word); });
  counts.resize(listed);
  Value metadata = Value::map({{"total_unique_words", total}});
  if (static_cast<std::int64_t>(listed) < total) {
    metadata.set("listed_words", static_cast<std::int64_t>(listed));
  }
  for (const WordCount& entry : counts) {
    metadata.set("word_freq_" + std::string(entry.word), entry.count);
  }
  return metadata;
}

}  // namespace

std::unique_ptr<NodeRunner> make_token_counter(OptionReader& options) {
  const std::size_t shown = options.choice("count_type", kCountTypes, 0);
  return make_text_runner([shown](std::string_view text, const std::stop_token&) -> Result<TextOutput> {
    const TextCounts counts = count_text(text);
    const std::array<std::int64_t, kCountTypes.size()> by_type = {counts.words, counts.characters, counts.lines};
    return TextOutput{
        Payload(std::to_string(by_type[shown])),
        Value::map({{"char_count", counts.characters}, {"word_count", counts.words}, {"line_count", counts.lines}})};
  });
}

std::unique_ptr<NodeRunner> make_word_frequency_analyzer(OptionReader&) {
  return make_text_runner([](std::string_view text, const std::stop_token& stop) -> Result<TextOutput> {
    CAISSON_TRY(const std::string lower, base::to_lower(text));
    std::vector<WordCount> counts = count_words(lower);
    if (stop.stop_requested()) {
      return cancelled();
    }
    Payload payload(to_json(counts), Payload::kJson);
    return TextOutput{std::move(payload), frequency_metadata(std::move(counts))};
  });
}

}  // namespace caisson::workflow
