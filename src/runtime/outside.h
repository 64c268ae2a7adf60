#pragma once

#include "net/address.h"
#include "net/resolver.h"

#include <caisson/runtime.h>

#include <cstdint>
#include <functional>
#include <memory>

namespace caisson::runtime {

/// What lies beyond guests instead of the machine's network: for attacks, which reach nothing real.
struct Outside {
  net::Resolver* resolver = nullptr;  ///< finds addresses; nullptr: the machine's name servers
  /// Asked before each connection is made; false: it is not. May be empty.
  std::function<bool(const net::IpAddress& address, std::uint16_t port)> on_connect{};
  /// Languages are compiled into the user's cache folder, whatever RuntimeOptions::cache_folder says.
  bool users_images = false;

  /// A runtime before which this lies. Lifetime: what it refers to outlives the runtime. Errors: as Runtime::create.
  [[nodiscard]] Result<std::unique_ptr<Runtime>> create(RuntimeOptions options) const;
};

}  // namespace caisson::runtime
