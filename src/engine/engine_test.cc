#include "engine/engine.h"

#include "base/environment.h"
#include "engine/instance.h"
#include "engine/testing/guest_modules.h"
#include "observe/testing/recording_observer.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace caisson::engine {
namespace {

using namespace std::chrono_literals;

class EngineTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    environment_ = base::make_environment().release();
    engine_ = new std::shared_ptr<Engine>(Engine::create({.environment = environment_}).value());
  }
  static void TearDownTestSuite() {
    delete engine_;
    delete environment_;
  }

  static Engine& engine() { return **engine_; }
  static const base::Environment& environment() { return *environment_; }

  InstanceLimits limits() const {
    InstanceLimits limits;
    limits.deadline = environment().now() + 20s;
    return limits;
  }

  static inline base::Environment* environment_ = nullptr;
  static inline std::shared_ptr<Engine>* engine_ = nullptr;
  std::stop_token never_;
};

TEST_F(EngineTest, NamesItsWasmtime) {
  EXPECT_TRUE(wasmtime_version().starts_with("48.0."));
  EXPECT_EQ(engine().pool_state(), PoolState::kPooled);
}

TEST_F(EngineTest, DescribesWhatAModuleHas) {
  const auto module = engine().compile(guest_module("dynamic")).value();
  const ModuleInfo& info = module->info();
  EXPECT_TRUE(info.imports.empty());
  const Export* process = info.find_export("caisson_process");
  ASSERT_NE(process, nullptr);
  EXPECT_EQ(to_string(process->signature), "(i32, i32) -> i64");
  ASSERT_NE(info.find_export("memory"), nullptr);
  EXPECT_EQ(info.find_export("memory")->type, ExternType::kMemory);
  EXPECT_EQ(info.find_export("nothing"), nullptr);
  EXPECT_EQ(info.digest, base::sha256(guest_module("dynamic")));
}

// The C API's own description of a function type ends the process at a v128. (module (func (export "f") (param v128)))
TEST_F(EngineTest, AVectorInAnExportedTypeIsDescribedToo) {
  const std::string wasm(
      "\0asm\1\0\0\0"
      "\x01\x05\x01\x60\x01\x7b\x00"
      "\x03\x02\x01\x00"
      "\x07\x05\x01\x01"
      "f\x00\x00"
      "\x0a\x04\x01\x02\x00\x0b",
      8 + 7 + 4 + 7 + 6);
  const auto module = engine().compile(wasm);
  ASSERT_TRUE(module) << module.error().message;
  EXPECT_EQ(to_string((*module)->info().exports.at(0).signature), "(v128) -> ()");
}

std::string written(std::string_view name, ExternType type, const Signature& signature) {
  return std::string(name) + ": " +
         (type == ExternType::kFunction ? to_string(signature) : std::string(to_string(type)));
}

TEST_F(EngineTest, EveryKindOfImportAndExportIsThereInOrder) {
  const auto module = engine().compile(guest_module("wat/every_import"));
  ASSERT_TRUE(module) << module.error().message;
  std::vector<std::string> all;
  for (const Import& import : (*module)->info().imports) {
    all.push_back(written(import.module + "/" + import.name, import.type, import.signature));
  }
  for (const Export& item : (*module)->info().exports) {
    all.push_back(written(item.name, item.type, item.signature));
  }
  EXPECT_EQ(all, (std::vector<std::string>{
                     "/f: (i32) -> ()",
                     "m/table: table",
                     "m/gl\xc3\xb6"
                     "bal: global",
                     "wide: memory",
                     "g: global",
                     "t: table",
                     "all: (i32, i64, f32, f64, v128, funcref, externref) -> (v128, i32)",
                 }));
  EXPECT_EQ((*module)->info().exports.at(0).minimum_pages, 3U);
}

