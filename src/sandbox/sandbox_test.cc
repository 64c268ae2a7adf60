// Every limit and every fault, through the one command-driven guest and the small modules that break a rule each.

#include "base/testing/campaign.h"
#include "base/unicode.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/module_cache.h"
#include "engine/testing/guest_modules.h"
#include "observe/testing/recording_observer.h"
#include "sandbox/executor.h"
#include "sandbox/testing/sandbox_fixture.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <map>
#include <semaphore>
#include <thread>

namespace caisson::sandbox {
namespace {

using namespace std::chrono_literals;

TEST_F(SandboxTest, GivesBackWhatTheGuestMadeOfTheInput) {
  const Outcome outcome = command("echo hello world");
  ASSERT_EQ(outcome.status, OutcomeStatus::kOk) << outcome.error->message;
  EXPECT_EQ(outcome.output.bytes(), "hello world");
  EXPECT_FALSE(outcome.error);
}

TEST_F(SandboxTest, SaysWhatACallUsed) {
  const Outcome outcome = command("touch 3000000\necho done");
  ASSERT_EQ(outcome.status, OutcomeStatus::kOk);
  EXPECT_EQ(outcome.usage.input_bytes, 23U);
  EXPECT_EQ(outcome.usage.output_bytes, 4U);
  EXPECT_GT(outcome.usage.fuel, 500U);
  EXPECT_LT(outcome.usage.fuel, 100'000U);
  EXPECT_GE(outcome.usage.memory_bytes, 3'000'000U);
  EXPECT_LT(outcome.usage.memory_bytes, 4'000'000U);
  EXPECT_GT(outcome.usage.wall.count(), 0);
  EXPECT_GT(outcome.usage.cpu.count(), 0);
}

TEST_F(SandboxTest, FuelIsDeterminate) {
  const auto fuel = command("burn 10000").usage.fuel;
  EXPECT_GT(fuel, 50'000U);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(command("burn 10000").usage.fuel, fuel);
  }
}

TEST_F(SandboxTest, FuelEndsAnEndlessLoop) {
  limits_.fuel = 1'000'000;
  const Outcome outcome = command("spin");
  EXPECT_EQ(outcome.status, OutcomeStatus::kLimit);
  EXPECT_EQ(reason(outcome), "sandbox.out_of_fuel");
  EXPECT_EQ(outcome.usage.fuel, 1'000'000U);
}

TEST_F(SandboxTest, TheDeadlineEndsAnEndlessLoop) {
  limits_.fuel.reset();
  limits_.timeout = 50ms;
  const Outcome outcome = command("spin");
  EXPECT_EQ(outcome.status, OutcomeStatus::kLimit);
  EXPECT_EQ(reason(outcome), "sandbox.deadline");
  EXPECT_EQ(outcome.error->category, Category::kDeadlineExceeded);
  EXPECT_GE(outcome.usage.wall, 50ms);
  EXPECT_LT(outcome.usage.wall, 50ms + kSlack);
}

TEST_F(SandboxTest, TheDeadlineHoldsForTheStartFunctionAndBulkInstructions) {
  limits_.fuel.reset();
  limits_.timeout = 50ms;
  EXPECT_EQ(reason(call(bind("wat/start_spins").value(), "")), "sandbox.deadline");
  const Outcome filling = command("fill 16000000 0");
  EXPECT_EQ(reason(filling), "sandbox.deadline");
  EXPECT_LT(filling.usage.wall, 50ms + kSlack);
}

TEST_F(SandboxTest, AfterTheEngineWasIdleTheDeadlineHoldsAgain) {
  // The ticker sleeps after a second without calls; only time itself can show that it wakes up.
  std::this_thread::sleep_for(1300ms);
  limits_.fuel.reset();
  limits_.timeout = 20ms;
  EXPECT_EQ(reason(command("spin")), "sandbox.deadline");
}

TEST_F(SandboxTest, StoppingEndsARunningCall) {
  limits_.fuel.reset();
  limits_.timeout = 60s;
  std::jthread stopper([this] {
    std::this_thread::yield();
    stop_.request_stop();
  });
  const Outcome outcome = command("spin");
  EXPECT_EQ(outcome.status, OutcomeStatus::kCancelled);
  EXPECT_EQ(reason(outcome), "sandbox.cancelled");
  EXPECT_EQ(reason(command("echo too late")), "sandbox.cancelled");
}

TEST_F(SandboxTest, MemoryGrowthOverTheLimitEndsTheCall) {
  limits_.memory_bytes = 8U << 20;
  const Outcome outcome = command("grow_until_refused");
  EXPECT_EQ(outcome.status, OutcomeStatus::kLimit);
  EXPECT_EQ(reason(outcome), "sandbox.memory_limit");
  EXPECT_EQ(outcome.usage.memory_bytes, 8U << 20);
  EXPECT_EQ(command("touch 4000000").status, OutcomeStatus::kOk);
  EXPECT_EQ(reason(command("touch 9000000")), "sandbox.memory_limit");
}

TEST_F(SandboxTest, MemoryThatAModuleDeclaresCountsBeforeItRuns) {
  for (const std::string_view name : {"wat/memory_65mib", "wat/memory_1025_pages"}) {
    const Outcome outcome = call(bind(name).value(), "x");
    EXPECT_EQ(outcome.status, OutcomeStatus::kLimit) << name;
    EXPECT_EQ(reason(outcome), "sandbox.memory_limit") << name;
  }
  EXPECT_EQ(call(bind("wat/memory_64mib").value(), "x").status, OutcomeStatus::kOk);
}

TEST_F(SandboxTest, TableGrowthOverTheLimitEndsTheCall) {
  const Outcome outcome = command("table_grow 200000");
  EXPECT_EQ(outcome.status, OutcomeStatus::kLimit);
  EXPECT_EQ(reason(outcome), "sandbox.table_limit");
}

TEST_F(SandboxTest, EndlessRecursionIsALimitAndTheThreadGoesOn) {
  limits_.fuel.reset();
  for (int i = 0; i < 3; ++i) {
    const Outcome outcome = command("recurse 0");
    EXPECT_EQ(outcome.status, OutcomeStatus::kLimit);
    EXPECT_EQ(reason(outcome), "sandbox.stack_overflow");
  }
  EXPECT_EQ(command("recurse 1000").output.bytes(), "1000");
}

TEST_F(SandboxTest, ADeeperStackClassHoldsDeeperRecursion) {
  const auto deep = engine::Engine::create({.profile = engine::strict_profile(engine::StackClass::k4MiB),
                                            .environment = shared().environment.get()})
                        .value();
  limits_.fuel.reset();
  const auto depth_ok = [&](const Guest& guest, int depth) {
    return call(guest, "recurse " + std::to_string(depth)).status == OutcomeStatus::kOk;
  };
  const Guest shallow_guest = bind("dynamic").value();
  const Guest deep_guest = bind_guest(deep->compile(engine::guest_module("dynamic")).value()).value();
  int depth = 1000;
  while (depth < 10'000'000 && depth_ok(shallow_guest, depth)) {
    depth *= 2;
  }
  EXPECT_FALSE(depth_ok(shallow_guest, depth));
  EXPECT_TRUE(depth_ok(deep_guest, depth));
  EXPECT_FALSE(depth_ok(deep_guest, depth * 8));
}

TEST_F(SandboxTest, ACallerWithASmallStackIsServedByThePool) {
  // 96 KiB of stack, less than the guest may use: running it here would end the process.
  Outcome outcome;
  base::ThreadPool small({.threads = 1, .stack_bytes = 192U << 10});
  std::binary_semaphore done(0);
  limits_.fuel.reset();
  small.submit([&] {
    EXPECT_FALSE(engine::has_stack_for(1 << 20));
    outcome = command("recurse 0");
    done.release();
  });
  done.acquire();
  EXPECT_EQ(reason(outcome), "sandbox.stack_overflow");
}

TEST_F(SandboxTest, OutputOverTheLimitIsNotCopied) {
  limits_.output_bytes = 1000;
  EXPECT_EQ(command("output 1000").output.size(), 1000U);
  const Outcome outcome = command("output 1001");
  EXPECT_EQ(outcome.status, OutcomeStatus::kLimit);
  EXPECT_EQ(reason(outcome), "sandbox.output_limit");
  EXPECT_TRUE(outcome.output.empty());
}

TEST_F(SandboxTest, InputOverTheLimitDoesNotReachTheGuest) {
  limits_.input_bytes = 10;
  EXPECT_EQ(command("echo 12345").status, OutcomeStatus::kOk);
  const Outcome outcome = command("echo 123456");
  EXPECT_EQ(outcome.status, OutcomeStatus::kInvalid);
  EXPECT_EQ(reason(outcome), "sandbox.input_too_large");
  EXPECT_EQ(outcome.usage.fuel, 0U);
}

TEST_F(SandboxTest, EveryKindOfTrapIsATrap) {
  for (const std::string kind :
       {"unreachable", "div", "overflow", "oob", "indirect", "null_call", "signature", "convert"}) {
    const Outcome outcome = command("trap " + kind);
    EXPECT_EQ(outcome.status, OutcomeStatus::kTrap) << kind;
    EXPECT_EQ(reason(outcome), "sandbox.trap") << kind << outcome.error->message;
  }
  EXPECT_EQ(command("trap div").error->message, "the guest trapped: integer division by zero");
  EXPECT_EQ(reason(call(bind("wat/start_traps").value(), "")), "sandbox.trap");
}

TEST_F(SandboxTest, EveryBadPointerIsRefusedAndEveryEdgeIsAllowed) {
  for (const std::string kind : {"end_plus_one", "huge_length", "huge_pointer", "all_ones", "past_end_zero", "wrap"}) {
    const Outcome outcome = command("bad_pointer " + kind);
    EXPECT_EQ(outcome.status, OutcomeStatus::kTrap) << kind;
    EXPECT_EQ(reason(outcome), "sandbox.bad_pointer") << kind;
  }
  EXPECT_EQ(command("bad_pointer end_zero").status, OutcomeStatus::kOk);
  EXPECT_EQ(command("bad_pointer last_byte").output.size(), 1U);
  EXPECT_GE(command("bad_pointer whole").output.size(), 65536U);
}

TEST_F(SandboxTest, AGuestsOwnErrorIsToldApart) {
  const Outcome outcome = command("error the cat is on the keyboard");
  EXPECT_EQ(outcome.status, OutcomeStatus::kGuestError);
  EXPECT_EQ(reason(outcome), "sandbox.guest_error");
  EXPECT_EQ(outcome.error->message, "the guest reports: the cat is on the keyboard (code 500)");
  EXPECT_EQ(command("error_code 413 too much").error->message, "the guest reports: too much (code 413)");
  EXPECT_EQ(command("error_raw not json").error->message, "the guest reports: not json (code 500)");
  EXPECT_EQ(command("error_raw \x1b[2J\xff").error->message, "the guest reports: \\u{1b}[2J\\xff (code 500)");
  EXPECT_LE(command("error " + std::string(100'000, 'x')).error->message.size(), 4200U);
}

TEST_F(SandboxTest, NothingOfOneCallIsSeenByTheNext) {
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(command("state").output.bytes(), "0");
    ASSERT_EQ(command("plant 16").status, OutcomeStatus::kOk);
    ASSERT_EQ(command("secret_scan 16").output.bytes(), "0");
  }
  EXPECT_NE(command("plant 16\nsecret_scan 16").output.bytes(), "0") << "the scan must find what is there";
}

TEST_F(SandboxTest, TheSourcesAppenderWorksInAllThreeForms) {
  for (const std::string_view name : {"wasm_appender", "appender_c", "appender_wat"}) {
    const Outcome outcome = call(bind(name).value(), "hello world");
    ASSERT_EQ(outcome.status, OutcomeStatus::kOk) << name << outcome.error->message;
    EXPECT_EQ(outcome.output.bytes(), "hello world-wasm") << name;
    EXPECT_EQ(call(bind(name).value(), "").output.bytes(), "-wasm") << name;
    EXPECT_EQ(call(bind(name).value(), "🦀").output.bytes(), "🦀-wasm") << name;
  }
  EXPECT_EQ(bind("wasm_appender")->abi, GuestAbi::kCStyle);
  EXPECT_EQ(bind("appender_c")->abi, GuestAbi::kBuffer);
}

TEST_F(SandboxTest, AModuleThatBreaksItsAbiIsRefusedWithAReason) {
  const std::map<std::string, std::string> at_binding = {
      {"wat/abi_none", "sandbox.missing_export"},
      {"wat/abi_no_memory", "sandbox.missing_export"},
      {"wat/abi_no_alloc", "sandbox.missing_export"},
      {"wat/abi_no_process", "sandbox.missing_export"},
      {"wat/abi_memory_is_global", "sandbox.missing_export"},
      {"wat/abi_process_wrong_signature", "sandbox.bad_signature"},
      {"wat/abi_alloc_wrong_signature", "sandbox.bad_signature"},
      {"wat/cstyle_no_process", "sandbox.missing_export"},
      {"wat/cstyle_no_allocate", "sandbox.missing_export"},
      {"wat/cstyle_no_deallocate", "sandbox.missing_export"},
      {"wat/cstyle_process_wrong_signature", "sandbox.bad_signature"},
      {"wat/cstyle_nul_terminated", "sandbox.unsupported_abi"},
      {"wat/import_env_foo", "sandbox.import_denied"},
      {"wat/import_several", "sandbox.import_denied"},
      {"wat/import_memory", "sandbox.import_denied"},
  };
  for (const auto& [name, expected] : at_binding) {
    const auto guest = bind(name);
    ASSERT_FALSE(guest) << name;
    EXPECT_EQ(guest.error().reason, expected) << name << ": " << guest.error().message;
  }
  const std::map<std::string, std::string> at_call = {
      {"wat/abi_alloc_zero", "sandbox.alloc_failed"},
      {"wat/abi_alloc_out_of_bounds", "sandbox.bad_pointer"},
      {"wat/abi_alloc_straddles_end", "sandbox.bad_pointer"},
      {"wat/abi_alloc_traps", "sandbox.trap"},
      {"wat/abi_version_2", "sandbox.unsupported_abi"},
      {"wat/cstyle_allocate_zero", "sandbox.alloc_failed"},
      {"wat/cstyle_null_result", "sandbox.guest_error"},
      {"wat/cstyle_result_out_of_bounds", "sandbox.bad_pointer"},
      {"wat/cstyle_length_out_of_bounds", "sandbox.bad_pointer"},
      {"wat/cstyle_out_len_out_of_bounds", "sandbox.bad_pointer"},
      {"wat/data_out_of_bounds", "sandbox.trap"},
      {"wat/elem_out_of_bounds", "sandbox.trap"},
      {"wat/abi_minimal", ""},
      {"wat/abi_grows_in_alloc", ""},
      {"wat/cstyle_minimal", ""},
      {"wat/cstyle_empty_result", ""},
  };
  for (const auto& [name, expected] : at_call) {
    const auto guest = bind(name);
    ASSERT_TRUE(guest) << name << ": " << guest.error().message;
    const Outcome outcome = call(*guest, "some input");
    EXPECT_EQ(reason(outcome), expected) << name << (outcome.error ? ": " + outcome.error->message : "");
  }
}

TEST_F(SandboxTest, ScalarFunctionsTakeAndGiveNumbers) {
  const auto run = [&](const std::string& function, std::string_view input) {
    const Outcome outcome = call(bind("wat/scalar", function).value(), input);
    return outcome.error ? outcome.error->reason : std::string(outcome.output.bytes());
  };
  EXPECT_EQ(run("add", "[40, 2]"), "42");
  EXPECT_EQ(run("add", "[-1, 4294967295]"), "-2");
  EXPECT_EQ(run("add", " [ 40 ,\t2\r\n]\n"), "42");
  EXPECT_EQ(run("add", "[0, -0]"), "0");
  EXPECT_EQ(run("add", "[4e1, 2]"), "sandbox.bad_arguments");
  EXPECT_EQ(run("fib", "[20]"), "6765");
  EXPECT_EQ(run("hypot", "[3, 4.0]"), "5.0");
  EXPECT_EQ(run("hypot", R"(["NaN", 1])"), R"("NaN")");
  EXPECT_EQ(run("hypot", R"(["Infinity", 1])"), R"("Infinity")");
  for (const std::string_view input :
       {"[1]", "[1,2,3]", "{}", "nonsense", "[1, \"2\"]", "[1, 2.5]", "[4294967296, 0]", "", "[", "[]", "[1, 2",
        "[1, 2]]", "[1, 2] 3", "[1 2]", "[1, 2,]", "[01, 2]", "[+1, 2]", "[1, -]", "[99999999999999999999, 0]"}) {
    EXPECT_EQ(run("add", input), "sandbox.bad_arguments") << input;
  }
}

TEST_F(SandboxTest, AMisnamedFunctionIsFound) {
  const auto guest = bind("wat/scalar", "ad");
  ASSERT_FALSE(guest);
  EXPECT_EQ(guest.error().reason, "sandbox.missing_export");
  EXPECT_NE(guest.error().message.find("did you mean 'add'?"), std::string::npos) << guest.error().message;
}

TEST_F(SandboxTest, EachCallIsToldToTheObserver) {
  (void)command("echo x");
  ASSERT_EQ(observer_.count("sandbox.call"), 1U);
  EXPECT_NE(observer_.events()[0].find("status=ok"), std::string::npos);
  (void)command("trap div");
  EXPECT_NE(observer_.events()[1].find("status=trap,reason=sandbox.trap"), std::string::npos);
}

TEST_F(SandboxTest, ACallIsListedAndKilled) {
  limits_.fuel.reset();
  CallRegistry calls;
  const Guest guest = bind("dynamic").value();
  Outcome outcome;
  {
    const std::jthread caller([&] {
      const InlineExecutor executor(
          {.environment = shared().environment.get(), .pool = &shared().pool, .calls = &calls});
      outcome = executor.call(guest, Payload("spin"), policy_, stop_.get_token(), {.run = "r", .node = "n"});
    });
    std::vector<RunningCall> running;
    while (running.empty()) {
      running = calls.list(*shared().environment);
    }
    EXPECT_EQ(running[0].run, "r");
    EXPECT_EQ(running[0].node, "n");
    EXPECT_EQ(running[0].module, guest.module->info().digest);
    EXPECT_FALSE(calls.kill(running[0].id + 1));
    EXPECT_TRUE(calls.kill(running[0].id));
  }
  EXPECT_EQ(outcome.status, OutcomeStatus::kCancelled);
  EXPECT_EQ(reason(outcome), "sandbox.killed");
  ASSERT_EQ(outcome.violations.size(), 1U);
  EXPECT_EQ(outcome.violations[0].kind, ViolationKind::kTermination);
  EXPECT_TRUE(calls.list(*shared().environment).empty());
}

TEST_F(SandboxTest, HostileAndHonestCallsSideBySide) {
  limits_.timeout = 10s;
  limits_.fuel = 2'000'000;
  std::atomic<int> wrong{0};
  const auto rounds = base::testing::campaign("sandbox_mixed_calls");
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (std::int64_t i = 0; i < rounds / 4; ++i) {
          const auto hostile = static_cast<std::size_t>(i) % 5;
          static constexpr std::array kAttacks = {"spin", "trap oob", "grow_until_refused", "bad_pointer wrap",
                                                  "recurse 0"};
          if (command(kAttacks[hostile]).status == OutcomeStatus::kOk) {
            ++wrong;
          }
          const std::string text = std::to_string(t) + ":" + std::to_string(i);
          if (command("echo " + text).output.bytes() != text) {
            ++wrong;
          }
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace caisson::sandbox
