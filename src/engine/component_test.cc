#include "engine/component.h"

#include "base/testing/fake_environment.h"
#include "engine/engine.h"
#include "engine/host_function.h"
#include "engine/module_cache.h"
#include "engine/testing/guest_modules.h"
#include "observe/testing/recording_observer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace caisson::engine {
namespace {

using namespace std::chrono_literals;

HostVerdict log(HostCall& call) noexcept {
  auto& lines = *static_cast<std::string*>(call.context());
  lines += std::to_string(call.component().numbers[0]) + ":" + std::string(call.component().bytes) + "\n";
  if (call.component().bytes.empty()) {
    return call.stop(FaultKind::kStopped);
  }
  return call.charge(1'000'000) ? HostVerdict::kReturn : call.stop(FaultKind::kFuel);
}

constexpr std::array kFunctions = {HostFunction{"caisson:node/host@1.0.0", "log", {}, {}, &log, true}};

class ComponentEngineTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    environment_ = base::make_environment().release();
    engine_ = new std::shared_ptr<Engine>(
        Engine::create({.host_functions = kFunctions, .environment = environment_}).value());
  }
  static void TearDownTestSuite() {
    delete engine_;
    delete environment_;
  }
  static Engine& engine() { return **engine_; }
  static std::shared_ptr<const Module> compiled(std::string_view name) {
    return engine().compile(guest_module(name)).value();
  }
  static InstanceLimits limits() {
    InstanceLimits limits;
    limits.deadline = environment_->now() + 20s;
    limits.instances = 4;
    return limits;
  }
  ComponentOutcome call(const Module& module, std::string_view input, const InstanceLimits& limits) {
    return call_component(module, input, limits, std::stop_token(), *environment_, {&lines_, nullptr});
  }

  static inline base::Environment* environment_ = nullptr;
  static inline std::shared_ptr<Engine>* engine_ = nullptr;
  std::string lines_;
};

// Texts of the memory of the component: "hé!" in UTF-8 at 64.
const std::string kLogText("\0\x40\0\0\0\4\0\0\0", 9);

TEST_F(ComponentEngineTest, DescribesWhatAComponentHas) {
  const auto component = compiled("wat/component_strings");
  const ModuleInfo& info = component->info();
  EXPECT_EQ(info.kind, BinaryKind::kComponent);
  EXPECT_TRUE(component->linked()) << component->link_error();
  ASSERT_EQ(info.imports.size(), 1U);
  EXPECT_EQ(info.imports[0].module, "caisson:node/host@1.0.0");
  EXPECT_EQ(info.imports[0].name, "log");
  EXPECT_EQ(info.imports[0].wit, "func(level: enum { trace, debug, info, warning, error }, message: string)");
  const Export* process = info.find_export("caisson:node/processor@1.0.0#process");
  ASSERT_NE(process, nullptr);
  EXPECT_EQ(process->wit, "func(input: list<u8>) -> result<list<u8>, record { message: string, code: u16 }>");
  EXPECT_GT(component->compiled_bytes(), 1000U);
}

/// What the function of that name has as its only parameter.
std::string parameter(const ModuleInfo& info, std::string_view name) {
  constexpr std::string_view kBefore = "func(x: ";
  for (const Import& import : info.imports) {
    if (import.name == name && import.wit.starts_with(kBefore) && import.wit.ends_with(')')) {
      return import.wit.substr(kBefore.size(), import.wit.size() - kBefore.size() - 1);
    }
  }
  return "none";
}

TEST_F(ComponentEngineTest, TypesAreWrittenAsWitDoes) {
  const auto component = compiled("wat/component_types");
  const ModuleInfo& info = component->info();
  for (const std::string name :
       {"s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char", "string"}) {
    EXPECT_EQ(parameter(info, name), name);
  }
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"list", "list<option<u8>>"},
      {"tuple", "tuple<u8, string>"},
      {"result", "result"},
      {"result-ok", "result<u8>"},
      {"result-error", "result<_, u8>"},
      {"result-both", "result<u8, string>"},
      {"record", "record { a: u8, b: string }"},
      {"variant", "variant { a, b(u8) }"},
      {"enum", "enum { a, b }"},
      {"flags", "flags { a, b }"},
      {"owned", "resource"},
      {"borrowed", "resource"},
      {"deep", "list<list<list<list<list<list<list<list<list<...>>>>>>>>>"},
  };
  for (const auto& [name, text] : expected) {
    EXPECT_EQ(parameter(info, name), text);
  }
  EXPECT_LT(parameter(info, "long").size(), 1100U);
  EXPECT_GT(parameter(info, "long").size(), 900U);
  EXPECT_LT(parameter(info, "doubled").size(), 2000U);
}

