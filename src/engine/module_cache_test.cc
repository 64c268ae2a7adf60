#include "engine/module_cache.h"

#include "base/testing/campaign.h"
#include "base/testing/fake_environment.h"
#include "base/testing/temporary_folder.h"
#include "engine/compile_child.h"
#include "engine/testing/guest_modules.h"
#include "observe/testing/recording_observer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <random>
#include <thread>

namespace caisson::engine {
namespace {

class ModuleCacheTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    real_ = base::make_environment().release();
    engine_ = new std::shared_ptr<Engine>(Engine::create({.environment = real_}).value());
  }
  static void TearDownTestSuite() {
    delete engine_;
    delete real_;
  }

  ModuleCache::Options options() {
    return {.engine = *engine_, .environment = &files_, .observer = &observer_, .directory = "/cache/aot"};
  }
  /// The one file of compiled code, or an empty path.
  std::filesystem::path code_file() {
    const auto files = files_.list_files("/cache/aot").value();
    for (const base::FileEntry& file : files) {
      if (file.name.ends_with(".aot")) {
        return "/cache/aot/" + file.name;
      }
    }
    return {};
  }

  static inline base::Environment* real_ = nullptr;
  static inline std::shared_ptr<Engine>* engine_ = nullptr;
  base::FakeEnvironment files_;
  observe::RecordingObserver observer_;
  const std::string wasm_ = guest_module("wat/scalar");
};

TEST_F(ModuleCacheTest, CompilesOnceThenServesFromMemoryThenFromFiles) {
  {
    ModuleCache cache(options());
    const auto first = cache.get(wasm_).value();
    EXPECT_EQ(cache.get(wasm_).value(), first);
    EXPECT_EQ(observer_.count("engine.cache_miss"), 1U);
    EXPECT_EQ(observer_.events().back(), "engine.cache_hit{tier=memory}");
  }
  ModuleCache another(options());
  const auto loaded = another.get(wasm_).value();
  EXPECT_EQ(observer_.events().back(), "engine.cache_hit{tier=disk}");
  EXPECT_EQ(observer_.count("engine.module_compiled"), 1U);
  EXPECT_EQ(loaded->info().digest, base::sha256(wasm_));
  EXPECT_NE(loaded->info().find_export("add"), nullptr);
}

TEST_F(ModuleCacheTest, AnyChangedByteOfAFileIsNoticedBeforeItRuns) {
  ASSERT_TRUE(ModuleCache(options()).get(wasm_));
  const std::filesystem::path path = code_file();
  const std::string good = files_.file(path).value();
  std::mt19937_64 random(7);
  const auto rounds = base::testing::campaign("cache_corruptions");
  for (std::int64_t i = 0; i < rounds; ++i) {
    std::string bad = good;
    switch (i % 4) {
      case 0:  // one bit
        bad[random() % bad.size()] ^= static_cast<char>(1U << (random() % 8));
        break;
      case 1:  // cut off
        bad.resize(random() % bad.size());
        break;
      case 2:  // something behind
        bad += std::string(1 + random() % 100, 'x');
        break;
      default:  // two parts swapped
        std::swap(bad[16 + random() % 64], bad[80 + random() % (bad.size() - 80)]);
        break;
    }
    if (bad == good) {
      continue;
    }
    files_.add_file(path, bad);
    const std::size_t before = observer_.count("engine.cache_rejected");
    ModuleCache cache(options());
    ASSERT_TRUE(cache.get(wasm_));
    ASSERT_EQ(observer_.count("engine.cache_rejected"), before + 1) << "round " << i;
    ASSERT_EQ(files_.file(path)->size(), good.size()) << "the bad file was replaced by a good one";
  }
}

TEST_F(ModuleCacheTest, AFileOfAnotherInstallationIsRefused) {
  ASSERT_TRUE(ModuleCache(options()).get(wasm_));
  files_.add_file("/cache/aot/key", std::string(32, 'k'));
  ModuleCache cache(options());
  ASSERT_TRUE(cache.get(wasm_));
  EXPECT_EQ(observer_.count("engine.cache_rejected"), 1U);
}

TEST_F(ModuleCacheTest, AGoodFileUnderAnotherModulesNameIsRefused) {
  ModuleCache cache(options());
  ASSERT_TRUE(cache.get(wasm_));
  const std::filesystem::path scalar = code_file();
  const std::string code = files_.file(scalar).value();
  const std::string other = guest_module("wat/abi_minimal");
  ASSERT_TRUE(cache.get(other));
  const auto files = files_.list_files("/cache/aot").value();
  for (const base::FileEntry& file : files) {
    if (file.name.ends_with(".aot")) {
      files_.add_file("/cache/aot/" + file.name, code);  // each name now has the code of `scalar`
    }
  }
  ModuleCache fresh(options());
  const auto module = fresh.get(other).value();
  EXPECT_EQ(observer_.count("engine.cache_rejected"), 1U);
  EXPECT_EQ(module->info().find_export("add"), nullptr);
}

TEST_F(ModuleCacheTest, ProfilesDoNotShareFiles) {
  ASSERT_TRUE(ModuleCache(options()).get(wasm_));
  const auto deep = Engine::create({.profile = strict_profile(StackClass::k4MiB), .environment = real_}).value();
  auto other = options();
  other.engine = deep;
  ASSERT_TRUE(ModuleCache(other).get(wasm_));
  EXPECT_EQ(observer_.count("engine.module_compiled"), 2U);
  EXPECT_EQ(observer_.count("engine.cache_rejected"), 0U);
}