TEST_F(EngineTest, RefusesWhatTheProfileSwitchesOff) {
  for (const std::string& name : guest_module_names()) {
    if (name.find("wat/feature_") == std::string::npos || name == "wat/feature_baseline") {
      continue;
    }
    const auto module = engine().compile(guest_module(name));
    ASSERT_FALSE(module) << name;
    EXPECT_EQ(module.error().category, Category::kInvalidArgument) << name;
    EXPECT_TRUE(module.error().reason == "engine.unsupported_feature") << name << ": " << module.error().message;
  }
  EXPECT_TRUE(engine().compile(guest_module("wat/feature_baseline")));
}

TEST_F(EngineTest, NamesWhatIsWrongWithAModule) {
  const std::map<std::string, std::string> expected = {
      {"wat/type_error", "engine.malformed_module"},
      {"wat/truncated", "engine.not_wasm"},
      {"wat/wrong_version", "engine.not_wasm"},
      {"wat/component_type_blowup", "engine.malformed_module"},
      {"wat/component_async", "engine.unsupported_feature"},
      {"wat/legacy_component", "engine.legacy_component"},
      {"wat/table_10m", "engine.pool_too_small"},
      {"wat/memory_4gib", "engine.pool_too_small"},
  };
  for (const auto& [name, reason] : expected) {
    const auto module = engine().compile(guest_module(name));
    ASSERT_FALSE(module) << name;
    EXPECT_EQ(module.error().reason, reason) << name << ": " << module.error().message;
  }
}

TEST_F(EngineTest, EveryCommittedModuleCompilesOrIsRefusedWithAReason) {
  std::set<std::string> reasons;
  for (const std::string& name : guest_module_names()) {
    const auto module = engine().compile(guest_module(name));
    if (!module) {
      reasons.insert(module.error().reason);
    }
  }
  EXPECT_EQ(reasons, (std::set<std::string>{"engine.legacy_component", "engine.malformed_module", "engine.not_wasm",
                                            "engine.pool_too_small", "engine.unsupported_feature"}));
}

TEST_F(EngineTest, StateOfOneInstanceIsNotSeenByTheNext) {
  const auto module = engine().compile(guest_module("wat/state")).value();
  for (int i = 0; i < 20; ++i) {
    const auto in = limits();
    Instance instance(*module, in, never_, environment());
    ASSERT_FALSE(instance.start());
    for (const Export& entry : module->info().exports) {
      if (entry.type != ExternType::kFunction || entry.signature.results.size() != 1) {
        continue;
      }
      for (std::int32_t round = 0; round < 2; ++round) {
        std::array<Number, 1> value{};
        ASSERT_FALSE(instance.call(instance.function(entry.name), value)) << entry.name;
        if (round == 0) {
          EXPECT_EQ(value[0].i32, 0) << entry.name;
        }
      }
    }
  }
}

// More runs of written pages than one look at the kernel's map of them holds, and more bytes than are kept resident;
// then the same with pages that the kernel has put away: into swap, where the machine has some, which is what the patch
// of Wasmtime is for (ADR 0013).
TEST_F(EngineTest, NothingThatAnInstanceWroteIsLeftForTheNext) {
  constexpr std::size_t kPage = 4096;
  for (const std::string_view name : {"wat/memory_64mib", "dynamic"}) {
    const auto module = engine().compile(guest_module(name)).value();
    InstanceLimits in = limits();
    const auto with_memory = [&](const auto& use) {
      Instance instance(*module, in, never_, environment());
      ASSERT_FALSE(instance.start());
      ASSERT_GT(instance.memory().size(), 0);
      use(instance.memory());
    };
    std::vector<std::byte> fresh;
    with_memory([&](std::span<std::byte> memory) { fresh.assign(memory.begin(), memory.end()); });
    for (const bool put_away : {false, true}) {
      for (const std::size_t until : {fresh.size() / 8, fresh.size()}) {
        with_memory([&](std::span<std::byte> memory) {
          for (std::size_t at = 0; at < until; at += 2 * kPage) {
            memory[at] = std::byte(0xA5);
            memory[at + kPage - 1] = std::byte(0x5A);
          }
          if (put_away) {
            ASSERT_EQ(::madvise(memory.data(), memory.size(), MADV_PAGEOUT), 0);
          }
        });
        with_memory([&](std::span<std::byte> memory) {
          EXPECT_TRUE(std::ranges::equal(memory, fresh)) << name << (put_away ? ", put away, " : ", ") << until;
        });
      }
    }
  }
}

