#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace caisson::base {

/// What keeps a guest in, each thing once. A build made for tests can switch one off at run time, so that an attack can
/// show the harm it would do; in what users run all of them hold and none can be switched (`holds` is a constant).
///
/// A control is asked for where it acts, in one place. docs/security.md lists them with the attacks that prove them.
enum class Control : std::uint8_t {
  kAuditChain,
  kCacheSeal,
  kCeiling,
  kClockCoarse,
  kClockGrant,
  kCompileDeadline,
  kCompileMemory,
  kCpu,
  kCpuShare,
  kCreatedFiles,
  kDeadline,
  kDenyList,
  kEmitLimit,
  kFeatures,
  kFileBytes,
  kFileKind,
  kFileRate,
  kFileRead,
  kFileRights,
  kFuel,
  kGuestPointer,
  kHostCalls,
  kHttpAddress,
  kHttpBytes,
  kHttpDeadline,
  kHttpHeaders,
  kHttpPattern,
  kHttpPin,
  kHttpProxy,
  kHttpRedirect,
  kHttpRequests,
  kIdle,
  kImportGrant,
  kInputLimit,
  kInstances,
  kKeyValueLimit,
  kLogLimit,
  kMemory,
  kMemoryGrowth,
  kModuleSize,
  kNativeGrant,
  kOpenFiles,
  kOutputEscape,
  kPathBeneath,
  kProposals,
  kRandomGrant,
  kRandomLimit,
  kResultLimit,
  kRunMemory,
  kSecretHost,
  kSecretRedaction,
  kSessionCount,
  kSessionIdle,
  kSessionTotals,
  kSnapshotOrigin,
  kSnapshotSeal,
  kStack,
  kStderrLimit,
  kStdinGrant,
  kStdoutLimit,
  kStructure,
  kTables,
  kTlsVerification,
};

/// Where tests are built too.
[[nodiscard]] constexpr bool controls_can_be_switched() noexcept {
#if CAISSON_SWITCHABLE_CONTROLS
  return true;
#else
  return false;
#endif
}

/// `path_beneath`
[[nodiscard]] std::string_view to_string(Control control) noexcept;
/// What it promises: `no path leads out of a granted directory`.
[[nodiscard]] std::string_view promise(Control control) noexcept;
[[nodiscard]] std::optional<Control> parse_control(std::string_view name) noexcept;
/// All, in the order of their names.
[[nodiscard]] std::span<const Control> all_controls() noexcept;

#if CAISSON_SWITCHABLE_CONTROLS
/// Threads: safe to call concurrently.
[[nodiscard]] bool holds(Control control) noexcept;
/// For tests. A control stays off until it is switched on.
void switch_control(Control control, bool on) noexcept;
#else
[[nodiscard]] constexpr bool holds(Control /*control*/) noexcept { return true; }
#endif

}  // namespace caisson::base
