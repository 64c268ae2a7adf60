#include "cli/arguments.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace caisson::cli {
namespace {

using Words = std::vector<std::string>;

/// A command with one option of each kind.
struct Sample {
  Sample() {
    arguments.usage("[OPTIONS] FILE...")
        .about("Does something.")
        .operand("FILE", "A file")
        .flag("--json", "As JSON", json)
        .choice("--strategy", {"work_queue", "level"}, "Which one", strategy)
        .path("--input-file", "From where", path)
        .number("--max-concurrency", 1, 1024, "How many", number)
        .example("caisson sample x", "Does it to x.");
  }
  Result<Arguments::Parsed> parse(const Words& words) { return arguments.parse(words); }

  bool json = false;
  std::optional<std::string> strategy;
  std::optional<std::string> path;
  std::optional<std::size_t> number;
  Arguments arguments{"sample"};
};

std::string message_of(const Words& words) {
  Sample sample;
  const auto parsed = sample.parse(words);
  EXPECT_FALSE(parsed.has_value());
  if (parsed) {
    return {};
  }
  EXPECT_EQ(parsed.error().reason, kUsage);
  return parsed.error().message;
}

TEST(Arguments, OptionsAndOperandsInAnyOrder) {
  Sample sample;
  const auto parsed = sample.parse(
      {"a.yaml", "--json", "--strategy", "level", "b.yaml", "--input-file=in.txt", "--max-concurrency", "8"});
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(parsed->operands, (Words{"a.yaml", "b.yaml"}));
  EXPECT_TRUE(sample.json);
  EXPECT_EQ(sample.strategy, "level");
  EXPECT_EQ(sample.path, "in.txt");
  EXPECT_EQ(sample.number, 8U);
  EXPECT_FALSE(parsed->help);
}

TEST(Arguments, NothingIsSetByDefault) {
  Sample sample;
  const auto parsed = sample.parse({});
  ASSERT_TRUE(parsed.has_value());
  EXPECT_TRUE(parsed->operands.empty());
  EXPECT_FALSE(sample.json);
  EXPECT_FALSE(sample.strategy || sample.path || sample.number);
}

TEST(Arguments, OperandsKeepTheirBytes) {
  // What a command-line library may take for lists, escapes, options or separators.
  const Words words{"[3, 4]", "{}",  "%%",   "",     "a,b",  "\"quoted\"", "-",    "-5",
                    "++",     "a=b", "\xff", "a\nb", "help", "[",          "'--'", "/windows"};
  Sample sample;
  const auto parsed = sample.parse(words);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(parsed->operands, words);
}

TEST(Arguments, EverythingBehindTwoDashesIsAnOperand) {
  Sample sample;
  const auto parsed = sample.parse({"a", "--", "--json", "-h", "--", "--nonsense"});
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(parsed->operands, (Words{"a", "--json", "-h", "--", "--nonsense"}));
  EXPECT_FALSE(sample.json);
}

TEST(Arguments, ValuesKeepTheirBytes) {
  for (const std::string value : {"[a,b]", "{}", "-", "a b", "\xff"}) {
    Sample sample;
    ASSERT_TRUE(sample.parse({"--input-file", value}).has_value());
    EXPECT_EQ(sample.path, value);
  }
}

TEST(Arguments, TheLastValueCounts) {
  Sample sample;
  ASSERT_TRUE(sample.parse({"--strategy", "level", "--strategy", "work_queue", "--json", "--json"}).has_value());
  EXPECT_EQ(sample.strategy, "work_queue");
  EXPECT_TRUE(sample.json);
}

TEST(Arguments, HelpCountsBeforeAnyMistake) {
  for (const Words& words : {Words{"--help"}, Words{"-h"}, Words{"--nonsense", "-h"}, Words{"a", "--json", "--help"}}) {
    Sample sample;
    const auto parsed = sample.parse(words);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    EXPECT_TRUE(parsed->help);
  }
}

TEST(Arguments, UnknownOptionsAreNamedWithTheLikelyOne) {
  EXPECT_EQ(message_of({"--jsn"}),
            "unknown option '--jsn' (did you mean '--json'?); put `--` before a text that begins with a dash");
  EXPECT_EQ(message_of({"--input_file=secret.txt"}),
            "unknown option '--input_file' (did you mean '--input-file'?); put `--` before a text that begins with a "
            "dash");
  EXPECT_EQ(message_of({"-x"}), "unknown option '-x'; put `--` before a text that begins with a dash");
  EXPECT_EQ(message_of({"--e\x1b[31m"}),
            "unknown option '--e\\u{1b}[31m'; put `--` before a text that begins with a dash");
}

TEST(Arguments, ValuesThatDoNotFit) {
  EXPECT_EQ(message_of({"--strategy", "levle"}),
            "option '--strategy': 'levle' is none of work_queue, level (did you mean 'level'?)");
  EXPECT_EQ(message_of({"--max-concurrency", "0"}),
            "option '--max-concurrency': '0' is not a whole number from 1 to 1024");
  for (const std::string number : {"1025", "-1", "3.5", "many", "", " 3", "99999999999999999999", "0x10"}) {
    EXPECT_EQ(message_of({"--max-concurrency", number}),
              "option '--max-concurrency': '" + number + "' is not a whole number from 1 to 1024");
  }
}

TEST(Arguments, ValuesThatAreMissing) {
  EXPECT_EQ(message_of({"--strategy"}), "option '--strategy' needs a value");
  EXPECT_EQ(message_of({"a", "--input-file"}), "option '--input-file' needs a value");
}

TEST(Arguments, InfoSaysWhatWasDescribed) {
  const CommandInfo info = Sample().arguments.info();
  EXPECT_EQ(info.name, "sample");
  EXPECT_EQ(info.usage, "[OPTIONS] FILE...");
  ASSERT_EQ(info.operands.size(), 1U);
  EXPECT_EQ(info.operands[0].name, "FILE");
  ASSERT_EQ(info.options.size(), 5U);
  EXPECT_EQ(info.options[0].name, "--json");
  EXPECT_EQ(info.options[0].value, "");
  EXPECT_EQ(info.options[1].value, "work_queue|level");
  EXPECT_EQ(info.options[1].choices, (Words{"work_queue", "level"}));
  EXPECT_EQ(info.options[2].value, kPathValue);
  EXPECT_TRUE(info.options[2].choices.empty());
  EXPECT_EQ(info.options[3].value, "N");
  EXPECT_EQ(info.options[4].name, "--help");
  EXPECT_EQ(info.options[4].letter, "-h");
}

}  // namespace
}  // namespace caisson::cli
