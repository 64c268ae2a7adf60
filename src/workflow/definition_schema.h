#pragma once

#include "document/schema.h"
#include "document/value.h"

#include <string_view>

namespace caisson::workflow {

class Problems;

/// api/workflow.schema.json as it is written: what editors read.
[[nodiscard]] std::string_view definition_schema_text() noexcept;

/// The same, to check with. Made at the first call. Threads: safe.
[[nodiscard]] const document::Schema& definition_schema();

/// Adds what of a definition does not fit the schema, with its place: workflow.bad_value. Names that are written
/// without a value count as absent.
///
/// The reader of definitions finds the same and explains it better; it asks here last, so that nothing runs that the
/// published schema refuses (ADR 0016).
void check_with_schema(const document::Value& root, Problems& problems);

}  // namespace caisson::workflow
