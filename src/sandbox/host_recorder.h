#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {

/// A call of a host function as the guest makes it. Views live until the recorder returns.
struct HostRequest {
  std::uint64_t ordinal = 0;  ///< among the host calls of one sandbox call, from 1
  std::string_view module;    ///< `wasi_snapshot_preview1`
  std::string_view function;  ///< `fd_read`
  /// The arguments that matter, one after the other: a number as 8 bytes, little-endian; bytes of the guest's memory as
  /// their length and themselves. Where results go is not part of it. The same request has the same bytes.
  std::string_view bytes;
};

/// What the guest got.
struct HostResult {
  /// Bytes that were put into the guest's memory.
  struct Write {
    std::uint32_t address = 0;
    std::string bytes;

    friend bool operator==(const Write&, const Write&) = default;
  };

  std::uint64_t value = 0;     ///< that was returned: an errno, mostly; 0 of a function without a result
  std::uint64_t fuel = 0;      ///< that was taken besides the function's own
  bool ends_the_call = false;  ///< a limit, the deadline, an exit: the guest never saw the value
  std::vector<Write> writes{};

  friend bool operator==(const HostResult&, const HostResult&) = default;
};

/// Sees each host call of a sandbox call with its result, and may answer it in the host's place: a call whose clock,
/// random bytes, files and keys are answered as they were recorded goes the same way again.
///
/// What a guest gives away is done again, not answered, because the Outcome is made of it: standard output and error,
/// log lines, emitted records, the exit. So is what comes from the policy and the input alone: arguments, environment,
/// standard input. Each function's way is a column of its table (internal/host_registry.h).
///
/// Not in a recording: what the Outcome's usage and violations count of answered calls; time.
/// Threads: the guest's; a recorder of its own for each call.
class HostRecorder {
 public:
  HostRecorder() = default;
  HostRecorder(const HostRecorder&) = delete;
  HostRecorder& operator=(const HostRecorder&) = delete;
  virtual ~HostRecorder() = default;

  /// After each host call that was made. What is thrown ends the sandbox call as a fault of the host.
  virtual void on_result(const HostRequest& request, const HostResult& result) = 0;

  /// What to answer instead of making the call; nothing: it is made. Not asked for what is done again.
  [[nodiscard]] virtual std::optional<HostResult> next(const HostRequest& /*request*/) { return std::nullopt; }
};

}  // namespace caisson::sandbox
