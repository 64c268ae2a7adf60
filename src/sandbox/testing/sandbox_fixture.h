#pragma once

#include "base/environment.h"
#include "base/thread_pool.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/module_cache.h"
#include "engine/testing/guest_modules.h"
#include "observe/testing/recording_observer.h"
#include "sandbox/executor.h"
#include "sandbox/host_functions.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace caisson::sandbox {

/// Sanitizers and debug builds run guests' host side slower; generous for all, far below the limits under test.
inline constexpr auto kSlack = std::chrono::seconds(2);

/// One engine for all tests of a binary, and calls of the sample modules under `policy_`.
class SandboxTest : public ::testing::Test {
 protected:
  struct Shared {
    std::unique_ptr<base::Environment> environment = base::make_environment();
    base::ThreadPool pool{{.threads = 2, .stack_bytes = engine::thread_stack_for(4 << 20)}};
    engine::ModuleCache strict{
        {.engine =
             engine::Engine::create({.host_functions = host_functions(), .environment = environment.get()}).value(),
         .environment = environment.get()}};
  };
  /// Kept until the process ends: guests that are kept too need its engine.
  static Shared& shared() {
    static auto* const kept = new Shared;
    return *kept;
  }

  static Result<Guest> bind(std::string_view name, const std::optional<std::string>& function = std::nullopt) {
    auto module = shared().strict.get(engine::guest_module(name));
    if (!module) {
      return std::move(module).error();
    }
    return bind_guest(std::move(module).value(), function);
  }
  Outcome call(const Guest& guest, std::string_view input) {
    const InlineExecutor executor({.environment = shared().environment.get(),
                                   .pool = &shared().pool,
                                   .observer = &observer_,
                                   .calls = calls_,
                                   .http = http_,
                                   .secrets = secrets_});
    return executor.call(
        guest, Payload(std::string(input)), policy_, stop_.get_token(),
        {.run = "run", .node = "node", .storage = &storage_, .memory = memory_, .listener = listener_});
  }
  /// Runs a command of the test guest.
  Outcome command(std::string_view text) {
    static const Guest guest = bind("dynamic").value();
    return call(guest, text);
  }
  /// Runs a script of the probe (guests/samples/probe): what it printed, or the reason of the failure.
  Outcome probe(std::string_view script) {
    static const Guest guest = bind("probe").value();
    return call(guest, script);
  }
  std::string printed(std::string_view script) {
    const Outcome outcome = probe(script);
    return outcome.error ? outcome.error->reason + ": " + outcome.error->message : std::string(outcome.output.bytes());
  }
  static std::string reason(const Outcome& outcome) { return outcome.error ? outcome.error->reason : ""; }

  observe::RecordingObserver observer_;
  std::stop_source stop_;
  RunStorage storage_;
  RunMemory* memory_ = nullptr;
  CallRegistry* calls_ = nullptr;
  CallListener* listener_ = nullptr;
  const net::HttpClient* http_ = nullptr;
  const Secrets* secrets_ = nullptr;
  Policy policy_;
  Limits& limits_ = policy_.limits;
  Grants& grants_ = policy_.grants;
};

}  // namespace caisson::sandbox
