// What each text processor makes of its input. Options and errors that all share: local_processors_test.cc.

#include "document/parse.h"
#include "document/print.h"
#include "workflow/local_processors.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <ctime>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace caisson::workflow {
namespace {

using document::Value;

NodeOutcome run(std::string_view name, std::string input, std::string_view yaml_options = "null") {
  const auto options = document::parse_yaml(yaml_options, "f");
  EXPECT_TRUE(options) << options.error().message;
  const auto made = make_local_processor(name, *options);
  EXPECT_TRUE(made) << made.error().message;
  return made->runner->run({Payload(std::move(input))}, {});
}

/// The payload; a failure as `reason: message`.
std::string output(std::string_view name, std::string input, std::string_view yaml_options = "null") {
  const NodeOutcome outcome = run(name, std::move(input), yaml_options);
  return outcome.error ? outcome.error->reason + ": " + outcome.error->message : std::string(outcome.payload->bytes());
}

TEST(ChangeTextCase, FollowsUnicode) {
  EXPECT_EQ(output("change_text_case_upper", "Straße ﬁn ŉ ΐ"), "STRASSE FIN ʼN \u0399\u0308\u0301");
  EXPECT_EQ(output("change_text_case_lower", "HELLO World ΟΔΟΣ ΣΑΣ. İ"), "hello world οδος σας. i̇");
  EXPECT_EQ(output("change_text_case_proper", "  hello \n WORLD of  ΟΔΟΣ "), "Hello World Of Οδος");
  EXPECT_EQ(output("change_text_case_title", "THE  lord OF the rings"), "The Lord of the Rings");
}

TEST(ChangeTextCase, UpperAndLowerKeepSpaces) {
  EXPECT_EQ(output("change_text_case_upper", "  a \n\n b\t"), "  A \n\n B\t");
  EXPECT_EQ(output("change_text_case_lower", "  A \r\n B\t"), "  a \r\n b\t");
}

TEST(ReverseText, KeepsCharactersWhole) {
  EXPECT_EQ(output("reverse_text", "hello world"), "dlrow olleh");
  EXPECT_EQ(output("reverse_text", "ae\u0301🇩🇪👩‍👩‍👧x\r\ny"),
            "y\r\nx👩‍👩‍👧🇩🇪e\u0301a");
}

TEST(PrefixSuffixAdder, WrapsTheText) {
  EXPECT_EQ(output("prefix_suffix_adder", "x"), "[x]");
  EXPECT_EQ(output("prefix_suffix_adder", "x", "{}"), "[x]");
  EXPECT_EQ(output("prefix_suffix_adder", "hello world-wasm", "prefix: \"🦀 Rust + WASM: \"\nsuffix: \" ✨\""),
            "🦀 Rust + WASM: hello world-wasm ✨");
  EXPECT_EQ(output("prefix_suffix_adder", "x", "prefix: '>>> '"), ">>> x]");
  EXPECT_EQ(output("prefix_suffix_adder", "x", "{prefix: '', suffix: ''}"), "x");
}

TEST(TextProcessors, TakeEmptyInput) {
  for (const char* name : {"change_text_case_upper", "change_text_case_lower", "change_text_case_proper",
                           "change_text_case_title", "reverse_text"}) {
    EXPECT_EQ(output(name, ""), "") << name;
  }
  EXPECT_EQ(output("prefix_suffix_adder", ""), "[]");
  EXPECT_EQ(output("token_counter", ""), "0");
  EXPECT_EQ(output("token_counter", "", "count_type: lines"), "1");
  EXPECT_EQ(output("word_frequency_analyzer", ""), "{}");
  EXPECT_EQ(output("regex_replace", "", "{pattern: a, replacement: b}"), "");
  EXPECT_EQ(output("regex_replace", "", "{pattern: ^$, replacement: b}"), "b");
  EXPECT_EQ(run("json_path", "", "pointer: ''").error->reason, "workflow.invalid_json");
}

TEST(TextProcessors, GiveText) {
  EXPECT_EQ(run("reverse_text", "x").payload->media_type(), Payload::kText);
  EXPECT_TRUE(run("reverse_text", "x").metadata.is_null());
  EXPECT_EQ(run("token_counter", "x").payload->media_type(), Payload::kText);
}

TEST(TokenCounter, ShowsTheCountThatWasAskedFor) {
  EXPECT_EQ(output("token_counter", "hello world"), "2");
  EXPECT_EQ(output("token_counter", "hello world", "count_type: words"), "2");
  EXPECT_EQ(output("token_counter", "héllo 🦀\nx", "count_type: characters"), "9");
  EXPECT_EQ(output("token_counter", "a\nb\n", "count_type: lines"), "2");
}

TEST(TokenCounter, HasAllCountsInItsMetadata) {
  EXPECT_EQ(run("token_counter", "héllo wörld\nx", "count_type: lines").metadata,
            Value::map({{"char_count", 13}, {"word_count", 3}, {"line_count", 2}}));
  EXPECT_EQ(run("token_counter", "").metadata, Value::map({{"char_count", 0}, {"word_count", 0}, {"line_count", 1}}));
}

TEST(WordFrequency, CountsWordsWhateverTheirCaseAndPunctuation) {
  EXPECT_EQ(output("word_frequency_analyzer", "hello world"), R"({"hello":1,"world":1})");
  EXPECT_EQ(output("word_frequency_analyzer", "\"Hello, hello!\" -- C++ don't (DON'T) «ÉTÉ» 🦀"),
            R"({"c++":1,"don't":2,"hello":2,"été":1,"🦀":1})");
  EXPECT_EQ(run("word_frequency_analyzer", "x").payload->media_type(), Payload::kJson);
}

TEST(WordFrequency, WritesJsonThatCanBeRead) {
  const std::string text = output("word_frequency_analyzer",
                                  "a\"b c\\d e\x01"
                                  "f a\"b");
  EXPECT_EQ(text, "{\"a\\\"b\":2,\"c\\\\d\":1,\"e\\u0001f\":1}");
  EXPECT_EQ(document::parse_json(text, "").value().find("a\"b")->as_integer()[0], 2);
}

TEST(WordFrequency, HasTheWordsInItsMetadataMostFrequentFirst) {
  EXPECT_EQ(run("word_frequency_analyzer", "b a c b").metadata,
            Value::map({{"total_unique_words", 3}, {"word_freq_b", 2}, {"word_freq_a", 1}, {"word_freq_c", 1}}));
  EXPECT_EQ(run("word_frequency_analyzer", "").metadata, Value::map({{"total_unique_words", 0}}));
}

TEST(WordFrequency, ListsAThousandWordsAtMostAndSaysSo) {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text += "w" + std::to_string(i) + ' ';
  }
  EXPECT_EQ(run("word_frequency_analyzer", text).metadata.find("listed_words"), nullptr);
  const Value metadata = run("word_frequency_analyzer", text + "zebra zebra").metadata;
  EXPECT_EQ(metadata.as_map()->size(), 1002U);
  EXPECT_EQ(*metadata.find("total_unique_words"), Value(1001));
  EXPECT_EQ(*metadata.find("listed_words"), Value(1000));
  EXPECT_EQ(metadata.as_map()->at(2).name, "word_freq_zebra");
  EXPECT_EQ(metadata.find("word_freq_w999"), nullptr);
  EXPECT_NE(metadata.find("word_freq_w998"), nullptr);
}

TEST(RegexReplace, ReplacesEveryMatch) {
  EXPECT_EQ(output("regex_replace", "hello world", "{pattern: 'l+', replacement: L}"), "heLo worLd");
  EXPECT_EQ(output("regex_replace", "John Smith", R"({pattern: '(\w+) (\w+)', replacement: '$2, $1'})"), "Smith, John");
  EXPECT_EQ(output("regex_replace", "a b", "{pattern: ' ', replacement: ''}"), "ab");
}

TEST(RegexReplace, TakesFlagsAsAListOrAlone) {
  EXPECT_EQ(output("regex_replace", "aA", "{pattern: a, replacement: x}"), "xA");
  EXPECT_EQ(output("regex_replace", "aA", "{pattern: a, replacement: x, flags: ignore_case}"), "xx");
  EXPECT_EQ(output("regex_replace", "a\na", "{pattern: ^a, replacement: x, flags: [multiline]}"), "x\nx");
  EXPECT_EQ(output("regex_replace", "a\nb", "{pattern: a.B, replacement: x, flags: [dot_all, ignore_case]}"), "x");
  EXPECT_EQ(output("regex_replace", "a\nb", "{pattern: a.b, replacement: x, flags: []}"), "a\nb");
}

TEST(RegexReplace, ChecksThePatternBeforeItRuns) {
  const auto made = [](const char* pattern, const char* replacement) {
    return make_local_processor("regex_replace", Value::map({{"pattern", pattern}, {"replacement", replacement}}));
  };
  EXPECT_EQ(made("(a", "x").error().reason, "workflow.bad_option");
  EXPECT_NE(made("(a", "x").error().message.find("a parenthesis without its partner"), std::string::npos);
  EXPECT_NE(made("", "x").error().message.find("'pattern' is empty"), std::string::npos);
  EXPECT_NE(made("a", "$1").error().message.find("asks for group 1"), std::string::npos);
  EXPECT_TRUE(made("(a)", "$1"));
}

TEST(RegexReplace, EndsACatastrophicPattern) {
  const NodeOutcome outcome = run("regex_replace", std::string(40, 'a') + '!', "{pattern: '(a|aa)+$', replacement: x}");
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->category, Category::kResourceExhausted);
  EXPECT_EQ(outcome.error->reason, "workflow.regex_limit");
}

