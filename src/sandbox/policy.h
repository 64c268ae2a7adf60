#pragma once

#include "sandbox/grants.h"
#include "sandbox/limits.h"

namespace caisson::sandbox {

/// What a call may use, and what it may touch: all a sandbox knows of who asked for what and who allowed it.
struct Policy {
  Limits limits{};
  Grants grants{};

  friend bool operator==(const Policy&, const Policy&) = default;
};

}  // namespace caisson::sandbox
