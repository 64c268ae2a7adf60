#pragma once

#include "runtime/machinery.h"

#include <caisson/runtime.h>

#include <vector>

namespace caisson::runtime {

/// Checks the machine and the installation; the last check runs sandboxes.
[[nodiscard]] std::vector<Finding> diagnose(Machinery& machinery);

}  // namespace caisson::runtime
