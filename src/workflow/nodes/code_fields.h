#pragma once

#include "workflow/internal/node_reading.h"
#include "workflow/nodes/code.h"

#include <memory>

namespace caisson::workflow {

/// The fields of a code node.
[[nodiscard]] std::shared_ptr<const NodeSpec> read_code(NodeReading& reading);

}  // namespace caisson::workflow
