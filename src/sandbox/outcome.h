#pragma once

#include "sandbox/usage.h"
#include "sandbox/violation.h"

#include <caisson/error.h>
#include <caisson/payload.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {

enum class OutcomeStatus : std::uint8_t {
  kOk,          ///< there is an output
  kGuestError,  ///< the guest says that it failed
  kTrap,        ///< the guest did what WebAssembly, or its ABI, forbids
  kLimit,       ///< a limit ended it
  kDenied,      ///< it asked for what its policy does not grant
  kInvalid,     ///< the call could not begin: the input or the module does not fit
  kCancelled,   ///< the caller asked to stop
  kHostError,   ///< a fault of the host
};

[[nodiscard]] std::string_view to_string(OutcomeStatus status) noexcept;

struct LogLine {
  std::uint8_t level = 0;  ///< 0 trace, 1 debug, 2 info, 3 warning, 4 error
  std::string text;        ///< as the guest gave it: escape before printing

  friend bool operator==(const LogLine&, const LogLine&) = default;
};

/// A record that a guest adds to the events of its run.
struct EmittedRecord {
  std::string topic;
  std::string bytes;

  friend bool operator==(const EmittedRecord&, const EmittedRecord&) = default;
};

/// What a guest wrote besides its output. All of it is the guest's: escape before printing.
struct Captured {
  std::string standard_output;  ///< empty for the command ABI, whose output it is
  std::string standard_error;
  std::vector<LogLine> log;
  std::uint64_t log_lines_dropped = 0;  ///< beyond the limit of log bytes
  std::vector<EmittedRecord> emitted;

  friend bool operator==(const Captured&, const Captured&) = default;
};

/// What became of one call. A failure has an error and keeps its usage, and what was captured until then.
struct Outcome {
  std::uint64_t call = 0;  ///< the id of the call in this process; 0 when it never began
  OutcomeStatus status = OutcomeStatus::kHostError;
  Payload output{};              ///< of kOk
  std::optional<Error> error{};  ///< of everything else
  Usage usage{};
  Captured captured{};
  std::optional<std::int32_t> exit_code{};  ///< of a program that ended itself
  std::vector<Violation> violations{};      ///< the limit that ended it, and everything that was asked for and denied
};

}  // namespace caisson::sandbox
