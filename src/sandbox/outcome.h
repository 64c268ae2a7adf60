#pragma once

#include "sandbox/usage.h"
#include "sandbox/violation.h"

#include <caisson/error.h>
#include <caisson/payload.h>

#include <cstdint>
#include <optional>
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

/// What became of one call. A failure has an error and keeps its usage.
struct Outcome {
  OutcomeStatus status = OutcomeStatus::kHostError;
  Payload output{};              ///< of kOk
  std::optional<Error> error{};  ///< of everything else
  Usage usage{};
  std::vector<Violation> violations{};  ///< the limit that ended it, and everything that was asked for and denied
};

}  // namespace caisson::sandbox