TEST_F(EngineTest, MoreInstancesThanSlotsAreRefusedNotFatal) {
  Profile profile = strict_profile();
  profile.pool_slots = 2;
  const auto small = Engine::create({.profile = profile, .environment = environment_}).value();
  const auto module = small->compile(guest_module("wat/abi_minimal")).value();
  const auto in = limits();
  Instance first(*module, in, never_, environment());
  Instance second(*module, in, never_, environment());
  Instance third(*module, in, never_, environment());
  EXPECT_FALSE(first.start());
  EXPECT_FALSE(second.start());
  const auto fault = third.start();
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->kind, FaultKind::kNoSlot) << fault->detail;
}

// The heap of exceptions takes a memory of the pool beside the guest's own.
TEST_F(EngineTest, WithExceptionsEverySlotCanBeUsed) {
  Profile profile = image_profile();
  profile.pool_slots = 3;
  const auto small = Engine::create({.profile = profile, .environment = environment_}).value();
  const auto module = small->compile(guest_module("wat/feature_exceptions")).value();
  const auto in = limits();
  std::array<std::optional<Instance>, 3> instances;
  for (auto& instance : instances) {
    instance.emplace(*module, in, never_, environment());
    ASSERT_FALSE(instance->start());
    std::array<Number, 1> value{};
    const auto fault = instance->call(instance->function(module->info().exports.front().name), value);
    EXPECT_FALSE(fault) << fault->detail;
  }
}

TEST_F(EngineTest, ContradictingSettingsAreAnErrorNotAnAbort) {
  Profile profile = strict_profile();
  profile.async_stack_bytes = profile.stack_bytes / 2;
  const auto engine = Engine::create({.profile = profile, .environment = environment_});
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().reason, "engine.bad_profile");
}

// In a suite without an engine of its own: a child would inherit the address space that engine has taken.
TEST(AddressSpace, WhenShortTheEngineFallsBackToOnDemandAndSaysSo) {
  // In a child: the limit is for a whole process and cannot be taken back.
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const rlimit limit{200ULL << 30, 200ULL << 30};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) {
      ::_exit(9);
    }
    const auto environment = base::make_environment();
    const std::stop_token never;
    observe::RecordingObserver observer;
    const auto engine = Engine::create({.observer = &observer, .environment = environment.get()});
    if (!engine || (*engine)->pool_state() != PoolState::kOnDemand || observer.count("engine.pool_unavailable") != 1) {
      ::_exit(1);
    }
    const auto module = (*engine)->compile(guest_module("wat/scalar"));
    if (!module) {
      ::_exit(2);
    }
    InstanceLimits in;
    in.deadline = environment->now() + 20s;
    Instance instance(**module, in, never, *environment);
    std::array<Number, 2> values{};
    values[0].i32 = 40;
    values[1].i32 = 2;
    ::_exit(!instance.start() && !instance.call(instance.function("add"), values) && values[0].i32 == 42 ? 0 : 3);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's own address space does not fit under such a limit";
#else
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
#endif
}

TEST(Profile, StackClassesRoundUp) {
  EXPECT_EQ(stack_class_for(0), StackClass::k1MiB);
  EXPECT_EQ(stack_class_for(1 << 20), StackClass::k1MiB);
  EXPECT_EQ(stack_class_for((1 << 20) + 1), StackClass::k4MiB);
  EXPECT_EQ(stack_class_for(1 << 30), StackClass::k4MiB);
  EXPECT_NE(fingerprint(strict_profile(StackClass::k1MiB)), fingerprint(strict_profile(StackClass::k4MiB)));
}

}  // namespace
}  // namespace caisson::engine
