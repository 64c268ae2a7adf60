#pragma once

#include "document/value.h"
#include "workflow/definition.h"
#include "workflow/plan.h"
#include "workflow/run_record.h"

#include <caisson/error.h>

namespace caisson::workflow {

/// A run for programs, as `--json` prints it. Names and meanings: docs/reference/run-json.md; they stay as they are
/// once released. Nothing is cut.
[[nodiscard]] document::Value to_value(const Definition& definition, const Plan& plan, const RunRecord& record);

/// An error for programs: category, reason, message, the source documents' names for it, and its diagnostics.
[[nodiscard]] document::Value to_value(const Error& error);

/// One problem of a text for programs.
[[nodiscard]] document::Value to_value(const Diagnostic& diagnostic);

}  // namespace caisson::workflow
