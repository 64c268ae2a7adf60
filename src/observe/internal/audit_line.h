#pragma once

#include "base/digest.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::observe {

// The form of a line, for whoever writes and whoever reads it:
//
//   {"seq":7,"time":"2026-11-21T14:28:27.123456Z","type":"call",...,"prev":"HEX","hash":"HEX"}
//
// `hash` is over all bytes before `,"hash":`, `prev` the hash of the line before. Lines are printable ASCII.

/// Longest line, its line break not counted. Caps on what a record holds keep every line below it.
inline constexpr std::size_t kMaxAuditLine = 128 << 10;

/// The hash that the first line follows.
[[nodiscard]] std::string_view first_audit_hash() noexcept;

/// The hash of a line's bytes, hexadecimal: SHA-256, or HMAC-SHA-256 under a key that is not empty.
[[nodiscard]] std::string audit_hash(std::string_view key, std::string_view bytes);

/// The parts of a line that the chain is made of; views into it.
struct AuditFrame {
  std::uint64_t sequence = 0;
  std::string_view type;
  std::string_view fields;  ///< what follows the type: `,"call":...`, or empty
  std::string_view prev;
  std::string_view hash;
  std::string_view sealed;  ///< what `hash` is over
};

/// Nothing when the line has not that form.
[[nodiscard]] std::optional<AuditFrame> parse_audit_frame(std::string_view line) noexcept;

/// The value of a field `,"NAME":123` at the beginning of `fields`.
[[nodiscard]] std::optional<std::uint64_t> first_audit_number(std::string_view fields, std::string_view name) noexcept;

/// Appends `text` as a JSON string of printable ASCII: everything else is `\u00XX`, a byte that is not UTF-8 too.
void append_audit_string(std::string& out, std::string_view text);

void append_audit_number(std::string& out, std::uint64_t number);

/// Appends `2026-11-21T14:28:27.123456Z`.
class AuditTime {
 public:
  void append(std::string& out, std::chrono::system_clock::time_point time);

 private:
  std::chrono::sys_seconds second_{std::chrono::seconds(-1)};
  std::string text_;  // of that second
};

}  // namespace caisson::observe
