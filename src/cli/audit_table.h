#pragma once

#include "document/value.h"

#include <string>

namespace caisson::cli {

/// The line above the records of an audit log, as `audit show` prints them.
[[nodiscard]] std::string audit_table_head();

/// A record as a row, and a row below it for each violation; escaped. Fields that are missing or of another kind are
/// left out: nothing in the log is to be trusted.
[[nodiscard]] std::string audit_table_rows(const document::Value& record);

}  // namespace caisson::cli