TEST(RegexReplace, StopsWhenToldTo) {
  const auto made = make_local_processor("regex_replace", Value::map({{"pattern", "(a|aa)+$"}, {"replacement", "x"}}));
  ASSERT_TRUE(made);
  std::stop_source stop;
  NodeOutcome outcome;
  std::thread worker([&] { outcome = made->runner->run({Payload(std::string(60, 'a') + '!')}, stop.get_token()); });
  // Once the thread has used that much, it can only be in the middle of matching.
  clockid_t clock{};
  timespec used{};
  EXPECT_EQ(::pthread_getcpuclockid(worker.native_handle(), &clock), 0);
  while (used.tv_sec == 0 && used.tv_nsec < 20'000'000 && ::clock_gettime(clock, &used) == 0) {
    std::this_thread::yield();
  }
  stop.request_stop();
  worker.join();
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->category, Category::kCancelled);
  EXPECT_EQ(outcome.error->reason, "workflow.cancelled");
}

TEST(JsonPath, GivesAStringAsItsTextAndTheRestAsJson) {
  constexpr const char* kInput =
      R"({"name": "Zoë\n", "n": 1.50, "list": [ 1, {"a": null} ], "big": 9223372036854775807})";
  EXPECT_EQ(output("json_path", kInput, "pointer: /name"), "Zoë\n");
  EXPECT_EQ(run("json_path", kInput, "pointer: /name").payload->media_type(), Payload::kText);
  EXPECT_EQ(output("json_path", kInput, "pointer: /list"), R"([1,{"a":null}])");
  EXPECT_EQ(run("json_path", kInput, "pointer: /list").payload->media_type(), Payload::kJson);
  EXPECT_EQ(output("json_path", kInput, "pointer: /list/1/a"), "null");
  EXPECT_EQ(output("json_path", kInput, "pointer: /n"), "1.5");
  EXPECT_EQ(output("json_path", kInput, "pointer: /big"), "9223372036854775807");
  EXPECT_EQ(output("json_path", "\"all\"", "pointer: ''"), "all");
}

