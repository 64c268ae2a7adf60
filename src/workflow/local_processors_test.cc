#include "workflow/local_processors.h"

#include "document/parse.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace caisson::workflow {
namespace {

using document::Value;

/// Options that make each processor, for what holds for all of them.
Value options_for(std::string_view name) {
  if (name == "regex_replace") {
    return Value::map({{"pattern", "l+"}, {"replacement", "L"}});
  }
  if (name == "json_path") {
    return Value::map({{"pointer", ""}});
  }
  return {};
}

std::unique_ptr<NodeRunner> runner(std::string_view name) {
  auto made = make_local_processor(name, options_for(name));
  EXPECT_TRUE(made) << name << ": " << made.error().message;
  return std::move(made->runner);
}

/// The problems of the options in a YAML text: `line:column reason message`, one for each line.
std::string problems(std::string_view name, std::string_view yaml) {
  const auto options = document::parse_yaml(yaml, "f");
  EXPECT_TRUE(options) << options.error().message;
  const auto made = make_local_processor(name, *options);
  if (made) {
    return "none";
  }
  std::string out;
  for (const Diagnostic& d : made.error().diagnostics) {
    EXPECT_EQ(d.where.file, "");
    out +=
        std::to_string(d.where.line) + ':' + std::to_string(d.where.column) + ' ' + d.reason + ' ' + d.message + '\n';
  }
  return out;
}

class EveryProcessor : public testing::TestWithParam<std::string_view> {};

INSTANTIATE_TEST_SUITE_P(Names, EveryProcessor,
                         testing::ValuesIn(local_processor_names().begin(), local_processor_names().end()),
                         [](const auto& chosen) { return std::string(chosen.param); });

TEST_P(EveryProcessor, RefusesBytesThatAreNotUtf8) {
  const NodeOutcome outcome = runner(GetParam())->run({Payload("abc\xff")}, {});
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->category, Category::kInvalidArgument);
  EXPECT_EQ(outcome.error->reason, "workflow.invalid_utf8");
  EXPECT_EQ(outcome.error->message, "the input is not UTF-8 text: byte 0xff at offset 3 cannot stand there");
  EXPECT_FALSE(outcome.payload);
}

TEST_P(EveryProcessor, RunsNothingAfterAStop) {
  std::stop_source stop;
  stop.request_stop();
  const NodeOutcome outcome = runner(GetParam())->run({Payload("\"hello\"")}, stop.get_token());
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->category, Category::kCancelled);
  EXPECT_EQ(outcome.error->reason, "workflow.cancelled");
}

TEST_P(EveryProcessor, GivesTheSameForTheSame) {
  const auto same = runner(GetParam());
  const NodeInput input{Payload("\"Hello, world! hello\"")};
  const NodeOutcome first = same->run(input, {});
  const NodeOutcome second = runner(GetParam())->run(input, {});
  ASSERT_FALSE(first.error) << first.error->message;
  ASSERT_TRUE(first.payload);
  EXPECT_EQ(*first.payload, *second.payload);
  EXPECT_EQ(*first.payload, *same->run(input, {}).payload);
  EXPECT_EQ(first.metadata, second.metadata);
}

TEST_P(EveryProcessor, PassesOverTheIntentAndNothingElse) {
  Value options = options_for(GetParam());
  options.set("intent", "analyze");
  EXPECT_TRUE(make_local_processor(GetParam(), options));
  options.set("intnet", "analyze");
  const auto made = make_local_processor(GetParam(), options);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().category, Category::kInvalidArgument);
  EXPECT_EQ(made.error().reason, "workflow.bad_option");
  ASSERT_EQ(made.error().diagnostics.size(), 1U);
}

TEST_P(EveryProcessor, RefusesOptionsThatAreNoMap) {
  const auto made = make_local_processor(GetParam(), Value::list({1, 2}));
  ASSERT_FALSE(made);
  ASSERT_EQ(made.error().diagnostics.size(), 1U);
  EXPECT_EQ(made.error().message, "options must be a map, got a list");
}

