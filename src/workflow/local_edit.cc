#include "workflow/local_edit.h"

#include "base/regex_replacer.h"
#include "base/text_segments.h"
#include "workflow/local_text_runner.h"

#include <array>

namespace caisson::workflow {

namespace {

constexpr std::array<std::string_view, 3> kFlags = {"ignore_case", "multiline", "dot_all"};

base::RegexFlags read_flags(OptionReader& options) {
  base::RegexFlags flags;
  const std::array<bool*, kFlags.size()> targets = {&flags.ignore_case, &flags.multiline, &flags.dot_all};
  for (const std::size_t index : options.choices("flags", kFlags)) {
    *targets[index] = true;
  }
  return flags;
}

/// The error of a replacement by this library's reasons.
Error named_here(Error error) {
  if (error.category == Category::kCancelled) {
    return cancelled();
  }
  if (error.reason == "regex.limit") {
    error.reason = "workflow.regex_limit";
  }
  return error;
}

}  // namespace

std::unique_ptr<NodeRunner> make_reverse_text(OptionReader&) {
  return make_text_runner([](std::string_view text, const std::stop_token&) -> Result<TextOutput> {
    CAISSON_TRY(std::string reversed, base::reverse_graphemes(text));
    return TextOutput{Payload(std::move(reversed))};
  });
}

std::unique_ptr<NodeRunner> make_prefix_suffix_adder(OptionReader& options) {
  return make_text_runner([prefix = options.text("prefix", "["), suffix = options.text("suffix", "]")](
                              std::string_view text, const std::stop_token&) -> Result<TextOutput> {
    std::string out;
    out.reserve(prefix.size() + text.size() + suffix.size());
    out.append(prefix).append(text).append(suffix);
    return TextOutput{Payload(std::move(out))};
  });
}

std::unique_ptr<NodeRunner> make_regex_replace(OptionReader& options) {
  const auto pattern = options.required_text("pattern");
  const auto replacement = options.required_text("replacement");
  const base::RegexFlags flags = read_flags(options);
  if (pattern && pattern->empty()) {
    options.problem("pattern", "option 'pattern' is empty, which would match between any two characters");
    return nullptr;
  }
  if (!pattern || !replacement) {
    return nullptr;
  }
  auto replacer = base::RegexReplacer::compile(*pattern, *replacement, flags);
  if (!replacer) {
    const bool in_replacement = replacer.error().reason == "regex.bad_replacement";
    options.problem(in_replacement ? "replacement" : "pattern", std::move(replacer).error().message);
    return nullptr;
  }
  return make_text_runner([replacer = std::move(replacer).value()](std::string_view text,
                                                                   const std::stop_token& stop) -> Result<TextOutput> {
    auto out = replacer.replace_all(text, {}, stop);
    if (!out) {
      return named_here(std::move(out).error());
    }
    return TextOutput{Payload(std::move(out).value())};
  });
}

}  // namespace caisson::workflow
