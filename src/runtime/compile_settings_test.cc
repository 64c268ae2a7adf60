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
      "= '16MiB'\noptimise_later = false\n",
      "c.toml", "/etc/caisson");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->compile.here->value);
  EXPECT_FALSE(read->compile.optimises_later->value);
  EXPECT_EQ(read->compile.module_bytes->value, 64U << 20);
  const engine::CompileCaps caps = read->compile.caps();
  EXPECT_EQ(caps.cpu, std::chrono::seconds(120));
  EXPECT_EQ(caps.wall, std::chrono::seconds(90));
  EXPECT_EQ(caps.memory_bytes, 4ULL << 30);
  EXPECT_EQ(caps.code_bytes, 1ULL << 30);
  EXPECT_EQ(caps.optimised_bytes, 16U << 20);
  const auto lines = describe(read->compile);
  ASSERT_EQ(lines.size(), 8U);
  EXPECT_EQ(lines[1].name + " " + lines[1].value, "compile.optimise_later false");
  EXPECT_EQ(lines[3].name + " " + lines[3].value + " " + to_string(lines[3].origin), "compile.cpu 2m c.toml:4:7");
}

TEST(CompileSettings, WhatIsNotSaidIsBuiltIn) {
  const engine::CompileCaps caps = CompileSettings().caps();
  EXPECT_EQ(caps.cpu, engine::CompileCaps().cpu);
  EXPECT_EQ(caps.memory_bytes, engine::CompileCaps().memory_bytes);
  EXPECT_TRUE(CompileSettings().empty());
}

TEST(CompileSettings, TellWhatAModuleMayBeMadeOf) {
  const auto read = read_configuration(
      "[compile]\nmodule = '32MiB'\n[compile.structure]\nnesting = 2000\nsegments = '100k'\nbody_bytes = '2MiB'\n",
      "c.toml", "/etc/caisson");
  ASSERT_TRUE(read) << read.error().message;
  const engine::Metrics limits = read->compile.structural_limits();
  const auto of = [&](engine::Metric metric) { return limits[static_cast<std::size_t>(metric)]; };
  EXPECT_EQ(of(engine::Metric::kNesting), 2'000U);
  EXPECT_EQ(of(engine::Metric::kSegments), 100'000U);
  EXPECT_EQ(of(engine::Metric::kBodyBytes), 2U << 20);
  EXPECT_EQ(of(engine::Metric::kBytes), 32U << 20);
  EXPECT_EQ(of(engine::Metric::kCodeBytes), 32U << 20);
  EXPECT_EQ(of(engine::Metric::kFunctions), 50'000U);
  const auto lines = describe(read->compile);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[1].name + " " + lines[1].value, "compile.structure.body_bytes 2MiB");
  EXPECT_EQ(lines[2].name + " " + lines[2].value, "compile.structure.nesting 2_000");
  EXPECT_EQ(CompileSettings().structural_limits(), engine::structural_limits());
  CompileSettings settings = read->compile;
  settings.add({});
  EXPECT_EQ(settings, read->compile);
}

TEST(CompileSettings, ALaterSourceCounts) {
  CompileSettings settings{.here = {{true, {}}}, .optimises_later = {{false, {}}}, .code_bytes = {{5, {}}}};
  settings.add({.here = {{false, {}}}, .cpu_seconds = {{7, {}}}});
  EXPECT_FALSE(settings.here->value);
  EXPECT_FALSE(settings.optimises_later->value);
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
  EXPECT_NE(problems("[compile.structure]\nnestin = 3\n").find("did you mean 'nesting'?"), std::string::npos);
  EXPECT_NE(problems("[compile.structure]\nnesting = 0\n").find("compile.structure.nesting must be a"),
            std::string::npos);
  EXPECT_NE(problems("[compile.structure]\nbytes = 3\n"), "");
  EXPECT_NE(problems("[compile]\nstructure = 3\n").find("must be a map"), std::string::npos);
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
