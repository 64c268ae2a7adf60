#include "engine/fault.h"

namespace caisson::engine {

std::string_view to_string(FaultKind kind) noexcept {
  switch (kind) {
    case FaultKind::kTrap:
      return "trap";
    case FaultKind::kFuel:
      return "fuel";
    case FaultKind::kDeadline:
      return "deadline";
    case FaultKind::kCancelled:
      return "cancelled";
    case FaultKind::kMemoryLimit:
      return "memory_limit";
    case FaultKind::kTableLimit:
      return "table_limit";
    case FaultKind::kInstanceLimit:
      return "instance_limit";
    case FaultKind::kHandleLimit:
      return "handle_limit";
    case FaultKind::kTransferLimit:
      return "transfer_limit";
    case FaultKind::kStackOverflow:
      return "stack_overflow";
    case FaultKind::kStopped:
      return "stopped";
    case FaultKind::kNoSlot:
      return "no_slot";
    case FaultKind::kHost:
      break;
  }
  return "host";
}

}  // namespace caisson::engine
