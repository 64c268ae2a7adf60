#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace caisson {
struct Error;
}

namespace caisson::attack {

/// What came of an attack. The last run counts, except where it says otherwise.
struct Facts {
  std::string verdict = "NONE";         ///< `OK`, `E_DEADLINE` ...: see verdict_of
  std::string reason;                   ///< of the error: `sandbox.deadline`
  std::string output;                   ///< of the guest
  std::string said;                     ///< everything that anybody was told by all runs: reports, errors, notices
  std::vector<std::string> violations;  ///< kinds
  std::vector<std::string> notices;     ///< names, of all runs
  std::map<std::string, std::uint64_t> usage;  ///< as in the report: `memory_bytes`, `fuel`, `host_calls` ...
  std::chrono::milliseconds wall{0};
  std::uint64_t peak_resident_bytes = 0;   ///< of this process, of all runs
  std::uint64_t child_resident_bytes = 0;  ///< of the largest process it started
  std::vector<std::string> served;         ///< what reached the scene's servers: `NAME GET /path ...`
  std::vector<std::string> connected;      ///< what somebody wanted to be connected to: `10.0.0.5:80`
  std::filesystem::path folder;            ///< the scene
};

/// The name that a verdict has in tables of attacks: E_DEADLINE, E_FUEL, E_MEM, E_STACK, E_TRAP, E_OUTPUT, E_COMPILE,
/// E_STRUCT, E_LINK, E_DENIED, E_ENDED, E_INTEGRITY, E_POLICY, E_QUOTA, E_DEF; otherwise the error's reason.
[[nodiscard]] std::string verdict_of(std::string_view reason);

}  // namespace caisson::attack