TEST(JsonPath, SaysWhatIsWrongWithItsInput) {
  const NodeOutcome missing = run("json_path", "{}", "pointer: /a");
  ASSERT_TRUE(missing.error);
  EXPECT_EQ(missing.error->category, Category::kNotFound);
  EXPECT_EQ(missing.error->reason, "workflow.json_path_missing");
  EXPECT_FALSE(missing.payload);

  const NodeOutcome broken = run("json_path", "{\n  \"a\": }", "pointer: /a");
  ASSERT_TRUE(broken.error);
  EXPECT_EQ(broken.error->category, Category::kInvalidArgument);
  EXPECT_EQ(broken.error->reason, "workflow.invalid_json");
  ASSERT_EQ(broken.error->diagnostics.size(), 1U);
  EXPECT_EQ(broken.error->diagnostics[0].where.line, 2);

  const NodeOutcome deep = run("json_path", std::string(300, '[') + std::string(300, ']'), "pointer: /0");
  ASSERT_TRUE(deep.error);
  EXPECT_EQ(deep.error->category, Category::kResourceExhausted);
  EXPECT_EQ(deep.error->reason, "workflow.input_too_large");
}

TEST(JsonPath, RefusesJsonPathByName) {
  const auto made = make_local_processor("json_path", Value::map({{"path", "$.a"}}));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().category, Category::kUnimplemented);
  EXPECT_EQ(made.error().reason, "workflow.json_path_unsupported");
  EXPECT_NE(made.error().message.find("use the option 'pointer'"), std::string::npos);
  ASSERT_EQ(made.error().diagnostics.size(), 1U);
  EXPECT_EQ(made.error().diagnostics[0].reason, "workflow.json_path_unsupported");

  const auto both = make_local_processor("json_path", Value::map({{"path", "$.a"}, {"pointer", "a"}, {"x", 1}}));
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().category, Category::kInvalidArgument);
  EXPECT_EQ(both.error().diagnostics.size(), 3U);
}

