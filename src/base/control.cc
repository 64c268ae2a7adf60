#include "base/control.h"

#include <algorithm>
#include <array>
#include <atomic>

namespace caisson::base {

namespace {

struct Row {
  Control control;
  std::string_view name;
  std::string_view promise;
};

constexpr auto kRows = std::to_array<Row>({
    {Control::kAuditChain, "audit_chain", "an edited, removed or reordered line of the audit log is found"},
    {Control::kCacheSeal, "cache_seal", "machine code that this installation did not write is not run"},
    {Control::kCeiling, "ceiling", "a definition gets no more than its operator allows"},
    {Control::kClockCoarse, "clock_coarse", "a coarse clock moves in steps of a millisecond"},
    {Control::kClockGrant, "clock_grant", "a guest knows no time that it was not granted"},
    {Control::kCompileDeadline, "compile_deadline", "compiling ends, whatever the module is"},
    {Control::kCompileMemory, "compile_memory", "compiling takes no more memory than it may"},
    {Control::kCpu, "cpu", "a guest takes no more time of a processor than it may"},
    {Control::kCpuShare, "cpu_share", "a guest takes no larger share of a processor than it may"},
    {Control::kCreatedFiles, "created_files", "a guest makes no more files and folders than it may"},
    {Control::kDeadline, "deadline", "a call ends at its deadline, running or waiting"},
    {Control::kDenyList, "deny_list", "what the operator denies stays denied, whatever else is allowed"},
    {Control::kEmitLimit, "emit_limit", "a guest emits no more than it may"},
    {Control::kFeatures, "features", "a module uses no WebAssembly proposal that its policy leaves out"},
    {Control::kFileBytes, "file_bytes", "a guest writes no more bytes than it may"},
    {Control::kFileKind, "file_kind", "a guest opens regular files and directories, never a device, pipe or socket"},
    {Control::kFileRate, "file_rate", "a guest reads and writes files no faster than it may"},
    {Control::kFileRead, "file_read", "a guest reads no more bytes of files than it may"},
    {Control::kFileRights, "file_rights", "what is granted to read is not written"},
    {Control::kFuel, "fuel", "a guest runs no more instructions than it may"},
    {Control::kGuestPointer, "guest_pointer", "a host function touches no memory but the guest's"},
    {Control::kHostCalls, "host_calls", "a guest calls the host no more often than it may"},
    {Control::kHttpAddress, "http_address", "no request reaches an address that is not public, unless it is named"},
    {Control::kHttpBytes, "http_bytes", "a request moves no more bytes than it may"},
    {Control::kHttpDeadline, "http_deadline", "a request ends at the deadline of its call"},
    {Control::kHttpHeaders, "http_headers", "a guest sets no header that changes where a request ends or begins"},
    {Control::kHttpPattern, "http_pattern", "a request goes only where a grant says"},
    {Control::kHttpPin, "http_pin", "the address that was checked is the one connected to"},
    {Control::kHttpProxy, "http_proxy", "the machine's proxy settings do not redirect a request"},
    {Control::kHttpRedirect, "http_redirect", "a redirect is an answer, not a second request"},
    {Control::kHttpRequests, "http_requests", "a guest sends no more requests than it may"},
    {Control::kIdle, "idle", "a guest waits no longer at a time than it may"},
    {Control::kImportGrant, "import_grant", "a module that imports what is not granted does not begin"},
    {Control::kInputLimit, "input_limit", "a guest is given no more than it may take"},
    {Control::kInstances, "instances", "a component makes no more instances than it may"},
    {Control::kKeyValueLimit, "key_value_limit", "a run keeps no more in its key-value store than it may"},
    {Control::kLogLimit, "log_limit", "a guest logs no more than it may"},
    {Control::kMemory, "memory", "a guest has no more memory than it may"},
    {Control::kMemoryGrowth, "memory_growth", "a guest's memory grows no faster than it may"},
    {Control::kModuleSize, "module_size", "a module has no more bytes than it may"},
    {Control::kNativeGrant, "native_grant", "nothing runs outside of a sandbox unless the operator allows it"},
    {Control::kOpenFiles, "open_files", "a guest has no more files open than it may"},
    {Control::kOutputEscape, "output_escape", "what a guest says cannot steer a terminal or forge a record"},
    {Control::kPathBeneath, "path_beneath",
     "no path leads out of a granted directory, and links are followed only where granted"},
    {Control::kProposals, "proposals", "a module uses no WebAssembly proposal that its profile has off"},
    {Control::kRandomGrant, "random_grant", "a guest has no randomness that it was not granted"},
    {Control::kRandomLimit, "random_limit", "a guest takes no more randomness than it may"},
    {Control::kResultLimit, "result_limit", "a result has no more bytes than it may"},
    {Control::kRunMemory, "run_memory", "the guests of a run hold no more memory together than they may"},
    {Control::kSecretHost, "secret_host", "a secret goes to the hosts it belongs to and nowhere else"},
    {Control::kSecretRedaction, "secret_redaction", "a secret's value is not shown when it comes back"},
    {Control::kSessionCount, "session_count", "a program has no more sessions at a time than it may, forks included"},
    {Control::kSessionIdle, "session_idle", "a session that nobody uses ends, and its memory is free"},
    {Control::kSessionTotals, "session_totals",
     "all calls of a session together use no more than it may, those before a fork or a snapshot included"},
    {Control::kSnapshotOrigin, "snapshot_origin",
     "a snapshot is restored only with the image, imports and grants that it was made with"},
    {Control::kSnapshotSeal, "snapshot_seal",
     "a snapshot that was changed, or sealed by somebody else, is not restored"},
    {Control::kStack, "stack", "a guest's stack is no deeper than it may be"},
    {Control::kStderrLimit, "stderr_limit", "a guest writes no more to standard error than it may"},
    {Control::kStdinGrant, "stdin_grant", "a guest reads no standard input that it was not granted"},
    {Control::kStdoutLimit, "stdout_limit", "a guest writes no more to standard output than it may"},
    {Control::kStructure, "structure", "a module whose structure is out of proportion is not compiled"},
    {Control::kTables, "tables", "a guest has no larger tables than it may"},
    {Control::kTlsVerification, "tls_verification", "nothing is said to a server that is not the one its URL names"},
});

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].control) != i) {
      return false;
    }
  }
  return std::ranges::is_sorted(kRows, {}, &Row::name);
}
static_assert(in_order());

constexpr auto kAll = [] {
  std::array<Control, kRows.size()> all{};
  std::ranges::transform(kRows, all.begin(), &Row::control);
  return all;
}();

}  // namespace

std::string_view to_string(Control control) noexcept { return kRows[static_cast<std::size_t>(control)].name; }

std::string_view promise(Control control) noexcept { return kRows[static_cast<std::size_t>(control)].promise; }

std::optional<Control> parse_control(std::string_view name) noexcept {
  const auto* const found = std::ranges::lower_bound(kRows, name, {}, &Row::name);
  return found != kRows.end() && found->name == name ? std::optional(found->control) : std::nullopt;
}

std::span<const Control> all_controls() noexcept { return kAll; }

#if CAISSON_SWITCHABLE_CONTROLS

namespace {
std::array<std::atomic<bool>, kRows.size()> switched_off{};
}  // namespace

bool holds(Control control) noexcept {
  return !switched_off[static_cast<std::size_t>(control)].load(std::memory_order_relaxed);
}

void switch_control(Control control, bool on) noexcept {
  switched_off[static_cast<std::size_t>(control)].store(!on, std::memory_order_relaxed);
}

#endif

}  // namespace caisson::base
