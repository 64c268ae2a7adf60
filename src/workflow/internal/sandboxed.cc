#include "workflow/internal/sandboxed.h"

#include <string>
#include <string_view>
#include <utility>

namespace caisson::workflow {

namespace {

/// Adds the line of the definition that changes the limit, for the limits a definition can set.
Error advise(Error error) {
  if (error.reason == "sandbox.out_of_fuel") {
    error.message +=
        "; `limits: {fuel: N}` of the node gives it more (`fuel_level: N` where a node has that), or `--limit "
        "fuel=N`, which "
        "counts instead";
  }
  return error;
}

}  // namespace

NodeOutcome outcome_of(sandbox::Outcome outcome) {
  NodeOutcome out;
  out.usage = std::move(outcome.usage);
  if (outcome.captured != sandbox::Captured() || outcome.exit_code || !outcome.violations.empty()) {
    out.details = SandboxDetails{std::move(outcome.captured), outcome.exit_code, std::move(outcome.violations)};
  }
  if (outcome.status == sandbox::OutcomeStatus::kOk) {
    out.payload = std::move(outcome.output);
  } else {
    out.error = advise(std::move(outcome.error).value_or(Error{Category::kInternal, "sandbox.host_error", "no cause"}));
  }
  return out;
}

document::Value capabilities_of(const sandbox::Grants& grants) {
  document::Value out = document::Value::list();
  const auto add_if = [&](bool granted, std::string_view name) {
    if (granted) {
      out.push(name);
    }
  };
  add_if(grants.wants_wasi(), "wasi");
  add_if(grants.stdin_is_input, "stdin");
  add_if(!grants.args.empty(), "args");
  add_if(!grants.env.empty(), "env");
  add_if(grants.clock != sandbox::ClockMode::kDenied, "clock");
  add_if(grants.random != sandbox::RandomMode::kDenied, "random");
  add_if(!grants.directories.empty(), "files");
  for (const std::string& group : grants.imports) {
    out.push(group);
  }
  return out;
}

}  // namespace caisson::workflow
