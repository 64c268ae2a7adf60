#pragma once

#include "sandbox/limit_table.h"
#include "sandbox/usage.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace caisson::sandbox {

/// A limit that the calls of a session have together.
struct SessionLimit {
  std::string_view key;     ///< its row of limit_table
  std::string_view reason;  ///< of the error of a call that it ends; empty: it ends none, or is that of one instance
  std::uint64_t (*used)(const Usage& usage) noexcept = nullptr;  ///< of it, in the row's unit
};

/// All of them, in the order of limit_table. Every other limit is of one call, or of what an image has no way to:
/// files, standard output.
[[nodiscard]] std::span<const SessionLimit> session_limits() noexcept;

/// What the next call may use. Memory is not used up.
[[nodiscard]] Limits limits_left(const Limits& limits, const Usage& used);

/// What the message is of a call that was ended for `reason` when `limits` are those of its session; empty: what it
/// was.
[[nodiscard]] std::string session_limit_message(std::string_view reason, const Limits& limits);

}  // namespace caisson::sandbox
