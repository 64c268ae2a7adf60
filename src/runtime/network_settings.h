#pragma once

#include "document/value.h"
#include "net/address.h"
#include "sandbox/grants.h"
#include "sandbox/policy_request.h"

#include <caisson/error.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace caisson::runtime {

/// Where an operator keeps a secret, and where it may be sent.
struct SecretSource {
  enum class Kind : std::uint8_t { kFile, kVariable, kCommand };
  std::string name{};
  Kind kind = Kind::kFile;
  std::string from{};                      ///< absolute path of the file or program, name of the variable
  std::vector<std::string> arguments{};    ///< of the program
  std::vector<sandbox::NetGrant> hosts{};  ///< with every method
  sandbox::Origin origin{};

  friend bool operator==(const SecretSource&, const SecretSource&) = default;
};

/// The sections `net` and `secrets` of a configuration: what only an operator may say.
struct NetworkSettings {
  std::vector<sandbox::Written<net::AddressRange>> addresses{};  ///< that may be reached though they are not public
  std::optional<sandbox::Written<std::string>> certificates{};   ///< absolute path of authorities in PEM
  std::vector<SecretSource> secrets{};                           ///< each name once

  [[nodiscard]] bool empty() const noexcept { return addresses.empty() && !certificates && secrets.empty(); }
  /// What is found in `later` too is replaced; ranges add up.
  void add(const NetworkSettings& later);

  friend bool operator==(const NetworkSettings&, const NetworkSettings&) = default;
};

/// Reads `net = {addresses, certificates}`. `folder`: where relative paths begin.
void read_net_section(const document::Value& value, const std::string& file, const std::string& folder,
                      std::vector<Diagnostic>& problems, NetworkSettings& out);
/// Reads `secrets = {NAME: {hosts, file | env | command}}`.
void read_secrets_section(const document::Value& value, const std::string& file, const std::string& folder,
                          std::vector<Diagnostic>& problems, NetworkSettings& out);

/// `file /run/key`, `variable KEY`, `command /usr/bin/pass show key`; without what it is for.
[[nodiscard]] std::string describe(const SecretSource& source);

}  // namespace caisson::runtime