struct LargeCase {
  const char* name;
  const char* processor;
  const char* piece;  ///< repeated until there are ten megabytes of it
  const char* options = "null";

  friend std::ostream& operator<<(std::ostream& out, const LargeCase& chosen) { return out << chosen.name; }
};

class LargeInput : public testing::TestWithParam<LargeCase> {};

// Work that grows with the square of the input would take hours here, and the test's time limit ends it.
TEST_P(LargeInput, IsDoneInTimeThatGrowsWithIt) {
  std::string input;
  while (input.size() < 10'000'000) {
    input += GetParam().piece;
  }
  const NodeOutcome outcome = run(GetParam().processor, std::move(input), GetParam().options);
  ASSERT_FALSE(outcome.error) << outcome.error->message;
  EXPECT_FALSE(outcome.payload->empty());
}

INSTANTIATE_TEST_SUITE_P(
    Pieces, LargeInput,
    testing::Values(
        LargeCase{"Upper", "change_text_case_upper", "Straße "},
        LargeCase{"LowerSigmas", "change_text_case_lower", "Σ'''"},
        LargeCase{"Proper", "change_text_case_proper", "a "}, LargeCase{"Title", "change_text_case_title", "of x\n"},
        LargeCase{"ReverseFlags", "reverse_text", "🇩🇪"}, LargeCase{"ReverseOneCharacter", "reverse_text", "\u0301"},
        LargeCase{"Reverse", "reverse_text", "ab"}, LargeCase{"Wrap", "prefix_suffix_adder", "x"},
        LargeCase{"Count", "token_counter", "a\n"}, LargeCase{"Words", "word_frequency_analyzer", "a b c "},
        LargeCase{"OnlyPunctuation", "word_frequency_analyzer", "!"},
        LargeCase{"OneWord", "word_frequency_analyzer", "x"},
        LargeCase{"Regex", "regex_replace", "ab cd ", R"({pattern: '(\w+)\s+(\w+)', replacement: '$2 $1'})"}),
    [](const auto& chosen) { return std::string(chosen.param.name); });

TEST(LargeInput, OfJsonIsRead) {
  std::string input = "[";
  while (input.size() < 10'000'000) {
    input += R"({"name":"a name of some length","n":1},)";
  }
  input += "7]";
  const NodeOutcome outcome = run("json_path", input, "pointer: /100/name");
  ASSERT_FALSE(outcome.error) << outcome.error->message;
  EXPECT_EQ(outcome.payload->bytes(), "a name of some length");
}

}  // namespace
}  // namespace caisson::workflow
