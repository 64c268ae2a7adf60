#pragma once

#include "base/environment.h"
#include "net/address.h"
#include "net/patience.h"

#include <caisson/result.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace caisson::net {

/// Finds the addresses of a host.
///
/// Threads: safe to call concurrently.
class Resolver {
 public:
  Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  virtual ~Resolver() = default;

  /// All addresses that the host has now, at least one, each once, in the order in which to try them.
  /// Errors: unavailable / net.unknown_host; deadline_exceeded / net.deadline; cancelled / net.stopped;
  /// resource_exhausted / net.busy.
  [[nodiscard]] virtual Result<std::vector<IpAddress>> resolve(const std::string& host, const Patience& patience) = 0;
};

/// Asks the system, however long that takes: the addresses, or why there are none.
using SystemLookup = std::function<Result<std::vector<IpAddress>>(const std::string& host)>;
[[nodiscard]] Result<std::vector<IpAddress>> ask_system(const std::string& host);

/// The machine's: its hosts file, its name servers.
///
/// A look-up of the system cannot be interrupted, so each has a thread of its own, which is left to itself when
/// patience ends; it touches nothing but its own answer. At most 32 are under way at once. Lifetime: the environment
/// outlives it; `lookup` is copied, and what it refers to outlives every look-up.
[[nodiscard]] std::unique_ptr<Resolver> make_resolver(const base::Environment& environment,
                                                      SystemLookup lookup = &ask_system);

}  // namespace caisson::net
