#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace caisson::base {

/// The candidate that `word` was probably meant to be: at most two edits away (one for words of up to four characters).
/// The closest wins; among equals the first. Otherwise the only one that it is the first word of: `timeout` of
/// `timeout_seconds`.
[[nodiscard]] std::optional<std::string_view> closest(std::string_view word,
                                                      std::span<const std::string_view> candidates);

/// ` (did you mean 'work_queue'?)`, or nothing when no candidate is close. For the end of a message.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);
[[nodiscard]] std::string did_you_mean(std::string_view word, std::initializer_list<std::string_view> candidates);

}  // namespace caisson::base
