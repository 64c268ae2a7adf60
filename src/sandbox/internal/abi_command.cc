#include "base/unicode.h"
#include "sandbox/internal/abi.h"
#include "sandbox/internal/imports.h"

#include <fmt/format.h>

#include <algorithm>

namespace caisson::sandbox {

namespace {

constexpr std::size_t kErrorTextBytes = 500;  // of standard error in a message

/// The end of what a program wrote to standard error: the part that says why it failed.
std::string_view last_words(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  return text.substr(text.size() - std::min(text.size(), kErrorTextBytes));
}

}  // namespace

std::optional<Failure> call_command(engine::Instance& instance, const Limits& limits) {
  if (const auto fault = instance.call(instance.function(kStart), {})) {
    return to_failure(*fault, limits);
  }
  return std::nullopt;
}

std::optional<Failure> exit_failure(std::int32_t code, const Guest& guest) {
  if (code == 0 && guest.abi == GuestAbi::kCommand) {
    return std::nullopt;
  }
  return Failure{
      OutcomeStatus::kGuestError,
      {Category::kGuestFault, "sandbox.exit_code", fmt::format("the program ended with exit code {}", code)}};
}

void explain_failure(Outcome& outcome) {
  if (!outcome.error || (outcome.status != OutcomeStatus::kTrap && outcome.status != OutcomeStatus::kGuestError)) {
    return;
  }
  const auto denied = std::ranges::find(outcome.violations, ViolationKind::kCapability, &Violation::kind);
  constexpr std::string_view kTold = "Capability not granted: ";  // a guest may say the same in its own error
  const bool said = denied != outcome.violations.end() && denied->description.starts_with(kTold) &&
                    outcome.error->message.find(denied->description.substr(kTold.size())) != std::string::npos;
  if (denied != outcome.violations.end() && !said) {
    outcome.error->message += fmt::format(" ({})", denied->description);
  }
  if (const std::string_view words = last_words(outcome.captured.standard_error); !words.empty()) {
    outcome.error->message += fmt::format(": {}", base::printable(words));
  }
}

}  // namespace caisson::sandbox
