#include "workflow/local_processors.h"

#include "base/suggest.h"
#include "base/unicode.h"
#include "workflow/local_analysis.h"
#include "workflow/local_case.h"
#include "workflow/local_edit.h"
#include "workflow/local_json.h"
#include "workflow/local_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace caisson::workflow {

namespace {

struct ProcessorRow {
  std::string_view name;
  Intent intent;
  std::unique_ptr<NodeRunner> (*make)(OptionReader& options);
};

// Sorted by name.
constexpr std::array kProcessors = {
    ProcessorRow{"change_text_case_lower", Intent::kTransform, &make_lower_case},
    ProcessorRow{"change_text_case_proper", Intent::kTransform, &make_proper_case},
    ProcessorRow{"change_text_case_title", Intent::kTransform, &make_title_case},
    ProcessorRow{"change_text_case_upper", Intent::kTransform, &make_upper_case},
    ProcessorRow{"json_path", Intent::kTransform, &make_json_path},
    ProcessorRow{"prefix_suffix_adder", Intent::kTransform, &make_prefix_suffix_adder},
    ProcessorRow{"regex_replace", Intent::kTransform, &make_regex_replace},
    ProcessorRow{"reverse_text", Intent::kTransform, &make_reverse_text},
    ProcessorRow{"token_counter", Intent::kAnalyze, &make_token_counter},
    ProcessorRow{"word_frequency_analyzer", Intent::kAnalyze, &make_word_frequency_analyzer},
};
static_assert(std::ranges::is_sorted(kProcessors, {}, &ProcessorRow::name));

constexpr auto kNames = [] {
  std::array<std::string_view, kProcessors.size()> names;
  std::ranges::transform(kProcessors, names.begin(), &ProcessorRow::name);
  return names;
}();

}  // namespace

std::span<const std::string_view> local_processor_names() noexcept { return kNames; }

Result<LocalProcessor> make_local_processor(std::string_view name, const document::Value& options) {
  const auto row = std::ranges::find(kProcessors, name, &ProcessorRow::name);
  if (row == kProcessors.end()) {
    return Error{Category::kInvalidArgument, "workflow.unknown_processor",
                 fmt::format("there is no local processor '{}'{}", base::printable(base::shorten(name, 64)),
                             base::did_you_mean(name, kNames))};
  }
  OptionReader reader(row->name, options);
  LocalProcessor processor{row->make(reader), row->intent};
  CAISSON_CHECK(reader.finish());
  return processor;
}

}  // namespace caisson::workflow
