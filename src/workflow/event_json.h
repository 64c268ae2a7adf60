#pragma once

#include "document/value.h"
#include "workflow/run_events.h"

#include <string_view>

namespace caisson::workflow {

/// `node.started`: what a kind of event is called. Names stay as they are once released.
[[nodiscard]] std::string_view event_name(const RunEvent& event) noexcept;

/// Whose run it is, for those who see events of several.
struct RunIdentity {
  std::string_view run;         ///< its id
  std::string_view definition;  ///< the name of its definition
};

/// An event for programs, as a line of `--events` has it: docs/reference/events.md. Everything is there in full
/// but payloads: an event has their sizes, the JSON of the run has them.
[[nodiscard]] document::Value to_value(const RunEvent& event, const RunScope& scope, const RunIdentity& identity);

}  // namespace caisson::workflow
