#include "language/image.h"

#include <gtest/gtest.h>

namespace caisson::language {
namespace {

TEST(Language, IsKnownByItsNames) {
  for (const Language language : kLanguages) {
    EXPECT_EQ(parse_language(to_string(language)), language);
    EXPECT_EQ(parse_language(title(language)), language);
  }
  EXPECT_EQ(parse_language("js"), Language::kJavaScript);
  EXPECT_EQ(parse_language("NodeJS"), Language::kJavaScript);
  EXPECT_EQ(parse_language("python3"), Language::kPython);
  EXPECT_EQ(parse_language("Python-Data"), Language::kPythonData);
  EXPECT_EQ(to_string(Language::kPythonData), "python-data");
  EXPECT_EQ(find_image(Language::kPythonData), nullptr);  // it is never a part of the program
  EXPECT_FALSE(parse_language("bash"));
  EXPECT_FALSE(parse_language(""));
}

TEST(Language, OfAFile) {
  EXPECT_EQ(language_of_file("a/b.py"), Language::kPython);
  EXPECT_EQ(language_of_file("x.MJS"), Language::kJavaScript);
  EXPECT_EQ(language_of_file("x.lua"), Language::kLua);
  EXPECT_FALSE(language_of_file(".lua"));
  EXPECT_FALSE(language_of_file("x.rb"));
}

}  // namespace
}  // namespace caisson::language