TEST(LocalProcessors, AreTheOnesOfTheDocumentation) {
  const std::vector<std::string_view> expected = {"change_text_case_lower",
                                                  "change_text_case_proper",
                                                  "change_text_case_title",
                                                  "change_text_case_upper",
                                                  "json_path",
                                                  "prefix_suffix_adder",
                                                  "regex_replace",
                                                  "reverse_text",
                                                  "token_counter",
                                                  "word_frequency_analyzer"};
  const auto names = local_processor_names();
  EXPECT_EQ(std::vector<std::string_view>(names.begin(), names.end()), expected);
  EXPECT_TRUE(std::ranges::is_sorted(names));
}

TEST(LocalProcessors, OnlyTheCountersAnalyze) {
  for (const std::string_view name : local_processor_names()) {
    const bool counts = name == "token_counter" || name == "word_frequency_analyzer";
    EXPECT_EQ(make_local_processor(name, options_for(name)).value().intent,
              counts ? Intent::kAnalyze : Intent::kTransform)
        << name;
  }
}

TEST(LocalProcessors, SuggestANameForAnUnknownOne) {
  const auto made = make_local_processor("reverse_txt", {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().category, Category::kInvalidArgument);
  EXPECT_EQ(made.error().reason, "workflow.unknown_processor");
  EXPECT_EQ(made.error().message, "there is no local processor 'reverse_txt' (did you mean 'reverse_text'?)");
  EXPECT_EQ(make_local_processor("\x1b[2J", {}).error().message, "there is no local processor '\\u{1b}[2J'");
}

TEST(LocalOptions, NameUnknownOnesAndTheirPlace) {
  EXPECT_EQ(problems("prefix_suffix_adder", "prefix: a\nsufix: b\n\"\\e\": c\n"),
            "2:1 workflow.bad_option unknown option 'sufix' of prefix_suffix_adder (did you mean 'suffix'?)\n"
            "3:1 workflow.bad_option unknown option '\\u{1b}' of prefix_suffix_adder\n");
  EXPECT_EQ(problems("reverse_text", "prefix: a\n"),
            "1:1 workflow.bad_option unknown option 'prefix' of reverse_text; reverse_text has none\n");
  EXPECT_EQ(problems("reverse_text", "fuel_level: 5\n"),
            "1:1 workflow.bad_option unknown option 'fuel_level' of reverse_text; reverse_text has none\n");
}

TEST(LocalOptions, NameWrongKindsAndTheirPlace) {
  EXPECT_EQ(problems("prefix_suffix_adder", "prefix: 5\nsuffix:\n"),
            "1:9 workflow.bad_option option 'prefix' must be a string (write it in quotes), got an integer\n"
            "2:1 workflow.bad_option option 'suffix' has no value; write \"\" for an empty text\n");
  EXPECT_EQ(problems("token_counter", "count_type: wrods\n"),
            "1:13 workflow.bad_option option 'count_type' cannot be 'wrods'; allowed are words, characters, lines (did "
            "you mean 'words'?)\n");
  EXPECT_EQ(problems("regex_replace", "pattern: [a]\nreplacement: b\nflags: [ignore_case, loud, 3]\n"),
            "1:10 workflow.bad_option option 'pattern' must be a string (write it in quotes), got a list\n"
            "3:22 workflow.bad_option option 'flags' cannot be 'loud'; allowed are ignore_case, multiline, dot_all\n"
            "3:28 workflow.bad_option option 'flags' must be a string (write it in quotes), got an integer\n");
}

TEST(LocalOptions, NameWhatIsMissing) {
  EXPECT_EQ(problems("regex_replace", "flags: dot_all\n"),
            "1:1 workflow.bad_option regex_replace needs the option 'pattern'\n"
            "1:1 workflow.bad_option regex_replace needs the option 'replacement'\n");
  const auto made = make_local_processor("json_path", {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "json_path needs the option 'pointer'");
}

TEST(LocalOptions, CountTheProblemsInTheMessage) {
  const auto made = make_local_processor("prefix_suffix_adder", Value::map({{"prefix", 1}, {"suffix", 2}, {"x", 3}}));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "option 'prefix' must be a string (write it in quotes), got an integer (and 2 more)");
  EXPECT_EQ(made.error().diagnostics.size(), 3U);
}

}  // namespace
}  // namespace caisson::workflow
