#include "workflow/node_rules.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace caisson::workflow {

namespace {

constexpr std::array<std::string_view, 3> kBackoffs{"fixed", "linear", "exponential"};

bool matches(std::string_view pattern, const Error& error) {
  if (pattern.ends_with(".*")) {
    return error.reason.starts_with(pattern.substr(0, pattern.size() - 1));
  }
  return pattern == error.reason || pattern == to_string(error.category);
}

}  // namespace

std::string_view to_string(Backoff backoff) noexcept { return kBackoffs.at(static_cast<std::size_t>(backoff)); }

std::optional<Backoff> backoff_from(std::string_view name) noexcept {
  const auto found = std::ranges::find(kBackoffs, name);
  return found == kBackoffs.end() ? std::nullopt : std::optional(static_cast<Backoff>(found - kBackoffs.begin()));
}

bool RetryRule::covers(const NodeOutcome& outcome) const noexcept {
  if (!outcome.error) {
    return false;
  }
  const Error& error = *outcome.error;
  const bool violated = outcome.details && !outcome.details->violations.empty();
  if (violated || error.category == Category::kPermissionDenied || error.category == Category::kCancelled) {
    return false;
  }
  return on.empty() || std::ranges::any_of(on, [&](const std::string& pattern) { return matches(pattern, error); });
}

std::chrono::nanoseconds RetryRule::wait_before(std::uint32_t attempt, double chance) const noexcept {
  const double first = static_cast<double>(delay.count());
  const double repetitions = attempt < 2 ? 0.0 : static_cast<double>(attempt - 2);
  const double grown = backoff == Backoff::kFixed    ? first
                       : backoff == Backoff::kLinear ? first * (repetitions + 1)
                                                     : first * std::exp2(repetitions);
  const double most = std::min(grown, static_cast<double>(longest.count()));
  return std::chrono::nanoseconds(static_cast<std::int64_t>(most * (1.0 - jitter * (1.0 - chance))));
}

}  // namespace caisson::workflow
