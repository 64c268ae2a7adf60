#include "engine/optimiser.h"

#include "base/testing/fake_environment.h"
#include "base/testing/temporary_folder.h"
#include "engine/compile_child.h"
#include "engine/module_cache.h"
#include "engine/testing/guest_modules.h"
#include "observe/testing/recording_observer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <string>
#include <thread>

namespace caisson::engine {
namespace {

using namespace std::chrono_literals;

class OptimiserTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    real_ = base::make_environment().release();
    engine_ = new std::shared_ptr<Engine>(Engine::create({.environment = real_}).value());
  }
  static void TearDownTestSuite() {
    delete engine_;
    delete real_;
  }

  /// Every module is large: quick code first. `full` is what the compiling program does instead when it is to optimise.
  ModuleCache::Options options(const std::string& full = "") {
    const std::string compile = std::string("exec ") + CAISSON_COMPILE_PROGRAM + R"( "$@")";
    const std::string script = R"(for last; do :; done; case $last in full) )" + (full.empty() ? compile : full) +
                               ";; *) " + compile + ";; esac";
    ModuleCache::Options out{
        .engine = *engine_, .environment = &files_, .observer = &observer_, .directory = "/cache/aot"};
    out.compile_program = CompileProgram{"/bin/sh", {"-c", script, "compile", std::string(kCompileChild)}};
    out.compile_caps.optimised_bytes = 0;
    out.optimise_after = 0ms;
    return out;
  }
  std::size_t code_files() {
    const auto files = files_.list_files("/cache/aot").value();
    return static_cast<std::size_t>(
        std::ranges::count_if(files, [](const base::FileEntry& file) { return file.name.ends_with(".aot"); }));
  }
  std::size_t optimised() { return observer_.count("engine.module_optimised"); }

  static inline base::Environment* real_ = nullptr;
  static inline std::shared_ptr<Engine>* engine_ = nullptr;
  base::FakeEnvironment files_;
  observe::RecordingObserver observer_;
  const std::string wasm_ = guest_module("wat/scalar");
};

TEST_F(OptimiserTest, WhatWasCompiledQuicklyIsCompiledOnceMoreAndTheQuickCodeGoes) {
  {
    ModuleCache cache(options());
    const auto quick = cache.get(wasm_).value();
    cache.wait_for_optimiser();
    EXPECT_EQ(optimised(), 1U);
    const auto full = cache.get(wasm_).value();
    EXPECT_NE(full, quick);
    EXPECT_EQ(full->info().digest, quick->info().digest);
    EXPECT_EQ(code_files(), 1U) << "the quick code is gone";
  }
  ModuleCache another(options());
  EXPECT_TRUE(another.get(wasm_));
  EXPECT_EQ(observer_.events().back(), "engine.cache_hit{tier=disk}");
  another.wait_for_optimiser();
  EXPECT_EQ(observer_.count("engine.module_compiled"), 1U);
  EXPECT_EQ(optimised(), 1U) << "good code is not compiled again";
}

TEST_F(OptimiserTest, QuickCodeOfAFileIsOptimisedToo) {
  auto later = options();
  later.optimise_after = 1h;
  ASSERT_TRUE(ModuleCache(later).get(wasm_)) << "and the end of the cache does not wait for an hour";
  EXPECT_EQ(optimised(), 0U);
  ModuleCache cache(options());
  ASSERT_TRUE(cache.get(wasm_));
  EXPECT_EQ(observer_.events().back(), "engine.cache_hit{tier=disk}");
  cache.wait_for_optimiser();
  EXPECT_EQ(optimised(), 1U);
}

TEST_F(OptimiserTest, ItGivesWayToEveryOtherProcess) {
  const base::TemporaryFolder folder;
  ModuleCache cache(options("cat >/dev/null; mkdir " + (folder / "$(nice)").native() + "; exit 1"));
  ASSERT_TRUE(cache.get(wasm_));
  cache.wait_for_optimiser();
  EXPECT_TRUE(std::filesystem::exists(folder / "19"));
  EXPECT_EQ(optimised(), 0U);
  EXPECT_TRUE(cache.get(wasm_)) << "the quick code does as well";
}

TEST_F(OptimiserTest, WhatIsNotDoneAtTheEndIsKilledAndLeavesNothing) {
  const base::TemporaryFolder folder;
  {
    ModuleCache cache(options("mkdir " + (folder / "$$").native() + "; exec sleep 1000"));
    ASSERT_TRUE(cache.get(wasm_));
    while (std::filesystem::is_empty(folder.path())) {
      std::this_thread::yield();
    }
  }
  const int process = std::stoi(std::filesystem::directory_iterator(folder.path())->path().filename().native());
  EXPECT_EQ(::kill(process, 0), -1) << "it was killed, and waited for";
  EXPECT_EQ(code_files(), 1U);
  EXPECT_EQ(optimised(), 0U);
}

TEST_F(OptimiserTest, WhatIsTooMuchToOptimiseIsRememberedAndNotTriedAgain) {
  const base::TemporaryFolder folder;
  auto large = options("mkdir " + (folder / "$$").native() + "; exec head -c 2000000 /dev/zero");
  large.compile_caps.code_bytes = 1U << 20U;
  for (int process = 0; process < 2; ++process) {
    ModuleCache cache(large);
    ASSERT_TRUE(cache.get(wasm_));
    cache.wait_for_optimiser();
    ASSERT_TRUE(cache.get(wasm_));
    cache.wait_for_optimiser();
  }
  const std::filesystem::directory_iterator tries(folder.path());
  EXPECT_EQ(std::distance(begin(tries), end(tries)), 1);
}

TEST_F(OptimiserTest, AnOperatorSwitchesItOff) {
  auto off = options();
  off.optimise_after.reset();
  ModuleCache cache(off);
  ASSERT_TRUE(cache.get(wasm_));
  ASSERT_TRUE(cache.get(wasm_));
  cache.wait_for_optimiser();
  EXPECT_EQ(optimised(), 0U);
  EXPECT_EQ(code_files(), 1U);
}

}  // namespace
}  // namespace caisson::engine
