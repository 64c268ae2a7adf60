#include "runtime/diagnose.h"

#include "engine/engine.h"
#include "sandbox/guest.h"

#include <fmt/format.h>
#include <chrono>

#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

namespace caisson::runtime {

namespace {

/// (module (func (export "answer") (result i32) (i32.const 42)) (func (export "spin") (loop (br 0))))
constexpr std::string_view kProbe(
    "\0asm\1\0\0\0"
    "\x01\x08\x02\x60\x00\x01\x7f\x60\x00\x00"
    "\x03\x03\x02\x00\x01"
    "\x07\x11\x02\x06"
    "answer\x00\x00\x04"
    "spin\x00\x01"
    "\x0a\x0e\x02\x04\x00\x41\x2a\x0b\x07\x00\x03\x40\x0c\x00\x0b\x0b",
    8 + 10 + 5 + 4 + 9 + 6 + 16);

sandbox::Outcome call_probe(Machinery& machinery, engine::ModuleCache& modules, const std::string& function,
                            const sandbox::Policy& policy) {
  sandbox::Outcome outcome;
  auto module = modules.get(kProbe);
  if (!module) {
    outcome.error = std::move(module).error();
    return outcome;
  }
  auto guest = sandbox::bind_guest(std::move(module).value(), function);
  if (!guest) {
    outcome.error = std::move(guest).error();
    return outcome;
  }
  return machinery.executor().call(*guest, Payload(), policy, std::stop_token());
}

Finding check_call(Machinery& machinery, engine::ModuleCache& modules) {
  const sandbox::Outcome outcome = call_probe(machinery, modules, "answer", {});
  const bool ok = outcome.status == sandbox::OutcomeStatus::kOk && outcome.output.bytes() == "42";
  return {"sandbox", ok,
          ok              ? fmt::format("a call took {} µs", outcome.usage.wall.count() / 1000)
          : outcome.error ? outcome.error->message
                          : "a call gave a wrong result"};
}

/// A limit that does not hold is worse than a sandbox that does not run: each of these must end an endless loop.
Finding check_limit(Machinery& machinery, engine::ModuleCache& modules, std::string subject,
                    const sandbox::Policy& policy, std::string_view reason) {
  const sandbox::Outcome outcome = call_probe(machinery, modules, "spin", policy);
  const bool ok = outcome.error && outcome.error->reason == reason;
  return {std::move(subject), ok,
          ok ? fmt::format("an endless loop ended after {} ms", outcome.usage.wall.count() / 1'000'000)
             : "an endless loop was not ended by it; do not run code you do not trust on this machine"};
}

/// How fast fuel burns here: measured, because it depends on the machine. A loop without memory accesses, so an upper
/// end.
Finding fuel_speed(Machinery& machinery, engine::ModuleCache& modules) {
  sandbox::Policy policy;
  policy.limits.fuel = 50'000'000;
  const sandbox::Outcome outcome = call_probe(machinery, modules, "spin", policy);
  const double seconds = std::chrono::duration<double>(outcome.usage.wall).count();
  if (outcome.usage.fuel == 0 || seconds <= 0) {
    return {"fuel speed", false, "it could not be measured: the engine counted nothing"};
  }
  const double each_second = static_cast<double>(outcome.usage.fuel) / seconds;
  const auto standard = static_cast<double>(sandbox::Limits().fuel.value_or(0));
  return {"fuel speed", true,
          fmt::format("about {:.0f} million units a second: the standard limit of {:.0f} million lasts about {:.0f} ms",
                      each_second / 1e6, standard / 1e6, standard / each_second * 1e3)};
}

Finding check_cache(Machinery& machinery) {
  const std::filesystem::path folder = machinery.cache_folder();
  if (folder.empty()) {
    return {"module cache", true, "in memory only: neither XDG_CACHE_HOME nor HOME is set"};
  }
  const Status usable = machinery.environment().make_private_directory(folder);
  return {"module cache", usable.has_value(), usable ? folder.native() : usable.error().message};
}

}  // namespace

std::vector<Finding> diagnose(Machinery& machinery) {
  std::vector<Finding> findings;
  findings.push_back({"caisson", true, std::string(version())});
  findings.push_back({"wasmtime", true, std::string(engine::wasmtime_version())});
  findings.push_back({"cpus", true, std::to_string(std::thread::hardware_concurrency())});
#if defined(__x86_64__)
  findings.push_back({"architecture", true, "x86-64"});
#else
  findings.push_back({"architecture", false, "not x86-64: sandboxes are only tested there"});
#endif
  findings.push_back(check_cache(machinery));
  Result<engine::ModuleCache*> modules = machinery.modules();
  if (!modules) {
    findings.push_back({"engine", false, modules.error().message});
    return findings;
  }
  const bool pooled = (*modules)->engine().pool_state() == engine::PoolState::kPooled;
  findings.push_back({"sandbox pool", pooled,
                      pooled ? fmt::format("{} slots", (*modules)->engine().profile().pool_slots)
                             : "the address space is too short for it: calls are slower; raise `ulimit -v`"});
  findings.push_back(check_call(machinery, **modules));
  sandbox::Policy fuel;
  fuel.limits.fuel = 1'000'000;
  findings.push_back(check_limit(machinery, **modules, "fuel limit", fuel, "sandbox.out_of_fuel"));
  findings.push_back(fuel_speed(machinery, **modules));
  sandbox::Policy deadline;
  deadline.limits.fuel.reset();
  deadline.limits.timeout = std::chrono::milliseconds(50);
  findings.push_back(check_limit(machinery, **modules, "deadline", deadline, "sandbox.deadline"));
  return findings;
}

}  // namespace caisson::runtime
