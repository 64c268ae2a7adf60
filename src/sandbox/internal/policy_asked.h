#pragma once

#include "sandbox/policy_ceiling.h"
#include "sandbox/policy_request.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::sandbox {

/// The grants that count, put together from all requests, and what they replaced.
struct Asked {
  PolicyRequest grants{};
  std::vector<std::pair<std::string_view, LostValue>> lost{};  ///< with the name of the grant
};

/// Puts requests together, farthest first. `operators`: the nearest of all, whose lists add to the others' instead of
/// replacing them; what has the name of one of its items gives way. May be null.
[[nodiscard]] Asked put_together(std::span<const PolicyRequest* const> requests, const PolicyRequest* operators);

/// Part of a message: what somebody wrote, made harmless and not too long.
[[nodiscard]] std::string shown(std::string_view text);

/// A value as a definition would say it.
[[nodiscard]] std::string text_of(const DirectoryGrant& grant);
[[nodiscard]] std::string text_of(const VariableGrant& grant);
[[nodiscard]] std::string text_of(const std::string& name);
[[nodiscard]] std::string text_of(const NetGrant& grant);
[[nodiscard]] std::string text_of(bool value);
[[nodiscard]] std::string text_of(ClockMode mode);
[[nodiscard]] std::string text_of(const RandomRequest& random);
[[nodiscard]] std::string text_of(const std::vector<std::string>& args);

/// Why a value that was written does not count.
inline constexpr std::string_view kNearer = "a nearer request replaces it";

}  // namespace caisson::sandbox
