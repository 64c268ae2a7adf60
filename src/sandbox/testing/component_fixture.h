#pragma once

#include "sandbox/testing/sandbox_fixture.h"

#include <string>
#include <string_view>

namespace caisson::sandbox {

/// Calls of the sample components, with everything granted that the probe imports.
class ComponentTest : public SandboxTest {
 protected:
  ComponentTest() {
    grants_.wasi = true;
    grants_.clock = ClockMode::kReal;
    grants_.random = RandomMode::kReal;
    grants_.imports = {"kv", "emit"};
  }

  /// Runs a command of the component of guests/samples/node_probe.
  Outcome command(std::string_view text) {
    static const Guest guest = bind("node_probe").value();
    return call(guest, text);
  }
  /// Its output, or reason and message of its failure.
  std::string output(std::string_view text) {
    const Outcome outcome = command(text);
    return outcome.error ? outcome.error->reason + ": " + outcome.error->message : std::string(outcome.output.bytes());
  }
  /// A component that imports nothing.
  Outcome echo(std::string_view input) {
    static const Guest guest = bind("wat/component_echo").value();
    return call(guest, input);
  }
};

}  // namespace caisson::sandbox
