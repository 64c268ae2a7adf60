#include "sandbox/outcome.h"

namespace caisson::sandbox {

std::string_view to_string(OutcomeStatus status) noexcept {
  switch (status) {
    case OutcomeStatus::kOk:
      return "ok";
    case OutcomeStatus::kGuestError:
      return "guest_error";
    case OutcomeStatus::kTrap:
      return "trap";
    case OutcomeStatus::kLimit:
      return "limit";
    case OutcomeStatus::kDenied:
      return "denied";
    case OutcomeStatus::kInvalid:
      return "invalid";
    case OutcomeStatus::kCancelled:
      return "cancelled";
    case OutcomeStatus::kHostError:
      break;
  }
  return "host_error";
}

}  // namespace caisson::sandbox