TEST_F(ModuleCacheTest, QuickCodeIsNotTakenForOptimised) {
  auto apart = options();
  apart.compile_program = CompileProgram{CAISSON_COMPILE_PROGRAM, {std::string(kCompileChild)}};
  apart.compile_caps.optimised_bytes = 0;
  ASSERT_TRUE(ModuleCache(apart).get(wasm_));
  apart.compile_caps.optimised_bytes = 1U << 30U;
  ASSERT_TRUE(ModuleCache(apart).get(wasm_));
  EXPECT_EQ(observer_.count("engine.module_compiled"), 2U);
}

TEST_F(ModuleCacheTest, WorksInMemoryWhenTheFolderCannotBeUsed) {
  files_.make_unsafe("/cache/aot");
  ModuleCache cache(options());
  EXPECT_EQ(observer_.count("engine.cache_unavailable"), 1U);
  const auto module = cache.get(wasm_).value();
  EXPECT_EQ(cache.get(wasm_).value(), module);
}

TEST_F(ModuleCacheTest, AFullDiskCostsTheFileNotTheModule) {
  ModuleCache cache(options());
  files_.fail_writes(Error{Category::kResourceExhausted, "file.no_space", "no space left"});
  EXPECT_TRUE(cache.get(wasm_));
  EXPECT_EQ(observer_.count("engine.cache_unavailable"), 1U);
  EXPECT_TRUE(code_file().empty());
}

TEST_F(ModuleCacheTest, ForgetsTheLeastRecentlyUsedInMemory) {
  auto small = options();
  small.directory.clear();
  small.max_memory_bytes = 1;
  ModuleCache cache(small);
  ASSERT_TRUE(cache.get(wasm_));
  const std::uint64_t one = cache.memory_bytes();
  EXPECT_GT(one, 0U);
  ASSERT_TRUE(cache.get(guest_module("wat/abi_minimal")));
  ASSERT_TRUE(cache.get(wasm_));
  EXPECT_EQ(observer_.count("engine.cache_miss"), 3U);
  EXPECT_EQ(cache.memory_bytes(), one);
}

TEST_F(ModuleCacheTest, RemovesTheLeastRecentlyUsedFiles) {
  auto small = options();
  ASSERT_TRUE(ModuleCache(small).get(wasm_));
  const std::filesystem::path oldest = code_file();
  small.max_disk_bytes = files_.file(oldest)->size() + 100;
  files_.advance(std::chrono::hours(1));
  ASSERT_TRUE(ModuleCache(small).get(guest_module("wat/abi_minimal")));
  EXPECT_FALSE(files_.file(oldest));
  EXPECT_FALSE(code_file().empty());
}

class RefusedModules : public ModuleCacheTest {
 protected:
  /// Compiling takes longer than it may, and leaves a folder each time: the program may write no file.
  ModuleCache::Options too_slow() {
    auto out = options();
    out.compile_program =
        CompileProgram{"/bin/sh", {"-c", "mkdir " + folder_.path().native() + "/$$; cat >/dev/null; exec sleep 60"}};
    out.compile_caps.wall = std::chrono::milliseconds(300);
    return out;
  }
  std::ptrdiff_t tries() const {
    return std::distance(std::filesystem::directory_iterator(folder_.path()), std::filesystem::directory_iterator());
  }
  std::size_t refusals() const {
    const auto files = files_.list_files("/cache/aot").value();
    return static_cast<std::size_t>(
        std::ranges::count_if(files, [](const base::FileEntry& file) { return file.name.ends_with(".refused"); }));
  }

  base::TemporaryFolder folder_;
};

TEST_F(RefusedModules, AreNotTriedAgain) {
  EXPECT_EQ(ModuleCache(too_slow()).get(wasm_).error().reason, "engine.compile_limit");
  const auto again = ModuleCache(too_slow()).get(wasm_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, "engine.compile_limit");
  EXPECT_NE(again.error().message.find("found before"), std::string::npos) << again.error().message;
  EXPECT_EQ(tries(), 1);
  EXPECT_EQ(refusals(), 1U);
  EXPECT_FALSE(ModuleCache(too_slow()).get(guest_module("wat/abi_minimal")));
  EXPECT_EQ(tries(), 2) << "another module is another question";
}

TEST_F(RefusedModules, AreTriedAgainWhenMoreIsAllowed) {
  EXPECT_FALSE(ModuleCache(too_slow()).get(wasm_));
  auto more = too_slow();
  more.compile_caps.wall = std::chrono::milliseconds(301);
  EXPECT_FALSE(ModuleCache(more).get(wasm_));
  EXPECT_EQ(tries(), 2);
  auto enough = options();
  enough.compile_program = CompileProgram{CAISSON_COMPILE_PROGRAM, {std::string(kCompileChild)}};
  EXPECT_TRUE(ModuleCache(enough).get(wasm_));
}

TEST_F(RefusedModules, LeaveOnlySoManyFiles) {
  for (int i = 0; i < 1'005; ++i) {
    files_.add_file("/cache/aot/" + std::to_string(i) + ".refused", "x");
  }
  files_.advance(std::chrono::hours(1));
  EXPECT_FALSE(ModuleCache(too_slow()).get(wasm_));
  EXPECT_EQ(refusals(), 1'000U);
  EXPECT_FALSE(ModuleCache(too_slow()).get(wasm_));
  EXPECT_EQ(tries(), 1) << "the newest is kept";
}

TEST_F(ModuleCacheTest, RefusesWhatIsTooLarge) {
  auto small = options();
  small.max_module_bytes = 10;
  const auto module = ModuleCache(small).get(wasm_);
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().reason, "engine.module_too_large");
}

TEST_F(ModuleCacheTest, ManyThreadsCompileOneModuleOnce) {
  ModuleCache cache(options());
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] { EXPECT_TRUE(cache.get(wasm_)); });
    }
  }
  EXPECT_EQ(observer_.count("engine.module_compiled"), 1U);
}

}  // namespace
}  // namespace caisson::engine
