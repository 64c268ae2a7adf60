#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace caisson::engine {

/// Why guest code did not return.
enum class FaultKind : std::uint8_t {
  kTrap,           ///< the code did what WebAssembly forbids: unreachable, out of bounds, division by zero ...
  kFuel,           ///< its fuel ran out
  kDeadline,       ///< its wall time ran out
  kCancelled,      ///< the caller asked to stop
  kMemoryLimit,    ///< it asked for more memory than its limit
  kTableLimit,     ///< it asked for more table elements than its limit
  kInstanceLimit,  ///< a component has more core instances, memories or tables than its limit
  kHandleLimit,    ///< a component asked for more handles of resources than its limit
  kTransferLimit,  ///< a component handed more to the host at once than its limit
  kStackOverflow,  ///< it used up its stack
  kStopped,        ///< a host function ended it, and knows why
  kNoSlot,         ///< every slot of the pool is taken; trying again later helps
  kHost,           ///< a fault of the host
};

struct Fault {
  FaultKind kind = FaultKind::kHost;
  /// What happened, in a few words. May contain names chosen by the guest: escape before printing.
  std::string detail;

  friend bool operator==(const Fault&, const Fault&) = default;
};

/// `trap`, `fuel`, `deadline` ...
[[nodiscard]] std::string_view to_string(FaultKind kind) noexcept;

}  // namespace caisson::engine
