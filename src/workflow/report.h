#pragma once

#include "workflow/definition.h"
#include "workflow/plan.h"
#include "workflow/run_record.h"

#include <caisson/error.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace caisson::workflow {

/// What the report's own signs are made of. The data of a run is never changed by it.
enum class Decoration : std::uint8_t { kUnicode, kAscii };
enum class Colour : std::uint8_t { kNever, kAlways };

struct ReportStyle {
  Decoration decoration = Decoration::kUnicode;
  Colour colour = Colour::kNever;
};

inline constexpr std::string_view kReportTitle = "Caisson Workflow Run";

/// A value in the chain is cut after so many code points.
inline constexpr std::size_t kShownCodePoints = 2'000;
/// Of what the code of a node printed or logged so many lines are shown.
inline constexpr std::size_t kShownLines = 20;

/// The report of `run` for people, piece by piece: the header once; for each definition the block of its run, with the
/// separator before every one but the first; the footer once. Each piece ends with a newline and begins with the empty
/// line that belongs before it.
///
/// All text that came from a user or a guest is escaped: it cannot move the cursor or change colours.
[[nodiscard]] std::string report_header(std::string_view input, std::span<const std::string> files,
                                        const ReportStyle& style = {});
[[nodiscard]] std::string report_separator(const ReportStyle& style = {});
[[nodiscard]] std::string report_footer(const ReportStyle& style = {});

/// Configuration, results, the chain of nodes by rank and then in the order of the definition, and, when the run
/// succeeded, the final transformation. The failure of a run that did not is in `report_failure`.
[[nodiscard]] std::string report_run(const Definition& definition, const Plan& plan, const RunRecord& record,
                                     const ReportStyle& style = {});

/// `Failed to execute FILE: ERROR`, for standard error; problems in a text follow, one to a line, with their places.
[[nodiscard]] std::string report_failure(std::string_view file, const Error& error, const ReportStyle& style = {});

}  // namespace caisson::workflow
