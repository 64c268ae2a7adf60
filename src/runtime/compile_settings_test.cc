#include "runtime/configuration.h"

#include "base/testing/fake_environment.h"

#include <gtest/gtest.h>

#include <string>

namespace caisson::runtime {
namespace {

std::string problems(std::string_view text) {
  const auto read = read_configuration(text, "c.toml", "/etc/caisson");
  return read ? "" : read.error().message;
}

TEST(CompileSettings, AreTheCapsOfCompiling) {
  const auto read = read_configuration(
      "[compile]\nhere = true\nmodule = '64MB'\ncpu = '2m'\ntimeout = '90s'\nmemory = '4GiB'\ncode = '1GiB'\noptimised "
      "= '16MiB'\n",
      "c.toml", "/etc/caisson");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->compile.here->value);
  EXPECT_EQ(read->compile.module_bytes->value, 64U << 20);
  const engine::CompileCaps caps = read->compile.caps();
  EXPECT_EQ(caps.cpu, std::chrono::seconds(120));
  EXPECT_EQ(caps.wall, std::chrono::seconds(90));
  EXPECT_EQ(caps.memory_bytes, 4ULL << 30);
  EXPECT_EQ(caps.code_bytes, 1ULL << 30);
  EXPECT_EQ(caps.optimised_bytes, 16U << 20);
  const auto lines = describe(read->compile);
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[2].name + " " + lines[2].value + " " + to_string(lines[2].origin), "compile.cpu 2m c.toml:4:7");
}

TEST(CompileSettings, WhatIsNotSaidIsBuiltIn) {
  const engine::CompileCaps caps = CompileSettings().caps();
  EXPECT_EQ(caps.cpu, engine::CompileCaps().cpu);
  EXPECT_EQ(caps.memory_bytes, engine::CompileCaps().memory_bytes);
  EXPECT_TRUE(CompileSettings().empty());
}

TEST(CompileSettings, ALaterSourceCounts) {
  CompileSettings settings{.here = {{true, {}}}, .code_bytes = {{5, {}}}};
  settings.add({.here = {{false, {}}}, .cpu_seconds = {{7, {}}}});
  EXPECT_FALSE(settings.here->value);
  EXPECT_EQ(settings.cpu_seconds->value, 7U);
  EXPECT_EQ(settings.code_bytes->value, 5U);
}

TEST(CompileSettings, WhatIsWrongIsNamed) {
  EXPECT_EQ(problems("[compile]\ncpu = '0s'\n"),
            "c.toml:2:7: error: compile.cpu must be a duration such as 500ms, 2s or 1.5m, from 1s to 1h");
  EXPECT_NE(problems("[compile]\nmemory = '1KB'\n").find("from 64MiB to 64GiB"), std::string::npos);
  EXPECT_NE(problems("[compile]\nmemory = true\n").find("compile.memory must be"), std::string::npos);
  EXPECT_NE(problems("[compile]\nhere = 'yes'\n").find("true or false"), std::string::npos);
  EXPECT_NE(problems("[compile]\nmemry = '1GB'\n").find("did you mean 'memory'?"), std::string::npos);
  EXPECT_NE(problems("compile = 3\n").find("must be a map"), std::string::npos);
}

TEST(CompileSettings, AProjectSaysNothingAboutThem) {
  base::FakeEnvironment environment;
  environment.add_file("/project/caisson.toml", "[compile]\nhere = true\n");
  const auto configurations = Configurations::load(environment, {});
  ASSERT_TRUE(configurations);
  const auto with = configurations->with_project("/project/caisson.toml", environment);
  ASSERT_FALSE(with);
  EXPECT_NE(with.error().message.find("'compile'"), std::string::npos) << with.error().message;
}

}  // namespace
}  // namespace caisson::runtime
