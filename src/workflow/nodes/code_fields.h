#pragma once

#include "workflow/internal/node_reading.h"
#include "workflow/nodes/code.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace caisson::workflow {

/// `imports`: all that code may import; nothing when it is not there.
[[nodiscard]] std::optional<std::vector<std::string>> read_imports(Fields& fields, Problems& problems);

/// The fields of a code node.
[[nodiscard]] std::shared_ptr<const NodeSpec> read_code(NodeReading& reading);

}  // namespace caisson::workflow
