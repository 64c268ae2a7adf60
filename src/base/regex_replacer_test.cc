#include "base/regex_replacer.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace caisson::base {
namespace {

RegexReplacer compiled(std::string_view pattern, std::string_view replacement, const RegexFlags& flags = {}) {
  auto replacer = RegexReplacer::compile(pattern, replacement, flags);
  EXPECT_TRUE(replacer) << replacer.error().message;
  return std::move(replacer).value();
}

std::string replaced(std::string_view text, std::string_view pattern, std::string_view replacement,
                     const RegexFlags& flags = {}) {
  return compiled(pattern, replacement, flags).replace_all(text).value();
}

std::string reason(const Result<std::string>& result) { return result ? "none" : result.error().reason; }

TEST(RegexReplacer, ReplacesEveryMatch) {
  EXPECT_EQ(replaced("hello world", "o", "0"), "hell0 w0rld");
  EXPECT_EQ(replaced("hello", "x", "y"), "hello");
  EXPECT_EQ(replaced("", "x", "y"), "");
  EXPECT_EQ(replaced("", "^$", "y"), "y");
  EXPECT_EQ(replaced("aaa", "a", ""), "");
  EXPECT_EQ(replaced("a1b22", "[0-9]+", "#"), "a#b#");
  EXPECT_EQ(replaced(std::string_view("a\0b", 3), "\\x00", "-"), "a-b");
}

TEST(RegexReplacer, KeepsCharactersWhole) {
  EXPECT_EQ(replaced("🦀é", ".", "<$0>"), "<🦀><é>");
  EXPECT_EQ(replaced("🦀🦀", "x*", "-"), "-🦀-🦀-");
  EXPECT_EQ(replaced("Straße 日本", "\\p{Lu}|\\p{Han}", "_"), "_traße __");
  EXPECT_EQ(replaced("a", "a", "🦀"), "🦀");
}

TEST(RegexReplacer, PutsGroupsIntoTheReplacement) {
  EXPECT_EQ(replaced("John Smith", "(\\w+) (\\w+)", "$2, $1"), "Smith, John");
  EXPECT_EQ(replaced("2025-01", "(?<year>\\d+)-(?<month>\\d+)", "${month}/${year}"), "01/2025");
  EXPECT_EQ(replaced("ab", "(a)|(b)", "[$1$2]"), "[a][b]");  // a group that matched nothing is empty
  EXPECT_EQ(replaced("a", "(a)", "$10"), "a0");              // there is no group 10
  EXPECT_EQ(replaced("abcdefghijk", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", "$11$1"), "ka");
  EXPECT_EQ(replaced("a", "a", R"(\$0 \\ \n$0)"), "$0 \\ na");
}

TEST(RegexReplacer, FollowsItsFlags) {
  EXPECT_EQ(replaced("aA", "a", "x"), "xA");
  EXPECT_EQ(replaced("aA ΣσςſSs", "a|σ|s", "x", {.ignore_case = true}), "xx xxxxxx");
  EXPECT_EQ(replaced("a\na", "^a$", "x"), "a\na");
  EXPECT_EQ(replaced("a\na", "^a$", "x", {.multiline = true}), "x\nx");
  EXPECT_EQ(replaced("a\nb", "a.b", "x"), "a\nb");
  EXPECT_EQ(replaced("a\nb", "a.b", "x", {.dot_all = true}), "x");
}

struct BadPattern {
  const char* pattern;
  const char* message;
};

TEST(RegexReplacer, SaysWhatIsWrongWithAPattern) {
  for (const auto& [pattern, message] : std::vector<BadPattern>{
           {"(a", "a parenthesis without its partner (at character 2,"},
           {"a)", "a parenthesis without its partner (at character 2,"},
           {"[a", "a '[' without its ']' (at character 2,"},
           {"[b-a]", "a range [x-y] with y before x (at character 4,"},
           {"a{2,1}", "a repetition '{n,m}' with m less than n (at character 6,"},
           {"\\p{Klingon}", "a character property that is not known"},
           {"*", "something that cannot be read (at character 1,"},
           {"(a)\\2", "a reference to a group that does not exist"},
           {"(?<=a*)b", "a look-behind of unlimited length"},
           {"a\n\n(b", "at line 3, character 2,"},
       }) {
    const auto replacer = RegexReplacer::compile(pattern, "");
    ASSERT_FALSE(replacer) << pattern;
    EXPECT_EQ(replacer.error().category, Category::kInvalidArgument) << pattern;
    EXPECT_EQ(replacer.error().reason, "regex.bad_pattern") << pattern;
    EXPECT_NE(replacer.error().message.find(message), std::string::npos) << replacer.error().message;
  }
}

TEST(RegexReplacer, RefusesPatternsThatAreTooLongOrTooDeep) {
  const std::size_t most = RegexReplacer::kMostPatternBytes;
  EXPECT_TRUE(RegexReplacer::compile(std::string(most, 'a'), ""));
  EXPECT_EQ(RegexReplacer::compile(std::string(most + 1, 'a'), "").error().reason, "regex.bad_pattern");
  const auto deep = RegexReplacer::compile(std::string(5'000, '(') + std::string(5'000, ')'), "");
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().message.find("a hundred deep"), std::string::npos) << deep.error().message;
}

TEST(RegexReplacer, SaysWhatIsWrongWithAReplacement) {
  for (const auto& [replacement, message] : std::vector<BadPattern>{
           {"$2", "asks for group 2, and the pattern has 1 (at byte 2)"},
           {"x$", "a '$' that names no group"},
           {"$x", "a '$' that names no group"},
           {"${name}", "asks for a group \"name\", and the pattern has none of that name"},
           {"${}", "asks for a group \"\""},
           {"${name", "a '${' without its '}'"},
           {"x\\", "ends in a backslash"},
       }) {
    const auto replacer = RegexReplacer::compile("(a)", replacement);
    ASSERT_FALSE(replacer) << replacement;
    EXPECT_EQ(replacer.error().category, Category::kInvalidArgument) << replacement;
    EXPECT_EQ(replacer.error().reason, "regex.bad_replacement") << replacement;
    EXPECT_NE(replacer.error().message.find(message), std::string::npos) << replacer.error().message;
  }
}

TEST(RegexReplacer, EndsWhatTakesTooManySteps) {
  const auto replacer = compiled("(a|aa)+$", "x");
  const std::string text = std::string(60, 'a') + '!';
  const auto result = replacer.replace_all(text, {.steps = 1'000'000});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().category, Category::kResourceExhausted);
  EXPECT_EQ(result.error().reason, "regex.limit");
  EXPECT_NE(result.error().message.find("too many steps"), std::string::npos) << result.error().message;
  EXPECT_EQ(replacer.replace_all(std::string(60, 'a')).value(), "x") << "the pattern itself is not to blame";
}

TEST(RegexReplacer, AllowsMoreStepsForMoreText) {
  const auto replacer = compiled("(\\w+) (\\w+)", "$2 $1");
  std::string text;
  while (text.size() < 1'000'000) {
    text += "ab cd. ";
  }
  EXPECT_EQ(reason(replacer.replace_all(text, {.steps = 0, .steps_per_byte = 10})), "none");
  EXPECT_EQ(reason(replacer.replace_all(text, {.steps = 0, .steps_per_byte = 0})), "regex.limit");
}

TEST(RegexReplacer, EndsWhatNeedsTooMuchMemory) {
  const auto replacer = compiled("(a|b|ab)+$", "x");
  const std::string text(100'000, 'a');
  EXPECT_EQ(reason(replacer.replace_all(text)), "none");
  const auto result = replacer.replace_all(text, {.stack_bytes = 1 << 20});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, "regex.limit");
  EXPECT_NE(result.error().message.find("memory"), std::string::npos) << result.error().message;
}

TEST(RegexReplacer, EndsWhatTakesTooLong) {
  // Each place compares long runs, which ICU does not count as steps: with no limit of time this takes minutes.
  const auto replacer = compiled("(a*)\\1b", "x");
  const auto result = replacer.replace_all(std::string(20'000, 'a'), {.cpu_time = std::chrono::milliseconds(1)});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, "regex.limit");
  EXPECT_NE(result.error().message.find("takes too long"), std::string::npos) << result.error().message;
}

TEST(RegexReplacer, TakesLessTextWithABackReference) {
  const std::string text(1'000, 'x');
  const RegexLimits limits{.back_reference_text_bytes = 999};
  EXPECT_EQ(reason(compiled("(a)\\1", "x").replace_all(text, limits)), "regex.limit");
  EXPECT_EQ(reason(compiled("(?<n>a)\\k<n>", "x").replace_all(text, limits)), "regex.limit");
  EXPECT_EQ(reason(compiled("(a)\\\\1\\d", "x").replace_all(text, limits)), "none");
  EXPECT_EQ(reason(compiled("(a)\\1", "x").replace_all(text.substr(1), limits)), "none");
}

TEST(RegexReplacer, EndsWhatMakesTooMuchOutput) {
  const auto replacer = compiled("a", "0123456789");
  EXPECT_EQ(reason(replacer.replace_all("aaaaa", {.output_bytes = 50})), "none");
  EXPECT_EQ(reason(replacer.replace_all("aaaaa", {.output_bytes = 49})), "regex.limit");
  EXPECT_EQ(reason(replacer.replace_all("abbbb", {.output_bytes = 13})), "regex.limit");
}

TEST(RegexReplacer, StopsWhenToldTo) {
  std::stop_source stop;
  stop.request_stop();
  const auto slow = compiled("(a|aa)+$", "x").replace_all(std::string(60, 'a') + '!', {}, stop.get_token());
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().category, Category::kCancelled);
  EXPECT_EQ(slow.error().reason, "regex.cancelled");
}

TEST(RegexReplacer, CanBeUsedFromSeveralThreads) {
  const auto replacer = compiled("(\\w)(\\w)", "$2$1");
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&replacer] {
      for (int round = 0; round < 200; ++round) {
        EXPECT_EQ(replacer.replace_all("abcdef").value(), "badcfe");
      }
    });
  }
}

TEST(RegexReplacer, CanBeMoved) {
  RegexReplacer first = compiled("a", "b");
  RegexReplacer second = std::move(first);
  first = std::move(second);
  EXPECT_EQ(first.replace_all("a").value(), "b");
}

}  // namespace
}  // namespace caisson::base
