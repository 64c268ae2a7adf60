#include "sandbox/violation.h"

namespace caisson::sandbox {

std::string_view to_string(ViolationKind kind) noexcept {
  switch (kind) {
    case ViolationKind::kTimeout:
      return "timeout";
    case ViolationKind::kCpuLimit:
      return "cpu_limit";
    case ViolationKind::kMemoryLimit:
      return "memory_limit";
    case ViolationKind::kStackLimit:
      return "stack_limit";
    case ViolationKind::kOutputLimit:
      return "output_limit";
    case ViolationKind::kHostCallLimit:
      return "host_call_limit";
    case ViolationKind::kFileLimit:
      return "file_limit";
    case ViolationKind::kNetworkLimit:
      return "network_limit";
    case ViolationKind::kRandomLimit:
      return "random_limit";
    case ViolationKind::kStorageLimit:
      return "storage_limit";
    case ViolationKind::kCapability:
      return "capability";
    case ViolationKind::kTermination:
      break;
  }
  return "termination";
}

std::string_view to_string(ViolationSeverity severity) noexcept {
  switch (severity) {
    case ViolationSeverity::kLow:
      return "low";
    case ViolationSeverity::kMedium:
      return "medium";
    case ViolationSeverity::kHigh:
      return "high";
    case ViolationSeverity::kCritical:
      break;
  }
  return "critical";
}

}  // namespace caisson::sandbox
