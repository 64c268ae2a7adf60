#pragma once

#include "base/environment.h"

#include <caisson/runtime.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace caisson::cli {

/// What the user wants the output to look like.
enum class Look : std::uint8_t {
  kNormal,
  kPlain,  ///< --plain: ASCII signs and no colour, wherever it goes
};

/// How to print to `descriptor`: colour only when it is a terminal that shows it and NO_COLOR is not set; ASCII signs
/// where the locale says that text is not UTF-8. A locale that nobody set says nothing.
[[nodiscard]] ReportOptions report_options(int descriptor, Look look, const base::Environment& environment);

/// Whether `descriptor` is a terminal on which a line can be drawn anew.
[[nodiscard]] bool can_redraw(int descriptor, const base::Environment& environment);

/// Bytes of a guest, or anybody else's, for a terminal: line feeds and tabs as they are, everything that could steer
/// the terminal made visible as base::printable does.
[[nodiscard]] std::string terminal_text(std::string_view bytes);

/// JSON for a terminal: the control characters that JSON lets stand, DEL and U+0080 to U+009F, as `\u009b`. The same
/// values.
[[nodiscard]] std::string terminal_json(std::string_view json);

/// Whether the environment's locale is one whose text is UTF-8, or there is none.
[[nodiscard]] bool is_utf8_locale(const base::Environment& environment);

}  // namespace caisson::cli
