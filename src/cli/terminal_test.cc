#include "cli/terminal.h"

#include "base/testing/fake_environment.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <initializer_list>
#include <string>
#include <utility>

namespace caisson::cli {
namespace {

using Colour = ReportOptions::Colour;
using Signs = ReportOptions::Signs;
using Variables = std::initializer_list<std::pair<std::string, std::string>>;

ReportOptions options_for(int descriptor, Look look, const Variables& variables) {
  base::FakeEnvironment environment;
  for (const auto& [name, value] : variables) {
    environment.set_variable(name, value);
  }
  return report_options(descriptor, look, environment);
}

bool utf8(const Variables& variables) { return options_for(-1, Look::kNormal, variables).signs == Signs::kUnicode; }

TEST(Terminal, TheLocaleDecidesAboutSigns) {
  EXPECT_TRUE(utf8({{"LANG", "C.UTF-8"}}));
  EXPECT_TRUE(utf8({{"LANG", "C.utf8"}}));
  EXPECT_FALSE(utf8({{"LANG", "C"}}));
  EXPECT_FALSE(utf8({{"LANG", "POSIX"}}));
}

TEST(Terminal, ALocaleThatNobodySetSaysNothing) {
  EXPECT_TRUE(utf8({}));
  EXPECT_TRUE(utf8({{"LANG", ""}}));
}

TEST(Terminal, TheVariablesCountInTheOrderOfPosix) {
  EXPECT_FALSE(utf8({{"LANG", "C.UTF-8"}, {"LC_CTYPE", "C"}}));
  EXPECT_TRUE(utf8({{"LANG", "C"}, {"LC_CTYPE", "C.UTF-8"}}));
  EXPECT_FALSE(utf8({{"LANG", "C.UTF-8"}, {"LC_CTYPE", "C.UTF-8"}, {"LC_ALL", "C"}}));
}

TEST(Terminal, ALocaleThatTheMachineDoesNotHaveCountsByItsName) {
  EXPECT_TRUE(utf8({{"LANG", "xx_XX.UTF-8"}}));
  EXPECT_TRUE(utf8({{"LANG", "xx_XX.utf8@euro"}}));
  EXPECT_FALSE(utf8({{"LANG", "xx_XX.ISO-8859-15"}}));
  EXPECT_FALSE(utf8({{"LANG", "xx_XX"}}));
}

TEST(Terminal, PlainIsAsciiWithoutColour) {
  const ReportOptions options = options_for(-1, Look::kPlain, {{"LANG", "C.UTF-8"}, {"TERM", "xterm"}});
  EXPECT_EQ(options.signs, Signs::kAscii);
  EXPECT_EQ(options.colour, Colour::kNever);
}

TEST(Terminal, BytesOfAGuestCannotSteerIt) {
  EXPECT_EQ(terminal_text("two\nlines\tand a tab\n"), "two\nlines\tand a tab\n");
  EXPECT_EQ(terminal_text("\x1b]0;title\x07\x1b[31m\r\x7f"), R"(\u{1b}]0;title\u{7}\u{1b}[31m\r\u{7f})");
  EXPECT_EQ(terminal_text("\xc2\x9b"
                          "31m\xff"),
            R"(\u{9b}31m\xff)");
  EXPECT_EQ(terminal_text("\xf0\x9f\xa6\x80 \xc3\xa4 \\n"), "\xf0\x9f\xa6\x80 \xc3\xa4 \\n");
  EXPECT_EQ(terminal_text(""), "");
}

TEST(Terminal, JsonCannotSteerItEither) {
  EXPECT_EQ(terminal_json("{\"a\": \"\xc2\x9b\x7f\xc2\xa0\"}\n"), "{\"a\": \"\\u009b\\u007f\xc2\xa0\"}\n");
  EXPECT_EQ(terminal_json("\xc2"), "\xc2");
}

TEST(Terminal, ColourOnlyOnATerminalThatShowsIt) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  const int file = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(terminal, 0);
  ASSERT_GE(file, 0);
  const auto colour = [](int descriptor, const Variables& variables, Look look = Look::kNormal) {
    return options_for(descriptor, look, variables).colour == Colour::kAlways;
  };
  EXPECT_TRUE(colour(terminal, {{"TERM", "xterm"}}));
  EXPECT_TRUE(colour(terminal, {{"TERM", "xterm"}, {"NO_COLOR", ""}})) << "an empty NO_COLOR counts as none";
  EXPECT_TRUE(colour(terminal, {{"TERM", "xterm"}, {"LANG", "C"}})) << "colour has nothing to do with the locale";
  EXPECT_FALSE(colour(terminal, {{"TERM", "xterm"}, {"NO_COLOR", "1"}}));
  EXPECT_FALSE(colour(terminal, {{"TERM", "dumb"}}));
  EXPECT_FALSE(colour(terminal, {}));
  EXPECT_FALSE(colour(terminal, {{"TERM", "xterm"}}, Look::kPlain));
  EXPECT_FALSE(colour(file, {{"TERM", "xterm"}}));
  ::close(terminal);
  ::close(file);
}

}  // namespace
}  // namespace caisson::cli