TEST_F(ComponentEngineTest, FunctionsOfInterfacesStandOneByOne) {
  const auto component = compiled("wat/component_types");
  const ModuleInfo& info = component->info();
  const auto two = std::ranges::find(info.imports, "two", &Import::name);
  ASSERT_NE(two, info.imports.end());
  EXPECT_EQ(two->module, "a:b/plain@1.0.0");
  EXPECT_EQ(two->wit, "func(x: list<u8>, y: bool) -> result<string>");
  EXPECT_EQ(std::ranges::count(info.imports, "resource", &Import::name), 0) << "only functions of an interface count";
  const auto core = std::ranges::find(info.imports, "core", &Import::name);
  ASSERT_NE(core, info.imports.end());
  EXPECT_EQ(core->type, ExternType::kOther);
  EXPECT_EQ(core->module, "");
}

TEST_F(ComponentEngineTest, ATypeThatIsLongIsShortened) {
  const auto component = compiled("wat/component_wrong_world");
  EXPECT_FALSE(component->linked());
  EXPECT_NE(component->link_error().find("no interface"), std::string_view::npos) << component->link_error();
}

TEST_F(ComponentEngineTest, HostFunctionsGetWhatTheGuestGivesAndTakeFuel) {
  const auto component = compiled("wat/component_strings");
  const ComponentOutcome logged = call(*component, kLogText, limits());
  EXPECT_FALSE(logged.fault) << logged.fault->detail;
  EXPECT_EQ(lines_, "2:h\xc3\xa9!\n");
  EXPECT_GT(logged.usage.fuel, 1'000'000U);
  InstanceLimits few = limits();
  few.fuel = 900'000;
  const ComponentOutcome short_of_fuel = call(*component, kLogText, few);
  ASSERT_TRUE(short_of_fuel.fault);
  EXPECT_EQ(short_of_fuel.fault->kind, FaultKind::kFuel);
  EXPECT_EQ(short_of_fuel.usage.fuel, 900'000U);
}

TEST_F(ComponentEngineTest, AHostFunctionEndsTheGuest) {
  const ComponentOutcome outcome =
      call(*compiled("wat/component_strings"), std::string("\0\x40\0\0\0\0\0\0\0", 9), limits());
  ASSERT_TRUE(outcome.fault);
  EXPECT_EQ(outcome.fault->kind, FaultKind::kStopped);
}

TEST_F(ComponentEngineTest, AModuleIsNoComponent) {
  const ComponentOutcome outcome = call(*compiled("wat/abi_minimal"), "", limits());
  ASSERT_TRUE(outcome.fault);
  EXPECT_EQ(outcome.fault->kind, FaultKind::kHost);
}

TEST_F(ComponentEngineTest, LimitsWithoutATypeAreKnownByTheirTexts) {
  InstanceLimits one = limits();
  one.instances = 1;
  EXPECT_EQ(call(*compiled("wat/component_two_memories"), "x", one).fault->kind, FaultKind::kInstanceLimit);
  InstanceLimits little = limits();
  little.transfer_bytes = 100;
  EXPECT_EQ(call(*compiled("wat/component_echo"), std::string(100, 'x'), little).bytes.size(), 100U);
  EXPECT_EQ(call(*compiled("wat/component_echo"), std::string(101, 'x'), little).fault->kind,
            FaultKind::kTransferLimit);
}

TEST_F(ComponentEngineTest, TheCacheKeepsComponentsInAuthenticatedFiles) {
  base::FakeEnvironment files;
  observe::RecordingObserver observer;
  const ModuleCache::Options options{
      .engine = *engine_, .environment = &files, .observer = &observer, .directory = "/cache/aot"};
  const std::string wasm = guest_module("wat/component_echo");
  const auto compiled_first = ModuleCache(options).get(wasm).value();
  const auto loaded = ModuleCache(options).get(wasm).value();
  EXPECT_EQ(observer.events().back(), "engine.cache_hit{tier=disk}");
  EXPECT_EQ(loaded->info().kind, BinaryKind::kComponent);
  EXPECT_EQ(loaded->info().exports.size(), compiled_first->info().exports.size());
  EXPECT_EQ(call(*loaded, "abc", limits()).bytes, "abc");

  const auto kept = files.list_files("/cache/aot").value();
  for (const base::FileEntry& file : kept) {
    if (file.name.ends_with(".aot")) {
      const std::filesystem::path path = "/cache/aot/" + file.name;
      std::string bytes = files.read_file(path, 1 << 30).value();
      bytes.back() = 'M';  // the code of a component as that of a module
      ASSERT_TRUE(files.write_private_file(path, bytes));
    }
  }
  EXPECT_TRUE(ModuleCache(options).get(wasm));
  EXPECT_EQ(observer.count("engine.cache_rejected"), 1U);
}

TEST_F(ComponentEngineTest, CodeOfTheWrongKindIsNotLoaded) {
  std::string code = engine().serialize(*compiled("wat/component_echo")).value();
  EXPECT_TRUE(engine().load(code, {}));
  code.back() = 'M';
  EXPECT_EQ(engine().load(code, {}).error().reason, "engine.stale_code");
  code.back() = 'x';
  EXPECT_EQ(engine().load(code, {}).error().reason, "engine.stale_code");
  EXPECT_EQ(engine().load("", {}).error().reason, "engine.stale_code");
}

}  // namespace
}  // namespace caisson::engine
