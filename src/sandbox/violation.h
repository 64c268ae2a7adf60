#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace caisson::sandbox {

/// What a guest did that its policy forbids. Limits that were reached and objects that were not granted are different
/// kinds.
enum class ViolationKind : std::uint8_t {
  kTimeout,      ///< wall time
  kCpuLimit,     ///< fuel or CPU time
  kMemoryLimit,  ///< memory or tables
  kStackLimit,
  kOutputLimit,  ///< result, stdout, stderr, log, emit
  kHostCallLimit,
  kFileLimit,  ///< descriptors, bytes, files created, rates
  kNetworkLimit,
  kRandomLimit,
  kStorageLimit,  ///< kv
  kCapability,    ///< it asked for what is not granted
  kTermination,   ///< an operator ended it
};

enum class ViolationSeverity : std::uint8_t { kLow, kMedium, kHigh, kCritical };

struct Violation {
  ViolationKind kind = ViolationKind::kCapability;
  ViolationSeverity severity = ViolationSeverity::kLow;
  /// What was used and what the limit is, or what was asked for and the grant that would allow it. Names in it that a
  /// guest chose are escaped already.
  std::string description;

  friend bool operator==(const Violation&, const Violation&) = default;
};

/// `timeout`, `cpu_limit`, `memory_limit` ... `capability`, `termination`
[[nodiscard]] std::string_view to_string(ViolationKind kind) noexcept;
/// `low`, `medium`, `high`, `critical`
[[nodiscard]] std::string_view to_string(ViolationSeverity severity) noexcept;

}  // namespace caisson::sandbox
