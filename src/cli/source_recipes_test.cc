#include "cli/source_recipes.h"

#include <gtest/gtest.h>

namespace caisson::cli {
namespace {

std::string_view language_of(const char* file) {
  const SourceRecipe* recipe = find_source_recipe(file);
  return recipe == nullptr ? "none" : recipe->language;
}

TEST(SourceRecipes, AreFoundByTheEndingOfAName) {
  EXPECT_EQ(language_of("a.c"), "C");
  EXPECT_EQ(language_of("some/where/a.b.cpp"), "C++");
  EXPECT_EQ(language_of("A.RS"), "Rust");
  EXPECT_EQ(language_of("-.go"), "Go");
  EXPECT_EQ(language_of("a b;c.ts"), "AssemblyScript");
  EXPECT_EQ(language_of("a.py"), "code");
  for (const char* file : {"", "a", ".c", "a.c.", "a.wasm", "c", "rs/a"}) {
    EXPECT_EQ(language_of(file), "none") << file;
  }
}

}  // namespace
}  // namespace caisson::cli
