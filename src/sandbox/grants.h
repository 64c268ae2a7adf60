#pragma once

#include "engine/structure.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace caisson::sandbox {

enum class Access : std::uint8_t {
  kRead,
  kWrite,  ///< read and write
};

/// A directory of the host that a guest sees under a name of its own, with everything beneath it.
struct DirectoryGrant {
  std::string host;   ///< absolute path
  std::string guest;  ///< what the guest calls it
  Access access = Access::kRead;
  bool links = false;  ///< follows symbolic links that stay beneath it; otherwise every link is refused

  friend auto operator<=>(const DirectoryGrant&, const DirectoryGrant&) = default;
};

/// An environment variable.
struct VariableGrant {
  std::string name;
  std::optional<std::string> value{};  ///< nothing: that of the host process when the policy is resolved
  bool from_host = false;              ///< the value is that of the host process, and is never shown

  friend auto operator<=>(const VariableGrant&, const VariableGrant&) = default;
};

/// URLs a guest may ask for with `http.fetch`.
struct NetGrant {
  std::string pattern;                 ///< `https://api.example.com`, `https://*.example.com:8443/v1/*`
  std::vector<std::string> methods{};  ///< upper case; none: GET and HEAD

  friend auto operator<=>(const NetGrant&, const NetGrant&) = default;
};

enum class ClockMode : std::uint8_t {
  kDenied,
  kReal,
  kCoarse,   ///< real, rounded down to a millisecond
  kVirtual,  ///< begins at 2000-01-01 and only moves by what the guest sleeps and by a microsecond a reading
};

enum class RandomMode : std::uint8_t {
  kDenied,
  kReal,
  kSeeded,  ///< the same bytes for the same seed
};

/// What a guest may touch besides its own memory. Nothing, unless it is here.
struct Grants {
  bool wasi = false;  ///< WASI preview 1 as such: arguments, standard streams, exit; with nothing else inside
  std::vector<DirectoryGrant> directories{};
  std::vector<VariableGrant> env{};
  std::vector<std::string> args{};  ///< after the program's name
  bool stdin_is_input = false;      ///< the input of the call is standard input; otherwise that is empty
  ClockMode clock = ClockMode::kDenied;
  RandomMode random = RandomMode::kDenied;
  std::uint64_t random_seed = 0;  ///< of kSeeded
  std::vector<NetGrant> net{};
  std::vector<std::string> secrets{};  ///< names; the host fills in the values
  std::vector<std::string> imports{};  ///< operation groups of caisson_v1: `kv`, `emit`

  /// WebAssembly proposals that a module may use beyond engine::Proposals::baseline(); nothing: whatever its profile
  /// compiles.
  std::optional<engine::Proposals> features{};

  /// Whether functions of WASI are linked: granted as such, or by anything that needs it.
  [[nodiscard]] bool wants_wasi() const noexcept {
    return wasi || stdin_is_input || !directories.empty() || !env.empty() || !args.empty() ||
           clock != ClockMode::kDenied || random != RandomMode::kDenied;
  }

  friend bool operator==(const Grants&, const Grants&) = default;
};

}  // namespace caisson::sandbox
